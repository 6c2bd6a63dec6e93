"""YAML documents: read in a stream, and refused where they are no such document."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.sources.published import PublishedFile, RowRefusal, UnreadKind, read_published
from scanner.sources.published.document import _AHEAD

Reading = Callable[[str], PublishedFile]

ENTRY = "- addr: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca\n  addr_type: sh\n  script: '51ae'\n  value: 150000000\n"
OTHER = "- {addr: 1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK, addr_type: pkh, value: 1}\n"
TOPS = "chain: main\nheight: 693062\n"
WHOLE = "address:\n" + ENTRY + OTHER + TOPS


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def read(text: str) -> PublishedFile:
        path = tmp_path / "20210728-reserves-693062-x.yaml"
        path.write_text(text, "utf-8")
        return read_published(path)

    return read


def refusal(reading: Reading, text: str) -> str:
    with pytest.raises(InputError) as caught:
        reading(text)
    return str(caught.value).partition("x.yaml")[2]


@pytest.mark.parametrize(
    "text", [WHOLE, TOPS + "address:\n" + ENTRY + OTHER, "---\n# ours\n" + WHOLE.replace("\n", "\r\n")]
)
def test_the_height_may_stand_before_the_list_or_behind_it(reading: Reading, text: str) -> None:
    published = reading(text)
    assert [(row.account_text[:2], row.claimed, row.height) for row in published] == [
        ("3K", Fraction("1.5"), 693062),
        ("1L", Fraction(1, 10**8), 693062),
    ]
    assert str(next(iter(published)).asset) == "bip122:000000000019d6689c085ae165831e93/slip44:0"
    assert published.parts[0].day == "2021-07-28"


def test_a_script_is_kept_as_proof_and_the_line_is_the_entrys(reading: Reading) -> None:
    first, second = reading(WHOLE)
    assert first.ownership is not None
    assert (first.ownership.key, first.ownership.signatures) == ("51ae", ())
    assert (first.line, second.line) == (2, 6)


@pytest.mark.parametrize("amount", ["1.5", "1e8", "-1", "x"])
def test_an_amount_that_cannot_be_read_costs_no_entry(reading: Reading, amount: str) -> None:
    published = reading("address:\n" + OTHER + ENTRY.replace("150000000", amount) + TOPS)
    assert (published.account.read, published.account.accepted) == (2, 2)
    assert published.account.unread == {UnreadKind.AMOUNT: 1}
    assert [row.claimed for row in published][1] is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("- addr: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJscb\n", RowRefusal.BAD_ADDRESS),
        ("- addr: null\n", RowRefusal.NO_ADDRESS),
        ("- value: 5\n", RowRefusal.NO_ADDRESS),
        ("- just text\n", RowRefusal.NO_ADDRESS),
        ("- [addr, 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca]\n", RowRefusal.NO_ADDRESS),
        (ENTRY.replace("sh", "unspendable"), RowRefusal.UNSPENDABLE),
        (OTHER, RowRefusal.DUPLICATE),
        (OTHER.replace("value: 1", "value: 2"), RowRefusal.CONFLICT),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_with_its_line(
    reading: Reading, entry: str, reason: RowRefusal
) -> None:
    account = reading("address:\n" + OTHER + entry + TOPS).account
    assert (account.read, account.accepted, account.refused) == (2, 1, {reason: 1})
    assert account.listed[0].place.line == 3


def test_an_entry_may_have_no_amount_and_fields_that_nobody_knows(reading: Reading) -> None:
    published = reading("address:\n- addr: 1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK\n  more: {deep: [1, {er: 2}]}\n" + TOPS)
    assert [row.claimed for row in published] == [None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE.replace("main", "test"), ": chain is 'test'; known are main"),
        (WHOLE.replace("693062", "many"), ": height is 'many'; expected a block height"),
        (WHOLE + "height: 5\n", ":9: the key height stands twice"),
        (WHOLE.replace("value: 1}", "value: 1"), "is not YAML"),
        ("address:\n- &a {addr: x}\n- *a\n" + TOPS, ":3: is an alias"),
        ("address: {addr: x}\n" + TOPS, ":1: address is no list"),
        ("address:\n" + TOPS, "address is no list"),
        ("address: []\n" + TOPS, ": no row is accepted (there is none)"),
        (WHOLE.replace("height: 693062", "? [a]\n: b\nheight: 693062"), "no layout fits"),
        ("height: 693062\nchain: main\n", "no layout fits"),
    ],
)
def test_what_is_no_such_document_is_refused(reading: Reading, text: str, told: str) -> None:
    assert told in refusal(reading, text)


def test_a_height_that_the_parser_reads_otherwise_is_refused(reading: Reading) -> None:
    assert ":8: height goes on behind its line" in refusal(reading, WHOLE + "  5\n")


def test_a_value_without_end_is_refused_before_it_is_held(reading: Reading) -> None:
    endless = "  script: '" + ("x" * 1000 + "\n    ") * (5 * _AHEAD // 4000) + "'\n"
    assert "holds a value of more than" in refusal(reading, WHOLE.replace("  script: '51ae'\n", endless))
