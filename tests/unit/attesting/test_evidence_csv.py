from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attesting.evidence_csv import HEADER, MAX_LINE_BYTES, EvidenceError, decode, encode
from scanner.attesting.evidence_gzip import compress, decompress
from scanner.attesting.evidence_text import MOST_HEIGHT
from scanner.core.control import MOST_OWNERS, ContractOwners, Control
from scanner.core.evidence import MAX_OPERATORS, Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.lower_bound import AtLeast
from scanner.core.two_passes import BlockReading, TwoPasses
from scanner.errors import Why
from scanner.weighing.holdings import holding_order
from tests.support.evidence_rows import (
    ALICE,
    BTC,
    BTC_BLOCK,
    ETH,
    ETH_BLOCK,
    SOL,
    SOL_BLOCK,
    a_row,
    accounts,
    amounts,
    balances,
    blocks,
    gaps,
    owners,
    passes,
)
from tests.support.strength import examples
from tests.support.tables import each_of


@st.composite
def rows_of_evidence(draw: st.DrawFn) -> list[EvidenceRow]:
    rows = {}
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        asset = draw(st.sampled_from(list(accounts)))
        outcome = draw(st.one_of(gaps, balances()))
        block = blocks[asset] if isinstance(outcome, Balance) else draw(st.sampled_from(["", blocks[asset]]))
        shown = draw(st.sampled_from(Control)), draw(owners)
        claimed, height = draw(st.none() | amounts), draw(st.none() | st.integers(0, MOST_HEIGHT))
        tolerance = 0 if claimed is None else draw(amounts)
        row = EvidenceRow(asset, draw(accounts[asset]), block, outcome, claimed, *shown, None, tolerance, height)
        if draw(st.booleans()):
            twice = draw(passes())
            account = draw(st.binary(min_size=32, max_size=32))
            row = EvidenceRow(SOL, account, SOL_BLOCK, twice.balance, None, passes=twice)
        rows[holding_order(row.asset, row.account)] = row
    return [rows[order] for order in sorted(rows)]


def refusal(*lines: bytes) -> str:
    with pytest.raises(EvidenceError) as caught:
        list(decode(lines))
    return str(caught.value)


LINE = (
    b"eip155:1,0x" + b"1f" * 32 + b",eip155:1/slip44:60,0x03ae1a796dfe0400439211133d065bda774b9d3e,"
    b"1500,,QUORUM,alpha+beta,,,1500,,,,,,,\n"
)
DISSENT_LINE = LINE.replace(b"alpha+beta,,", b"alpha+beta,delta=0+gamma=1499,")
GAP_LINE = (
    b"eip155:1,,eip155:1/slip44:60,0x03ae1a796dfe0400439211133d065bda774b9d3e,"
    b',,,,,,,,,,,,UNREACHABLE,"alpha: timed out, ""again"""\n'
)


def test_a_row_is_written_in_the_order_of_the_header() -> None:
    assert b"".join(encode([a_row()])) == HEADER + LINE


def test_dissent_stands_beside_the_balance_it_did_not_shake() -> None:
    row = a_row(outcome=Balance(1500, Basis.QUORUM, ("alpha", "beta"), (("delta", 0), ("gamma", 1499))))
    assert b"".join(encode([row])) == HEADER + DISSENT_LINE
    assert list(decode([HEADER, DISSENT_LINE])) == [row]


def test_a_lower_bound_is_marked_and_what_others_left_open_stands_beside_it() -> None:
    row = a_row(outcome=Balance(1500, Basis.QUORUM, ("alpha", "beta"), (("delta", AtLeast(7)),), at_least=True))
    line = LINE.replace(b",1500,,QUORUM,alpha+beta,,", b",1500,AT_LEAST,QUORUM,alpha+beta,delta>=7,")
    assert b"".join(encode([row])) == HEADER + line
    assert list(decode([HEADER, line])) == [row]


