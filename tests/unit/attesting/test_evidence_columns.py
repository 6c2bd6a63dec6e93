"""Evidence text written and read in columns: to the byte, and to the word of every refusal, as it is line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attesting.evidence_columns import decode_parts, encode_parts
from scanner.attesting.evidence_csv import HEADER, MAX_LINE_BYTES, EvidenceError, decode, encode
from scanner.attesting.evidence_gzip import compress, lines_in, texts
from scanner.core.columns import Accounts
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_part import AT_A_TIME, EvidencePart, parts_of
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.lower_bound import AtLeast, denies, implies
from scanner.errors import Why
from scanner.weighing.holdings import holding_order
from tests.support.evidence_rows import (
    ALICE,
    BTC,
    BTC_BLOCK,
    ELSEWHERE,
    ETH,
    ETH_BLOCK,
    USDT,
    a_row,
    accounts,
    amounts,
    balances,
    blocks,
    gaps,
    owners,
)
from tests.support.strength import examples
from tests.support.tables import each_of

AGREED = Balance(1500, Basis.QUORUM, ("alpha", "beta"))
DISSENT = Balance(1500, Basis.QUORUM, ("alpha", "beta"), (("gamma", 7),))
LOST = Gap(Why.UNREACHABLE, "alpha: timed out, twice")
PROVEN = Balance(1500, Basis.PROVEN, ("alpha",))
SAID = Gap(Why.DISAGREEMENT, "the proof shows 3", (("alpha", 7), ("beta", 8)), 3)
BOUND = Balance(1500, Basis.QUORUM, ("alpha",), (("beta", AtLeast(7)),), at_least=True)
FEW: tuple[Outcome, ...] = (
    AGREED,
    AGREED,
    replace(BOUND, dissent=()),
    BOUND,
    PROVEN,
    DISSENT,
    LOST,
    Gap(Why.NO_QUORUM),
    SAID,
)

OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(st.sampled_from(FEW), balances(), gaps)


@st.composite
def many_rows(draw: st.DrawFn) -> list[EvidenceRow]:
    """Rows of a few assets, most of which are alike but for account and amounts."""
    rows = {}
    for asset in draw(st.lists(st.sampled_from([ETH, USDT, BTC, ELSEWHERE]), min_size=1, max_size=2, unique=True)):
        block = draw(st.sampled_from([blocks[asset]] * 4 + [""]))
        for account in draw(st.lists(accounts[asset], max_size=8)):
            outcome = draw(OUTCOMES)
            if isinstance(outcome, Balance):
                other = replace(outcome, atoms=draw(amounts))
                unlike = denies if outcome.basis is Basis.PROVEN else lambda word, said: not implies(word, said)
                if all(unlike(word, other.word) for _, word in other.dissent):
                    outcome = other
            if not block:
                outcome = LOST
            claimed = draw(st.one_of(st.none(), st.just(getattr(outcome, "atoms", 5)), amounts))
            there = draw(
                st.sampled_from([None, None, Elsewhere(blocks[asset], 5), Elsewhere(blocks[asset]), Elsewhere()])
            )
            row = EvidenceRow(
                asset,
                account,
                block,
                outcome,
                claimed,
                draw(st.sampled_from([Control.ABSENT, Control.SHOWN])),
                draw(st.one_of(st.none(), st.none(), owners)),
                None if claimed is None else there,
                0 if claimed is None else draw(st.sampled_from([0, 0, 50])),
                draw(st.sampled_from([None, None, 18_600_000])),
            )
            rows[holding_order(asset, account)] = row
    return [rows[order] for order in sorted(rows)]


def outcome_of(work: Callable[[], Iterable[Any]]) -> tuple[list[Any], str]:
    """What came of it before it failed, and how."""
    done: list[Any] = []
    try:
        for each in work():
            done.append(each)
    except EvidenceError as error:
        return done, str(error)
    return done, ""


def rows_of(parts: Iterable[EvidencePart]) -> Iterable[EvidenceRow]:
    for part in parts:
        yield from part


def same_either_way(text: bytes, cut: int) -> None:
    """Both readers give the same rows, and fail with the same words, wherever the text is cut between two lines."""
    lines = lines_in(text)
    pieces = [b"".join(lines[:cut]), b"".join(lines[cut:])]
    together = outcome_of(lambda: rows_of(decode_parts([piece for piece in pieces if piece])))
    assert together == outcome_of(lambda: decode(lines))
    rows = together[0]
    for shift in (0, 1):  # whoever's rows they are thought to be

        def likely(start: int, count: int, shift: int = shift) -> Accounts | None:
            some = rows[start + shift : start + shift + count]
            return Accounts(row.account for row in some) if len(some) == count else None

        assert outcome_of(lambda: rows_of(decode_parts(filter(None, pieces), likely))) == together


@settings(max_examples=examples(50), deadline=None)
@given(many_rows(), st.integers(0, 9))
def test_rows_are_written_and_read_as_they_are_one_by_one(rows: list[EvidenceRow], cut: int) -> None:
    text = b"".join(encode(rows))
    assert b"".join(encode_parts(parts_of(rows))) == text
    assert list(rows_of(decode_parts([text]))) == rows
    same_either_way(text, cut)


@settings(max_examples=examples(60), deadline=None)
@given(many_rows().filter(bool), st.data())
def test_a_text_that_is_spoiled_is_refused_at_the_same_line_for_the_same_reason(
    rows: list[EvidenceRow], data: st.DataObject
) -> None:
    text = b"".join(encode(rows))
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(len(HEADER), len(text) - 1))
        inserted = data.draw(
            st.sampled_from([b"", b"0", b",", b"\n", b'"', b"+", b"@", b"=", b" ", b"_", b"\xff", b"F"])
        )
        text = text[:at] + inserted + text[at + data.draw(st.integers(0, 1)) :]
    if not text.endswith(b"\n"):
        text += b"\n"
    same_either_way(text, data.draw(st.integers(0, 9)))


@settings(max_examples=examples(30), deadline=None)
@given(many_rows().filter(lambda rows: len(rows) > 1), st.data())
def test_lines_that_are_moved_left_out_or_doubled_are_refused_alike(
    rows: list[EvidenceRow], data: st.DataObject
) -> None:
    head, *lines = encode(rows)
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=len(lines) + 1))
    same_either_way(head + b"".join(chosen), data.draw(st.integers(0, 9)))


NO_ROW: dict[str, Sequence[EvidenceRow]] = {
    "a balance without a block": [a_row(block="")],
    "a block of another chain": [a_row(block=BTC_BLOCK)],
    "an account of another chain": [a_row(account=b"\x51")],
    "operators out of order": [a_row(outcome=replace(AGREED, operators=("beta", "alpha")))],
    "a dissent that says the same": [a_row(), a_row(account=b"\xff" * 20, outcome=replace(DISSENT, atoms=7))],
    "a reason for findings alone": [a_row(outcome=Gap(Why.ALIAS))],
    "something compared where nothing is claimed": [a_row(claimed=None, elsewhere=Elsewhere(ETH_BLOCK, 5))],
    "something found where no block is": [a_row(elsewhere=Elsewhere("", 5))],
    "a tolerance of no amount": [a_row(), a_row(account=b"\xff" * 20, claimed=None, tolerance=5)],
    "a tolerance below zero": [a_row(tolerance=-1)],
    "a height that no chain has": [a_row(height=2**53)],
    "a proof that is a lower bound": [a_row(outcome=replace(BOUND, basis=Basis.PROVEN, dissent=()))],
    "a dissent from a proof that may be true": [a_row(outcome=replace(BOUND, basis=Basis.PROVEN, at_least=False))],
    "twice the same": [a_row(), a_row()],
    "the wrong order": [a_row(), a_row(account=bytes(20))],
    "assets in the wrong order": [a_row(), a_row(asset=USDT)],
}


@each_of("rows", NO_ROW.values(), ids=NO_ROW)
def test_what_no_evidence_can_say_is_refused_in_the_same_words(rows: Sequence[EvidenceRow]) -> None:
    good = a_row(account=b"\x01" * 20) if rows[0].asset == ETH else a_row(asset=BTC, block=BTC_BLOCK, account=b"\x00")
    for before in ([], [good]):
        together = outcome_of(lambda before=before: encode_parts(parts_of([*before, *rows])))  # type: ignore[misc]
        one_by_one = outcome_of(lambda before=before: encode([*before, *rows]))  # type: ignore[misc]
        assert together[1] == one_by_one[1]


def test_the_longest_line_there_can_be_is_written_and_read() -> None:
    """Which is under the bound, so that no evidence is ever refused for its length."""
    said = tuple((f"{number:064}", 2**256 - 1) for number in range(32))
    row = a_row(asset=BTC, block=BTC_BLOCK, account=b"\x01" * 10_000, outcome=Gap(Why.DISAGREEMENT, '"' * 400, said))
    text = b"".join(encode_parts([EvidencePart.of([row])]))
    assert list(rows_of(decode_parts([text]))) == [row]
    assert len(text) - len(HEADER) < MAX_LINE_BYTES


def test_many_rows_come_in_parts_of_a_bounded_size_however_they_are_unzipped() -> None:
    rows = [a_row(account=number.to_bytes(20)) for number in range(2 * AT_A_TIME + 10)]
    assert [len(part) for part in parts_of(rows)] == [AT_A_TIME, AT_A_TIME, 10]
    packed = list(compress(encode_parts(parts_of(rows))))
    parts = list(decode_parts(texts(packed)))
    assert list(rows_of(parts)) == rows
    assert max(map(len, parts)) <= AT_A_TIME
    assert len(parts) < 20


@pytest.mark.parametrize("text", [b"", b"\n", HEADER[:-1], HEADER.upper(), b"x" + HEADER])
def test_a_file_without_the_header_is_refused(text: bytes) -> None:
    with pytest.raises(EvidenceError, match="line 1: expected the header"):
        list(decode_parts([text]))


def test_a_part_reads_as_its_rows_however_it_is_cut() -> None:
    named = ContractOwners(owner=ALICE)
    rows = [
        a_row(
            account=bytes(19) + bytes([at]), outcome=outcome, owners=named if at % 3 == 1 else None, claimed=at or None
        )
        for at, outcome in enumerate(FEW)
    ]
    rows[2] = replace(rows[2], elsewhere=Elsewhere(ETH_BLOCK, 5))
    part = EvidencePart.of(rows)
    assert list(part) == rows == [part[at] for at in range(len(rows))]
    assert list(part[1:4]) == rows[1:4]
    assert part[-1] == rows[-1]
    with pytest.raises(IndexError):
        part[len(rows)]
    with pytest.raises(ValueError, match="several assets"):
        EvidencePart.of([*rows, a_row(asset=USDT)])
