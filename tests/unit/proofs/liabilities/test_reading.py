"""Published files are read as they are written, within bounds, and what is no such file is refused by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.shows import Shows, weakest
from scanner.proofs.liabilities import SCHEMES, NotUnderstood, Refuted, TooLarge, find_scheme, scheme_names
from scanner.proofs.liabilities.reading import JsonFields, Lines, Number, json_value, whole
from tests.support.liabilities.published_files import file
from tests.support.tables import each_of


@given(
    lines=st.lists(st.text(alphabet="abc", max_size=5), max_size=30), piece=st.integers(1, 9), block=st.integers(1, 7)
)
def test_blocks_of_lines_hold_every_line_once_and_so_many_each(lines: list[str], piece: int, block: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    blocks = taken(text, piece, block)
    assert b"".join(blocks) == text.encode()
    assert [each.count(b"\n") for each in blocks[:-1]] == [block] * (len(blocks) - 1)
    assert not blocks or 1 <= blocks[-1].count(b"\n") <= block


def taken(text: str, piece: int, block: int) -> list[bytes]:
    lines, blocks = Lines(file(text, piece=piece), 5), []
    while not lines.ended:
        blocks.append(lines.take(block))
    assert lines.take(block) == b""
    return blocks


def test_a_last_line_without_a_line_feed_is_a_line() -> None:
    assert taken("a\nb", 2, 5) == [b"a\nb\n"]
    assert taken("a\nb", 1, 1) == [b"a\n", b"b\n"]


@pytest.mark.parametrize("text", ["abcdefghi", "a\nabcdefgh", "a" * 1000])
def test_a_line_that_never_ends_is_refused(text: str) -> None:
    with pytest.raises(TooLarge, match=r"a line of too many bytes: .*limit 5"):
        taken(text, 3, 2)


def test_a_file_beyond_the_bound_is_refused_before_it_is_held() -> None:
    with pytest.raises(TooLarge, match="limit 9"):
        whole(file("a" * 10), 9)


def test_numbers_stay_as_they_are_written() -> None:
    value = json_value(b'{"a": 0.10000000000000000000001, "b": -1, "c": 1e5}', "file.json")
    assert value == {"a": "0.10000000000000000000001", "b": "-1", "c": "1e5"}
    assert all(isinstance(each, Number) for each in value.values())


@each_of(
    "text",
    [b"", b"{", b'{"a": 1, "a": 1}', b"NaN", b'{"a": Infinity}', b"\xff", b"[" * 100, b'{"a": 1} x', b"[" * 10**6],
)
def test_what_is_no_json_text_is_not_understood(text: bytes) -> None:
    with pytest.raises(NotUnderstood, match=r"file\.json"):
        json_value(text, "file.json")


def test_a_field_that_is_not_as_expected_is_named_by_where_it_stands() -> None:
    fields = JsonFields({"a": {"b": "x"}, "n": Number("7"), "list": [{}, 1]}, "file.json")
    with pytest.raises(NotUnderstood, match=r"file\.json\.a\.b: 'x'"):
        fields.object("a").text("b", "y")
    with pytest.raises(NotUnderstood, match="no field 'c'"):
        fields.object("a").text("c")
    with pytest.raises(NotUnderstood, match=r"list\[1\]: expected a JSON object"):
        fields.objects("list", 2)
    with pytest.raises(TooLarge, match=r"2 entries: .*limit 1"):
        fields.objects("list", 1)
    with pytest.raises(Refuted, match="7 is not between 8 and 9"):
        fields.number("n", 8, 9)
    with pytest.raises(NotUnderstood, match="7; expected 8 or more"):
        fields.setting("n", 8, 9)
    with pytest.raises(TooLarge, match="limit 6"):
        fields.setting("n", 5, 6)
    with pytest.raises(NotUnderstood, match="unknown field 'list'"):
        fields.only("a", "n")


def test_text_that_cannot_be_encoded_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        JsonFields(json_value(b'{"a": "\\ud800"}', "file.json"), "file.json").text("a")


def test_the_words_have_an_order_and_nothing_is_shown_by_nothing() -> None:
    assert list(Shows) == sorted(Shows, key=lambda word: word.strength)
    assert weakest([Shows.TOTAL_PROVEN, Shows.INCLUDED, Shows.SUM_BOUND]) is Shows.INCLUDED
    with pytest.raises(ValueError, match="empty"):
        weakest([])


def test_a_scheme_that_nobody_offers_is_no_scheme() -> None:
    with pytest.raises(KeyError):
        find_scheme("no-such-scheme")
    assert "no-such-scheme" not in scheme_names()


def test_every_scheme_of_the_registry_is_there() -> None:
    for name in SCHEMES:
        scheme = find_scheme(name)
        assert callable(scheme.judge)
        assert callable(scheme.includes)