def test_tolerance_and_height_of_the_claimed_amount_stand_behind_it() -> None:
    row = a_row(tolerance=50, height=18_600_000)
    line = LINE.replace(b",1500,,,,,,,", b",1500,50,18600000,,,,,")
    assert b"".join(encode([row])) == HEADER + line
    assert list(decode([HEADER, line])) == [row]


def test_a_balance_that_a_proof_alone_shows_names_no_operator() -> None:
    row = a_row(outcome=Balance(1500, Basis.PROVEN, ()))
    line = LINE.replace(b"QUORUM,alpha+beta,", b"PROVEN,,")
    assert b"".join(encode([row])) == HEADER + line
    assert list(decode([HEADER, line])) == [row]


PASSES = f"5 {SOL_BLOCK} 1700 QUORUM alpha+beta;9 {SOL_BLOCK} >=1500 OWN gamma alpha=7+beta>=3"
PASSES_LINE = (
    f"{SOL.chain},{SOL_BLOCK},{SOL},{'8' * 44},1500,AT_LEAST,OWN,gamma,alpha=7+beta>=3,,,,,,,{PASSES},,\n".encode()
)


def test_both_readings_of_two_passes_stand_behind_the_owners() -> None:
    (row,) = decode([HEADER, PASSES_LINE])
    first = BlockReading(5, SOL_BLOCK, Balance(1700, Basis.QUORUM, ("alpha", "beta")))
    said = (("alpha", 7), ("beta", AtLeast(3)))
    second = BlockReading(9, SOL_BLOCK, Balance(1500, Basis.OWN, ("gamma",), said, at_least=True))
    assert row.passes == TwoPasses(first, second)
    assert list(encode([row]))[1] == PASSES_LINE


@each_of(
    ("old", "new"),
    [
        (b";9 ", b";09 "),
        (b";9 ", b";-9 "),
        (b";9 ", b"; 9 "),
        (b";9 ", b" 9 "),
        (b"5 4u", b"5  4u"),
        (b"5 4u", b"4u"),
        (b"5 4u", b"5 0u"),
        (b" 1700 ", b" 01700 "),
        (b" 1700 ", b" 1700.0 "),
        (b" 1700 ", b" >1700 "),
        (b" 1700 ", b"  "),
        (b">=1500", b"=>1500"),
        (b" QUORUM ", b" quorum "),
        (b" QUORUM ", b" PROVEN "),
        (b" QUORUM alpha+beta;", b" QUORUM beta+alpha;"),
        (b" QUORUM alpha+beta;", b" QUORUM alpha+alpha;"),
        (b" QUORUM alpha+beta;", b" QUORUM ;"),
        (b" QUORUM alpha+beta;", b" QUORUM alpha+beta ;"),
        (b" QUORUM alpha+beta;", b" QUORUM alpha+beta gamma=1700;"),  # which is no dissent
        (b"beta>=3,,\n", b"beta>=3 x,,\n"),
        (b"beta>=3,,\n", b"beta>=3;,,\n"),
        (b"beta>=3,,\n", b"beta>=1500,,\n"),
    ],
)  # fmt: skip
def test_readings_written_otherwise_are_refused(old: bytes, new: bytes) -> None:
    head, _, tail = PASSES_LINE.partition(b",,,,,,,")
    assert old in tail
    refusal(HEADER, head + b",,,,,,," + tail.replace(old, new, 1))


def test_a_gap_has_no_readings() -> None:
    gap = GAP_LINE.replace(b",UNREACHABLE", f"{PASSES},UNREACHABLE".encode())
    assert "block hash" in refusal(HEADER, gap)
    (row,) = decode([HEADER, PASSES_LINE])
    with pytest.raises(EvidenceError, match="two passes"):
        list(encode([replace(row, outcome=Gap(Why.UNREACHABLE))]))


def test_control_and_owners_stand_between_the_claimed_amount_and_the_reason() -> None:
    owners = ContractOwners((bytes([0x0A]) * 20, bytes([0x0B]) * 20), 2)
    row = a_row(control=Control.REPLAYABLE, owners=owners)
    line = LINE.replace(b",1500,,,,,,,", b",1500,,,REPLAYABLE,safe 2 0x" + b"0a" * 20 + b" 0x" + b"0b" * 20 + b",,,")
    assert b"".join(encode([row])) == HEADER + line
    assert list(decode([HEADER, line])) == [row]


def test_a_gap_leaves_amount_basis_operators_and_dissent_empty() -> None:
    gap = Gap(Why.UNREACHABLE, 'alpha: timed out, "again"')
    row = a_row(block="", outcome=gap, claimed=None)
    assert b"".join(encode([row])) == HEADER + GAP_LINE
    assert list(decode([HEADER, GAP_LINE])) == [row]


@settings(max_examples=examples(40), deadline=None)
@given(rows_of_evidence())
def test_what_was_written_is_read_again(rows: list[EvidenceRow]) -> None:
    lines = list(encode(rows))
    assert list(decode(lines)) == rows
    assert list(decompress(compress(lines))) == lines


@settings(max_examples=examples(60), deadline=None)
@given(rows_of_evidence(), st.data())
def test_no_byte_changes_silently(rows: list[EvidenceRow], data: st.DataObject) -> None:
    text = bytearray(b"".join(encode(rows)))
    where = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    text[where] ^= data.draw(st.integers(min_value=1, max_value=255))
    try:
        read = list(decode(split(bytes(text))))
    except EvidenceError:
        return
    assert read != rows


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(
        st.sampled_from([HEADER, LINE, DISSENT_LINE, GAP_LINE, b"\n", b",,,,,,,,,,,,,,,,,\n", b"x"]), max_size=3
    ).map(b"".join)
)
def test_text_that_is_accepted_is_the_one_way_to_write_its_rows(text: bytes) -> None:
    try:
        rows = list(decode(split(text)))
    except EvidenceError:
        return
    assert b"".join(encode(rows)) == text


def split(text: bytes) -> list[bytes]:
    return [line + b"\n" for line in text.split(b"\n")[:-1]] + [rest for rest in text.split(b"\n")[-1:] if rest]


@each_of(
    ("old", "new"),
    [
        (b"eip155:1,", b"eip155:2,"),  # another chain than the asset's
        (b"eip155:1,", b" eip155:1,"),
        (b"0x1f", b"0x1F"),
        (b"0x1f", b"1f"),
        (b"slip44:60", b"slip44:060"),
        (b"slip44:60", b"slip44:61"),
        (b"03ae1a", b"03AE1A"),
        (b",1500,,QUORUM", b",01500,,QUORUM"),
        (b",1500,,QUORUM", b",+1500,,QUORUM"),
        (b",1500,,QUORUM", b",1_500,,QUORUM"),
        (b",1500,,QUORUM", b",-1,,QUORUM"),
        (b",1500,,QUORUM", b",1500.0,,QUORUM"),
        (b",1500,,QUORUM", b", 1500,,QUORUM"),
        (b",1500,,QUORUM", b",,,QUORUM"),
        (b",1500,,QUORUM", b"," + str(2**256).encode() + b",,QUORUM"),
        (b",1500,,QUORUM", b"," + b"9" * 5000 + b",,QUORUM"),
        (b"QUORUM", b"quorum"),
        (b"QUORUM", b"BELIEVED"),
        (b"QUORUM", b""),
        (b"alpha+beta", b"beta+alpha"),
        (b"alpha+beta", b"alpha+alpha"),
        (b"alpha+beta", b"alpha+"),
        (b"alpha+beta", b"alpha beta"),
        (b"alpha+beta", b'"alpha+beta"'),
        (b"alpha+beta", "\N{GREEK SMALL LETTER ALPHA}".encode()),
        (b"alpha+beta", b"a" * 65),
        (b"alpha+beta", "+".join(f"op{n:02}" for n in range(MAX_OPERATORS + 1)).encode()),
        (b",1500,,,,,,,\n", b",01500,,,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,,,UNREACHABLE,\n"),  # both a balance and a gap
        (b",1500,,,,,,,\n", b",1500,,,,,,,timed out\n"),
        (b",1500,,,,,,,\n", b",1500,,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,,,,\r\n"),
        (b",1500,,,,,,,\n", b",1500,,,,,,,"),
        (b",1500,,,,,,,\n", b",1500,,,,,,,\n\n"),
        (b",1500,,,,,,,\n", b",1500,,,shown,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,ABSENT,,,,\n"),  # which is written as nothing
        (b",1500,,,,,,,\n", b",1500,,,OWNED,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,, SHOWN,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,SHOWN,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,nobody,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,owner 0x" + b"0A" * 20 + b",,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,owner 0x" + b"00" * 20 + b",,,\n"),
        (b",1500,,,,,,,\n", b",1500,,,,safe 2 0x" + b"0a" * 20 + b",,,\n"),  # more than there are
        (b",1500,,,,,,,\n", b",1500,,,,safe 1 0x" + b"0b" * 20 + b" 0x" + b"0a" * 20 + b",,,\n"),  # not sorted
        (b",1500,,,,,,,\n", b",1500,,,,none ,,,\n"),
        (b",1500,,,,,,,\n", b",1500,0,,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,-1,,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,01,,,,,,\n"),
        (b",1500,,,,,,,\n", b",,1,,,,,,\n"),  # a tolerance of no amount
        (b",1500,,,,,,,\n", b",1500,,-1,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,,01,,,,,\n"),
        (b",1500,,,,,,,\n", b",1500,," + str(2**53).encode() + b",,,,,\n"),
        (b",1500,,QUORUM", b",1500,at_least,QUORUM"),
        (b",1500,,QUORUM", b",1500,AT_MOST,QUORUM"),
        (b",1500,,QUORUM", b",1500,AT_LEAST,PROVEN"),  # a proof shows all
        (b"eip155:1,0x" + b"1f" * 32, b"eip155:1,"),  # a balance at no block
    ],
)
def test_a_balance_written_otherwise_is_refused(old: bytes, new: bytes) -> None:
    assert old in LINE
    assert refusal(HEADER, LINE.replace(old, new)).startswith("line 2: ")


@each_of(
    "dissent",
    [
        b"gamma=1499+delta=0",
        b"delta=0+delta=1",
        b"delta=0+delta=0",
        b"delta=0+alpha=1",  # an operator who said both
        b"delta=0+gamma=1500",  # who says the same does not dissent
        b"delta>=01",
        b"delta>=",
        b"delta=>1",
        b"delta>>=1",
        b"delta>1",
        b"delta=00",
        b"delta=+1",
        b"delta=-1",
        b"delta=1.5",
        b"delta=",
        b"delta",
        b"=1",
        b"delta=0+",
        b"+delta=0",
        b"delta=0=1",
        b"delta=0 gamma=1",
        b"de:lta=0",
        b"delta=" + str(2**256).encode(),
        b"+".join(b"op%02d=1" % number for number in range(MAX_OPERATORS - 1)),  # too many with alpha and beta
    ],
)
def test_a_dissent_written_otherwise_is_refused(dissent: bytes) -> None:
    line = DISSENT_LINE.replace(b"delta=0+gamma=1499", dissent)
    assert line != DISSENT_LINE
    assert refusal(HEADER, line).startswith("line 2: ")


@each_of(
    ("old", "new"),
    [
        (b"UNREACHABLE", b"unreachable"),
        (b"UNREACHABLE", b"BROKEN"),
        (b",,,,,,,,,,,,UNREACHABLE", b",AT_LEAST,,,,,,,,,,,UNREACHABLE"),
        (b"UNREACHABLE", b""),
        (b",,,,,,,,,,,,UNREACHABLE", b"0,,,,,,,,,,,,UNREACHABLE"),  # a gap is never a zero
        (b",,,,,,,,,,,,UNREACHABLE", b",,QUORUM,,,,,,,,,,UNREACHABLE"),
        (b",,,,,,,,,,,,UNREACHABLE", b",,,alpha,,,,,,,,,UNREACHABLE"),
        (b",,,,,,,,,,,,UNREACHABLE", b",,,,beta=01,,,,,,,,UNREACHABLE"),
        (b'"alpha: timed out, ""again"""', b'alpha: timed out, "again"'),
        (b'"alpha: timed out, ""again"""', b'"alpha: timed out, "again""'),
        (b'"alpha: timed out, ""again"""', b'"alpha"'),  # quoted without need
        (b'"alpha: timed out, ""again"""', b'"'),
        (b'"alpha: timed out, ""again"""', b"=HYPERLINK(1)"),
        (b'"alpha: timed out, ""again"""', b"two  blanks"),
        (b'"alpha: timed out, ""again"""', b"bell\x07"),
        (b'"alpha: timed out, ""again"""', b"\xff"),
        (b'"alpha: timed out, ""again"""', b"x" * 401),
        (b"timed out", b"timed\nout"),
    ],
)
def test_a_gap_written_otherwise_is_refused(old: bytes, new: bytes) -> None:
    assert old in GAP_LINE
    assert refusal(HEADER, GAP_LINE.replace(old, new)).startswith("line 2: ")


@pytest.mark.parametrize("dissent", [b"delta>=1500", b"delta>=1501", b"delta=1500", b"delta=1501"])
def test_whoever_says_as_much_as_a_lower_bound_or_more_does_not_stand_beside_it(dissent: bytes) -> None:
    line = LINE.replace(b",1500,,QUORUM,alpha+beta,,", b",1500,AT_LEAST,QUORUM,alpha+beta," + dissent + b",")
    assert refusal(HEADER, line).startswith("line 2: ")


@pytest.mark.parametrize(("dissent", "fits"), [(b"delta>=1500", False), (b"delta>=1501", True), (b"delta=1", True)])
def test_beside_a_proof_stands_only_what_it_contradicts(dissent: bytes, fits: bool) -> None:
    line = LINE.replace(b",QUORUM,alpha+beta,,", b",PROVEN,alpha+beta," + dissent + b",")
    if fits:
        assert len(list(decode([HEADER, line]))) == 1
    else:
        assert refusal(HEADER, line).startswith("line 2: ")


def test_a_refusal_names_the_line_the_column_and_what_was_expected() -> None:
    other = LINE.replace(b"0x03ae", b"0x03af").replace(b"0x03af1a", b"0x03AF1A")
    assert "line 3: " in refusal(HEADER, LINE, other)
    assert refusal(HEADER, LINE.replace(b",1500,,,,,", b",01500,,,,,")) == (
        "line 2: claimed is written '01500', expected '1500'"
    )


def test_a_holding_that_stands_twice_is_refused() -> None:
    assert "stands twice" in refusal(HEADER, LINE, LINE.replace(b",1500,,QUORUM", b",1,,QUORUM"))
    with pytest.raises(EvidenceError, match=r"line 3: .* stands twice"):
        list(encode([a_row(), a_row(claimed=None)]))


def test_holdings_out_of_order_are_refused() -> None:
    before = a_row(account=bytes(20))
    lines = list(encode([before, a_row()]))
    assert "order" in refusal(HEADER, *reversed(lines[1:]))
    with pytest.raises(EvidenceError, match="order"):
        list(encode([a_row(), before]))


@pytest.mark.parametrize("header", [b"", b"\n", HEADER.rstrip(), HEADER.upper(), HEADER.replace(b",", b";"), LINE])
def test_another_header_is_refused(header: bytes) -> None:
    assert refusal(header, LINE).startswith("line 1: expected the header")


def test_nothing_at_all_is_no_evidence() -> None:
    assert refusal().startswith("line 1: ")
    assert list(decode([HEADER])) == []


def test_a_line_too_long_is_refused_before_it_is_read() -> None:
    assert refusal(HEADER, b"x" * MAX_LINE_BYTES + b"\n") == f"line 2: longer than {MAX_LINE_BYTES} bytes"


@each_of(
    "row",
    [
        a_row(block=""),
        a_row(block="0x00"),
        a_row(block=ETH_BLOCK + "\n"),
        a_row(account=b"short"),
        a_row(claimed=-1),
        a_row(outcome=Balance(-1, Basis.OWN, ("alpha",))),
        a_row(outcome=Balance(2**256, Basis.OWN, ("alpha",))),
        a_row(outcome=Balance(1, Basis.OWN, ("beta", "alpha"))),
        a_row(outcome=Balance(1, Basis.OWN, ("alpha+beta",))),
        a_row(outcome=Balance(1, Basis.OWN, ("alpha\n",))),
        a_row(outcome=Balance(1, Basis.QUORUM, ("alpha",), (("beta", 1),))),
        a_row(outcome=Balance(1, Basis.QUORUM, ("alpha",), (("alpha", 2),))),
        a_row(outcome=Balance(1, Basis.QUORUM, ("alpha",), (("gamma", 2), ("beta", 2)))),
        a_row(outcome=Balance(1, Basis.QUORUM, ("alpha",), (("beta", -1),))),
        a_row(outcome=Balance(1, Basis.QUORUM, ("alpha",), (("be=ta", 2),))),
    ],
)
def test_a_row_that_could_not_be_read_again_is_not_written(row: EvidenceRow) -> None:
    with pytest.raises(EvidenceError, match="line 2: "):
        list(encode([row]))


@each_of("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n-1", "\u200b=1"])
def test_no_detail_begins_a_spreadsheet_formula(hostile: str) -> None:
    assert Gap(Why.REFUSED, hostile).detail[0] not in "=+-@\t\r\n "


@pytest.mark.parametrize(
    "hostile", ["a\nb", "a\r\nb,c", "\x1b[31mred", "a\u2028b", "left\u202eright", "\ud800", "\x00"]
)
def test_a_detail_is_one_line_of_printable_ascii(hostile: str) -> None:
    detail = Gap(Why.REFUSED, hostile).detail
    assert detail.isascii()
    assert detail.isprintable()
    row = a_row(outcome=Gap(Why.REFUSED, hostile))
    assert list(decode(encode([row]))) == [row]


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=2000))
def test_making_a_detail_of_a_detail_changes_nothing(text: str) -> None:
    detail = Gap(Why.REFUSED, text).detail
    assert Gap(Why.REFUSED, detail).detail == detail
    assert len(detail) <= 400


@pytest.mark.parametrize(
    ("detail", "written"), [("a, b", b'"a, b"'), ('a "b"', b'"a ""b"""'), ('"', b'""""'), ("a b", b"a b"), ("", b"")]
)
def test_a_detail_is_quoted_only_where_csv_needs_it(detail: str, written: bytes) -> None:
    line = list(encode([a_row(outcome=Gap(Why.REFUSED, detail), claimed=None)]))[1]
    assert line.endswith(b",REFUSED," + written + b"\n")
    assert next(decode([HEADER, line])).outcome == Gap(Why.REFUSED, detail)


def test_another_number_of_columns_is_told() -> None:
    assert refusal(HEADER, b"a,b\n").startswith("line 2: 2 columns, expected ")


def test_the_longest_row_can_be_read_again() -> None:
    names = tuple(f"{number:064}" for number in range(MAX_OPERATORS))
    balance = Balance(2**256 - 1, Basis.QUORUM, names)
    longest = EvidenceRow(BTC, b"\x6a" * 10_000, BTC_BLOCK, balance, 2**256 - 1, Control.UNVERIFIABLE)
    assert list(decode(encode([longest]))) == [longest]
    safe = ContractOwners(tuple(number.to_bytes(20) for number in range(1, MOST_OWNERS + 1)), MOST_OWNERS)
    wallet = EvidenceRow(ETH, ALICE, ETH_BLOCK, balance, 2**256 - 1, Control.UNVERIFIABLE, safe)
    assert list(decode(encode([wallet]))) == [wallet]


def test_a_short_piece_may_hold_a_long_text() -> None:
    lines = [b"x" * 1000 + b"\n"] * 1000
    zipped = b"".join(compress(lines))
    assert len(zipped) < 10_000  # of a million
    for size in (1, 1000, 4000):
        assert list(decompress(zipped[start : start + size] for start in range(0, len(zipped), size))) == lines


def test_compressing_twice_gives_the_same_bytes_without_name_or_time() -> None:
    lines = list(encode([a_row()]))
    zipped = b"".join(compress(lines))
    assert zipped == b"".join(compress(iter(lines)))
    assert zipped[3:8] == bytes(5)  # FLG: no name, no comment; MTIME: none
    assert gzip.decompress(zipped) == HEADER + LINE


ZIPPED = b"".join(compress([HEADER, LINE]))


@each_of(
    "damaged",
    [
        b"",
        HEADER + LINE,
        ZIPPED[:-1],
        ZIPPED[:20],
        ZIPPED + b"\0",
        ZIPPED + ZIPPED,  # gzip readers commonly join such members
        ZIPPED[:-8] + bytes(8),  # the trailer's checksum and length
        zlib.compress(HEADER + LINE),
        b"".join(compress([HEADER, LINE.rstrip()])),
    ],
)
@each_of("size", [1, 7, 1 << 20])
def test_anything_but_one_whole_gzip_member_is_refused(damaged: bytes, size: int) -> None:
    with pytest.raises(EvidenceError):
        list(decompress(damaged[start : start + size] for start in range(0, len(damaged), size)))


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.binary(max_size=90).map(lambda line: line.replace(b"\n", b"") + b"\n")), st.integers(1, 64))
def test_lines_come_out_of_pieces_of_any_size(lines: list[bytes], size: int) -> None:
    zipped = b"".join(compress(lines))
    assert list(decompress(zipped[start : start + size] for start in range(0, len(zipped), size))) == lines


def test_a_bomb_without_line_feeds_is_refused_before_it_unfolds() -> None:
    pieces = compress(bytes(1 << 20) for _ in range(16))
    with pytest.raises(EvidenceError, match="longer than"):
        list(decompress(pieces))
    assert len(b"".join(pieces)) > 8000  # bytes of gzip that were not even asked for


def test_a_bomb_of_lines_is_read_only_as_far_as_it_is_asked_for() -> None:
    bomb = b"".join(compress([HEADER, *([b"\n" * (1 << 20)] * 8)]))
    assert next(decompress([bomb])) == HEADER
    assert refusal(*_first(decompress([bomb]), 2)).startswith("line 2: ")


def _first(lines: Iterator[bytes], count: int) -> list[bytes]:
    return [line for line, _ in zip(lines, range(count), strict=False)]


@pytest.mark.parametrize(
    ("asset", "right", "wrong"),
    [
        (
            "tvm:-239/slip44:607",
            "UQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWi5c",
            "UQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWx5c",
        ),
        ("xrpl:0/slip44:144", "r4G3oDV1FJu1TtTv5M2u1cGbMDHnZzZpdn", "r4G3oDV1FJu1TtTv5M2u1cGbMDHnZzZxdn"),
        ("tron:728126428/slip44:195", "TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1tG7", "TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1xG7"),
    ],
)  # fmt: skip
def test_an_account_of_any_family_stands_in_its_one_text_and_with_its_checksum(
    asset: str, right: str, wrong: str
) -> None:
    line = f"{asset.partition('/')[0]},,{asset},{right},,,,,,,,,,,,,UNSUPPORTED,\n".encode()
    (row,) = decode([HEADER, line])
    assert b"".join(encode([row])) == HEADER + line
    assert "is not a" in refusal(HEADER, line.replace(right.encode(), wrong.encode()))


def test_another_spelling_of_an_account_is_not_the_one_that_evidence_has() -> None:
    line = b"tvm:-239,,tvm:-239/slip44:607,EQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWnOZ,,,,,,,,,,,,,UNSUPPORTED,\n"
    assert "account is written 'EQD5" in refusal(HEADER, line)
