"""Rows of delimited files: accepted or refused for a reason, and never a third thing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.core.amounts import AmountError
from scanner.core.base58 import decode_check
from scanner.errors import InputError
from scanner.sources.published import (
    Kind,
    Label,
    PublishedFile,
    PublishedRow,
    RowRefusal,
    UnreadKind,
    read_published,
    rows,
)
from scanner.weighing.claim import Asset
from tests.support.strength import examples

Reading = Callable[..., PublishedFile]

HEADER = "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key,EOA1,EOA2"
FIRST = "coin,address,amount,message,signature1,signature2,redeem script/ public key"
STAKED = "coin,Type," + HEADER.removeprefix("coin,")
BINANCE = "coin,network,address,balance,Height,Third party custodian name"
A, B, C = ("0x" + f"{number:040x}" for number in (10, 11, 12))
GOOD = f"ETH,ETH,7,{C},1,m,s,,,,"
VALIDATOR = "0x" + "ab" * 48


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def read(*lines: str, layout: str = "auto", labels: tuple[Label, ...] = ()) -> PublishedFile:
        path = tmp_path / "file.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return read_published(path, layout, labels)

    return read


def refused(published: PublishedFile) -> list[tuple[int, RowRefusal]]:
    account = published.account
    assert account.read == account.accepted + sum(account.refused.values())
    assert account.accepted == sum(1 for _ in published)
    assert sum(account.refused.values()) == len(account.listed)
    return [(row.place.line, row.reason) for row in account.listed]


def only(published: PublishedFile) -> PublishedRow:
    (row,) = published
    return row


def test_columns_are_found_by_name_in_any_order_case_and_spacing(reading: Reading) -> None:
    row = only(reading("AMOUNT, Address ,coin,Message,Signature1,network,snapshot  height", f"1.5,{A},ETH,m,s,ETH,7"))
    assert (row.claimed, row.account_text, row.height, row.label) == (Fraction("1.5"), A, 7, "ETH")


def test_a_column_that_is_not_known_is_told(reading: Reading) -> None:
    published = reading("chain,address,asset,amount,colour", f"eip155:1,{A},ETH,1,red")
    assert published.not_understood == ("column 'colour' is not read",)


@pytest.mark.parametrize(
    "heading",
    ["Coin", "Token", "currency", "SYMBOL", "Ticker", "crypto", "Digital Asset", "Asset-Name", "Token_Symbol"],
)
def test_a_column_that_names_the_asset_is_understood_under_any_usual_heading(reading: Reading, heading: str) -> None:
    published = reading(
        f"{heading},Chain,Address,Balance", f"ETH,ETH,{A},1.5", f"USDT,ETH,{B},200", f"USDT,ETH,{C},300"
    )
    assert {row.account_text: row.label for row in published} == {A: "ETH", B: "USDT", C: "USDT"}
    assert {listed.label: total.claimed for (listed, _), total in published.account.totals.items()} == {
        "ETH": Fraction("1.5"),
        "USDT": Fraction(500),
    }


@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        ("chain,address,amount,colour", f"ETH,{A},1,red", "'colour'"),  # which may name the asset, for all we know
        ("chain,address,amount,Contract Address", f"ETH,{A},1,{B}", "'Contract Address'"),
        ("chain,address,Token Contract", f"ETH,{A},{B}", "'Token Contract'"),
        (f"{FIRST},Chain", f"USDT,{A},1,m,s,,,TRON", "'Chain'"),
        (f"{HEADER},Custodian", f"ETH,ETH,7,{A},1,m,s,,,,,Vault", "'Custodian'"),
    ],
)
def test_a_table_is_not_read_without_a_column_that_may_say_what_its_rows_are(
    reading: Reading, header: str, row: str, column: str
) -> None:
    with pytest.raises(InputError, match=f"file.csv:1: read as .*{column}.* not read"):
        reading(header, row)


def test_a_comment_may_stand_beside_amounts_of_the_chains_own_coin(reading: Reading) -> None:
    assert only(reading("chain,address,amount,comment", f"ETH,{A},1,hot wallet")).claimed == 1


@pytest.mark.parametrize("heading", ["unit", "Denomination", "decimals", "sign"])
def test_amounts_count_as_not_stated_beside_a_column_that_says_what_they_are_counted_in(
    reading: Reading, heading: str
) -> None:
    published = reading(f"asset,chain,address,amount,{heading}", f"ETH,ETH,{A},1500000000000000000,wei")
    assert (only(published).claimed, only(published).account_text) == (None, A)
    assert f"column '{heading}' is not read" in published.not_understood
    assert "column 'amount' is not read" in published.not_understood


def test_a_header_that_names_a_column_twice_is_refused(reading: Reading) -> None:
    with pytest.raises(InputError, match="two columns are the address"):
        reading("chain,address,account", f"eip155:1,{A},{B}")


def test_a_header_that_no_layout_fits_is_shown_with_the_layouts_there_are(reading: Reading) -> None:
    with pytest.raises(InputError) as caught:
        reading("wallet,price", f"{A},1")
    assert "starts with 'wallet,price'" in str(caught.value)
    for name in ("okx-2022", "okx-2023", "binance", "bitmex", "auditor", "plain"):
        assert name in str(caught.value)


def test_a_header_that_nearly_fits_is_shown_with_what_it_lacks(reading: Reading) -> None:
    with pytest.raises(InputError, match="the nearest is auditor, for which line 1 has no column of the") as caught:
        reading("digital asset,network,wallet,signed message", f"ETH,ETH,{A},s")
    assert "address (address)" in str(caught.value)
    assert "message (message)" in str(caught.value)


def test_a_layout_that_is_named_is_the_only_one_tried(reading: Reading) -> None:
    with pytest.raises(InputError, match="no layout fits"):
        reading("chain,address", f"eip155:1,{A}", layout="okx")
    with pytest.raises(InputError, match="no layout is called 'kraken'; known are auto, okx, binance"):
        reading("chain,address", f"eip155:1,{A}", layout="kraken")


def test_a_file_without_an_accepted_row_is_an_error_that_says_why(reading: Reading) -> None:
    with pytest.raises(InputError, match=r"no row is accepted \(there is none\)"):
        reading(HEADER)
    with pytest.raises(InputError, match=r"no row is accepted \(1 BAD_ADDRESS\)"):
        reading(HEADER, GOOD.replace(C, "0x12"))


def test_a_header_block_gives_heights_and_totals_by_label(reading: Reading) -> None:
    published = reading(
        "coin,snapshot height,amount", "ETH(ALL),-,7", "ETH,17, 5.25", "broken", "", FIRST, f"ETH,{A},1,m,s,,"
    )
    block = published.parts[0].form.block  # type: ignore[union-attr]
    assert [(line.label, line.height, line.stated.amount) for line in block] == [
        ("ETH(ALL)", None, 7),
        ("ETH", 17, Fraction("5.25")),
    ]
    assert only(published).height == 17
    assert published.not_understood == ("line 4, before the header, is not understood",)


def test_a_height_in_the_row_is_believed_before_the_block(reading: Reading) -> None:
    published = reading("coin,snapshot height,amount", "ETH,17,5", "", HEADER, GOOD)
    assert only(published).height == 7


def test_base_units_become_coins_by_the_assets_decimals(reading: Reading) -> None:
    published = reading(FIRST, f"ETH,{A},5000000803935811584,m,s,,", f"USDT-ERC20,{B},1,m,s,,", f"XYZ,{C},1,m,s,,")
    eth, usdt, unknown = published
    assert (eth.claimed, usdt.claimed) == (Fraction("5.000000803935811584"), Fraction(1, 10**6))
    assert unknown.claimed is None
    assert not unknown.listed.mapped


def test_an_amount_that_went_through_a_float_is_no_finer_than_a_float(reading: Reading) -> None:
    rounded, exact = reading(FIRST, f"ETH,{A},90054645707027360,m,s,,", f"ETH,{B},90054645707027361,m,s,,")
    assert (rounded.resolution, exact.resolution) == (Fraction(16, 10**18), Fraction(1, 10**18))


def test_the_display_precision_of_an_amount_is_kept(reading: Reading) -> None:
    one, two = reading(HEADER, GOOD.replace(",1,", ",1.50,"), GOOD.replace(C, A))
    assert (one.digits, one.resolution, two.digits, two.resolution) == (2, Fraction(1, 100), 0, Fraction(1))


def test_atoms_are_exact_or_refused(reading: Reading) -> None:
    row = only(reading(HEADER, GOOD.replace(",1,", ",1.500000,")))
    assert (row.atoms(6), row.atoms(18), row.atoms(1)) == (1_500_000, 15 * 10**17, 15)
    with pytest.raises(AmountError):
        row.atoms(0)


@pytest.mark.parametrize(
    ("cell", "coins"),
    [
        ("5E-18", "0.000000000000000005"),
        ("1.5e-7", "0.00000015"),
        ("1.5E+0", "1.5"),
        ("1.25e1", "12.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("007", "7"),
        ("9" * 38, "9" * 38),
    ],
)
def test_a_number_is_read_in_whatever_way_programs_write_it(reading: Reading, cell: str, coins: str) -> None:
    published = reading(HEADER, GOOD.replace(",1,", f",{cell},"))
    assert only(published).claimed == Fraction(coins)
    assert not published.account.unread


@pytest.mark.parametrize("cell", ["", " - ", "N/A", "n/a", "null", "NULL", "\\N", "NaN", "none", "\u2014"])
def test_a_cell_that_says_that_nothing_is_stated_is_no_fault(reading: Reading, cell: str) -> None:
    published = reading(HEADER, GOOD.replace(",1,", f",{cell},"))
    assert only(published).claimed is None
    assert not published.account.unread


@pytest.mark.parametrize(
    "cell",
    ["1,234.5", "1.234,5", "1,5", "1 000", "1'000", "-1", "-0.5", "(5)", "1e3", "+1", "0x10", "\u0663", "1.2.3", "x",
     "1 ETH", "$5", "#VALUE!", "9" * 39, "1e-61", "1e99999", "."],
)  # fmt: skip
def test_an_amount_that_cannot_be_read_is_not_stated_and_told_and_the_address_stays(
    reading: Reading, cell: str
) -> None:
    """What matters in a row is the address; the amount is only compared, and never guessed at."""
    quoted = f'"{cell}"' if "," in cell else cell
    published = reading(HEADER, GOOD.replace(",1,", f",{quoted},"), GOOD.replace(C, A))
    assert refused(published) == []
    assert [(row.account_text, row.claimed) for row in published] == [(C, None), (A, 1)]
    assert published.account.unread == {UnreadKind.AMOUNT: 1}
    (told,) = published.account.unread_cells
    assert (told.place.line, told.what) == (2, UnreadKind.AMOUNT)
    assert ascii(cell)[:90] in told.detail or cell == "9" * 39


@pytest.mark.parametrize("row", [f"ETH,ETH,7,{A},1,m,s,,,,,x", f"ETH,ETH,7,{A},1,234,m,s,,,,"])
def test_a_row_with_a_cell_too_many_behind_its_account_keeps_the_account_alone(reading: Reading, row: str) -> None:
    """A comma within a number that stands without quotation marks, as a rule: nobody can tell which cell is which."""
    published = reading(HEADER, row, GOOD)
    assert refused(published) == []
    first, second = published
    assert (first.account_text, first.claimed, first.height) == (A, None, 7)
    assert first.ownership is not None
    assert (first.ownership.message, first.ownership.signatures) == ("", ())
    assert (second.account_text, second.claimed) == (C, Fraction(1))
    assert published.account.unread == {UnreadKind.AMOUNT: 1}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (BINANCE, f"ETH,ETH,{A},1,234,7,Vault"),  # which a third party may hold
        (STAKED, f"ETH,Non Staking,ETH,7,{A},1,234,m,s,,,,"),
        ("amount,coin,network,address", f"1,234,ETH,ETH,{A}"),
    ],
)
def test_a_row_with_a_cell_too_many_is_refused_where_one_may_be_missed_that_matters(
    reading: Reading, header: str, row: str
) -> None:
    good = {BINANCE: f"ETH,ETH,{C},1,7,", STAKED: f"ETH,Non Staking,ETH,7,{C},1,m,s,,,,"}.get(header, f"1,ETH,ETH,{C}")
    assert refused(reading(header, row, good)) == [(2, RowRefusal.LONG_ROW)]


@pytest.mark.parametrize("height", ["-7", "7.0", "x", "9" * 13])
def test_a_height_that_cannot_be_read_is_not_stated_and_told_and_the_address_stays(
    reading: Reading, height: str
) -> None:
    published = reading(HEADER, GOOD.replace(",7,", f",{height},"), GOOD.replace(",7,", f",{height},").replace(C, A))
    assert [(row.account_text, row.height) for row in published] == [(C, None), (A, None)]
    assert published.account.unread == {UnreadKind.HEIGHT: 2}


def test_bytes_that_are_no_utf_8_spoil_their_own_cell_and_no_other_row(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(f"{HEADER}\nETH,ETH,7,{A},1,caf".encode() + b"\xe9,s,,,,\n" + f"{GOOD}\n".encode())
    published = read_published(path)
    assert [row.account_text for row in published] == [A, C]
    assert published.account.unread == {UnreadKind.TEXT: 1}
    path.write_bytes(f"{HEADER}\nETH,ETH,7,{A[:-2]}".encode() + b"\xe9\xe9,1,m,s,,,,\n" + f"{GOOD}\n".encode())
    assert refused(read_published(path)) == [(2, RowRefusal.BAD_ADDRESS)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ETH,ETH,7", RowRefusal.SHORT_ROW),
        (f"ETH,ETH,7,{A},1,m,s,,{{a,b,,", RowRefusal.BAD_QUOTING),
        (f'ETH,ETH,7,{A},1,"m,s,,,,', RowRefusal.BAD_QUOTING),
        (f",ETH,7,{A},1,m,s,,,,", RowRefusal.BAD_LABEL),
        ("ETH,ETH,7,,1,m,s,,,,", RowRefusal.NO_ADDRESS),
        ("ETH,ETH,7,null,1,m,s,,,,", RowRefusal.NO_ADDRESS),
        ("NEW,NEWNET,7,\\N,1,m,s,,,,", RowRefusal.NO_ADDRESS),
        ("ETH,ETH,7,Bridging in progress,1,m,s,,,,", RowRefusal.NO_ADDRESS),
        ("NEW,NEWNET,7,Bridging in progress,1,m,s,,,,", RowRefusal.NO_ADDRESS),
        (f"ETH,ETH,7,{A[:-1]},1,m,s,,,,", RowRefusal.BAD_ADDRESS),
        (f"ETH,ETH,7,{A[2:]},1,m,s,,,,", RowRefusal.BAD_ADDRESS),
        ("ETH,ETH,7,0x03aE1A796DFE0400439211133D065BDA774B9D3E,1,m,s,,,,", RowRefusal.BAD_ADDRESS),
        ("BTC,BTC,7,1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAL,1,m,s,,,,", RowRefusal.BAD_ADDRESS),
        (f"BTC,BTC,7,{A},1,m,s,,,,", RowRefusal.BAD_ADDRESS),
        ("USDT-TRC20,TRON,7,TSBg5SM1TXVXneSivmzpZa9hpccLNeYcWr,1,m,s,,,,", RowRefusal.BAD_ADDRESS),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line_and_reason(
    reading: Reading, row: str, reason: RowRefusal
) -> None:
    assert refused(reading(HEADER, row, GOOD)) == [(2, reason)]


@pytest.mark.parametrize(
    "row",
    [
        f"ETH,ETH,7,{A},1,m,s,,",  # 9 cells under 11 columns
        f"ETH,ETH,7,{A},1,m,s,,,",  # 10
        f"ETH,ETH,7,{A},1",  # no proof of control at all
        f"ETH,ETH,7,{A},1,m,s,null,\\N,null,\\N",
        f"ETH,ETH,7,{A},1,m,s,,,,,,,",  # more cells, all empty
        f" ETH , ETH , 7 , {A} , 1 , m , s ,,,,",
        f'"ETH","ETH","7","{A}","1","m","s","","","",""',
        f"ETH,ETH,-,{A},1,m,s,,,,",
        f"ETH,ETH,7,{A.upper().replace('X', 'x')},1,m,s,,,,",
    ],
)
def test_what_is_optional_may_be_missing_empty_or_quoted(reading: Reading, row: str) -> None:
    published = reading(HEADER, row)
    assert refused(published) == []
    assert (only(published).claimed, only(published).account.hex()) == (Fraction(1), A[2:])


def test_an_amount_that_is_not_given_is_none_and_counted(reading: Reading) -> None:
    published = reading(HEADER, GOOD.replace(",1,", ",null,"), GOOD.replace(C, A))
    ((_, total),) = published.account.totals.items()
    assert (total.rows, total.unstated, total.claimed) == (2, 1, Fraction(1))


def test_blank_lines_are_no_rows(reading: Reading) -> None:
    published = reading(HEADER, "", GOOD, "   ", ",,,,,", '"",""')
    assert (published.account.read, refused(published)) == (1, [])


def test_a_quotation_mark_that_is_never_closed_swallows_no_row(reading: Reading) -> None:
    published = reading(HEADER, f'ETH,ETH,7,{A},1,"m,s,,,,', GOOD, f"ETH,ETH,7,{B},1,m,s,,,,")
    assert refused(published) == [(2, RowRefusal.BAD_QUOTING)]
    assert published.account.accepted == 2


def test_a_second_header_starts_a_second_table(reading: Reading) -> None:
    published = reading("chain,address,amount", f"eip155:1,{A},1", "amount,chain,address", f"2,eip155:1,{B}")
    assert [(row.account_text, row.claimed) for row in published] == [(A, Fraction(1)), (B, Fraction(2))]
    assert published.account.read == 2


def test_a_heading_that_stands_again_is_no_row_of_an_account_of_that_name(reading: Reading) -> None:
    published = reading("chain,address", f"eip155:1,{A}", "address,chain", f"{B},eip155:1", "chain,address", f"ETH,{C}")
    assert [row.account_text for row in published] == [A, B, C]
    assert refused(reading("chain,address", f"eip155:1,{A}", "wallet,address")) == [(3, RowRefusal.NO_ADDRESS)]


def test_ownership_is_kept_as_published(reading: Reading) -> None:
    row = only(reading(HEADER, f"ETH,ETH,7,{A},1,I am here,0xs1,0xs2,\\N,{B},{C}"))
    assert row.ownership is not None
    assert row.ownership.message == "I am here"
    assert (row.ownership.signatures, row.ownership.key, row.ownership.owners) == (("0xs1", "0xs2"), "", (B, C))


@pytest.mark.parametrize("kind", ["Native ETH Staking", "Native Staking", "Eigenlayer Staking", "", "null"])
def test_a_validator_is_a_kind_of_its_own(reading: Reading, kind: str) -> None:
    row = only(reading(STAKED, f"ETH,{kind},ETH,7,{VALIDATOR},32,m,s,,,,"))
    assert (row.kind, row.account) == (Kind.STAKING, b"\xab" * 48)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"ETH,Non Staking,ETH,7,{VALIDATOR},32,m,s,,,,", RowRefusal.BAD_ADDRESS),
        (f"ETH,Native Staking,ETH,7,{A},32,m,s,,,,", RowRefusal.BAD_ADDRESS),
        (f"ETH,Liquid Staking,ETH,7,{A},32,m,s,,,,", RowRefusal.BAD_TYPE),
        ("SOL,Native Staking,SOL,7,So11111111111111111111111111111111111111112,32,m,s,,,,", RowRefusal.BAD_TYPE),
        (f"USDT-ERC20,,ETH,7,{VALIDATOR},32,m,s,,,,", RowRefusal.BAD_ADDRESS),
        (f"ETH-ARBITRUM,,ARBITRUM,7,{VALIDATOR},32,m,s,,,,", RowRefusal.BAD_ADDRESS),
    ],
)
def test_what_is_staked_in_no_way_that_is_known_is_refused(reading: Reading, row: str, reason: RowRefusal) -> None:
    assert refused(reading(STAKED, row, f"ETH,Non Staking,ETH,7,{C},1,m,s,,,,")) == [(2, reason)]


def test_a_custodian_makes_it_custody_with_an_account_or_without(reading: Reading) -> None:
    published = reading(
        BINANCE,
        f'ETH,ETH,{A},1,7,"Bank, Inc."',
        "ETH,ETH,,2,7,Bank",
        "ETH,ETH,null,2,7,Bank",
        f'ETH,ETH,{B},4,7,""',
    )
    assert [(row.kind, row.custodian, row.account_text) for row in published] == [
        (Kind.CUSTODY, "Bank, Inc.", A),
        (Kind.CUSTODY, "Bank", ""),
        (Kind.CUSTODY, "Bank", ""),
        (Kind.PLAIN, "", B),
    ]
    assert {kind: total.claimed for (_, kind), total in published.account.totals.items()} == {
        Kind.CUSTODY: 5,
        Kind.PLAIN: 4,
    }


def test_of_an_auditors_table_only_the_rows_of_status_5_are_meant(reading: Reading) -> None:
    header = "digitalAsset,network,address,signedMessage,message,status"
    published = reading(header, f"ETH,ETH,{A},s,m,5", f"ETH,ETH,{B},s,m,3", f"ETH,ETH,{C},s,m")
    assert refused(published) == [(3, RowRefusal.WRONG_STATUS), (4, RowRefusal.WRONG_STATUS)]


def test_a_row_that_says_the_same_again_counts_once(reading: Reading) -> None:
    published = reading(HEADER, GOOD, GOOD, GOOD.replace(C, C.upper().replace("X", "x")), GOOD.replace(",1,", ",1.00,"))
    assert refused(published) == [(line, RowRefusal.DUPLICATE) for line in (3, 4, 5)]
    assert [row.detail for row in published.account.listed] == ["stands already at line 2"] * 3
    ((_, total),) = published.account.totals.items()
    assert (total.rows, total.claimed) == (1, Fraction(1))


def test_two_labels_of_one_asset_count_once(reading: Reading) -> None:
    published = reading(
        HEADER, GOOD.replace("ETH,ETH", "ETH-ARBITRUM,ARBITRUM"), GOOD.replace("ETH,ETH", "ETH,Arbitrum One")
    )
    assert refused(published) == [(3, RowRefusal.DUPLICATE)]
    assert [total.rows for total in published.account.totals.values()] == [1, 0]


def test_trons_hex_form_is_no_second_account(reading: Reading) -> None:
    text = "TSBg5SM1TXVXneSivmzpZa9hpccLNeYcWq"
    published = reading(BINANCE, f"USDT,TRX,{text},1,7,", f"USDT,TRX,{decode_check(text).hex()},1,7,")
    assert refused(published) == [(3, RowRefusal.DUPLICATE)]


@pytest.mark.parametrize(
    "later",
    [
        GOOD.replace(",1,", ",2,"),  # another amount
        GOOD.replace(",7,", ",8,"),  # the same coins at another height are the same coins
    ],
)
def test_rows_that_contradict_each_other_count_once_and_no_amount_is_believed(reading: Reading, later: str) -> None:
    published = reading(HEADER, GOOD, later)
    assert refused(published) == [(3, RowRefusal.CONFLICT)]
    assert only(published).claimed is None
    ((_, total),) = published.account.totals.items()
    assert (total.rows, total.unstated, total.claimed) == (1, 1, Fraction(0))


def test_an_account_that_is_held_plainly_and_in_custody_is_a_conflict(reading: Reading) -> None:
    published = reading(BINANCE, f"ETH,ETH,{A},1,7,", f"ETH,ETH,{A},1,7,Bank")
    assert refused(published) == [(3, RowRefusal.CONFLICT)]


def test_one_account_may_hold_several_assets_and_an_address_stands_on_several_chains(reading: Reading) -> None:
    published = reading(
        BINANCE, f"ETH,ETH,{A},1,7,", f"USDT,ETH,{A},1,7,", f"ETH,ARBITRUM,{A},1,7,", f"NEW,ETH,{A},1,7,"
    )
    assert refused(published) == []


def test_repeats_are_found_when_their_records_have_gone_to_files(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.sources.published.repeats._SPILL", 1)
    lines = [GOOD.replace(C, f"0x{number:040x}") for number in range(300)]
    published = reading(HEADER, *lines, *lines[:100])
    assert refused(published) == [(302 + number, RowRefusal.DUPLICATE) for number in range(100)]


def test_a_file_that_names_one_account_without_end_is_refused(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.sources.published.repeats._SPILL", 1)
    monkeypatch.setattr("scanner.sources.published.repeats._MOST", 500)
    with pytest.raises(InputError, match="names a few accounts"):
        reading(HEADER, *[GOOD] * 20)


def test_no_more_rows_are_read_than_may_be(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROWS", 3)
    monkeypatch.setattr("scanner.sources.published.table_rows.CHECKED", 0)
    with pytest.raises(InputError, match="more than 3 rows"):
        reading(HEADER, *[GOOD] * 4)


def test_no_more_labels_are_used_than_may_be(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.sources.published.meanings.MAX_LABELS", 3)
    with pytest.raises(InputError, match=r"file.csv: uses more than 3 labels"):
        reading(HEADER, *[GOOD.replace("ETH,ETH", f"T{number},ETH") for number in range(4)])


def test_all_refused_rows_are_counted_and_the_first_are_listed(reading: Reading) -> None:
    lines = (*["ETH,ETH,7,x,1,m,s"] * (rows.LISTED + 5), GOOD, GOOD)
    path = reading(HEADER, *lines).path
    for most in (2, rows.LISTED, rows.LISTED + 5, rows.LISTED + 9):
        account = read_published(path, most_listed=most).account
        assert account.refused == {RowRefusal.BAD_ADDRESS: rows.LISTED + 5, RowRefusal.DUPLICATE: 1}
        assert len(account.listed) == min(most, rows.LISTED + 6)
        assert [row.place.line for row in account.listed[:2]] == [2, 3]


def test_refused_rows_that_may_name_holdings_are_told_from_repeats(reading: Reading) -> None:
    published = reading(HEADER, GOOD, GOOD, GOOD.replace(",1,", ",2,"), GOOD.replace(C, "0x"), GOOD.replace(C, "0x1"))
    assert sum(published.account.refused.values()) == 4
    assert published.account.lost == 2


def test_an_unknown_label_is_accepted_and_named(reading: Reading) -> None:
    published = reading(HEADER, GOOD.replace("ETH,ETH", "WHAT,EVER"), GOOD)
    assert {listed.label: count for listed, count in published.account.unmapped.items()} == {"WHAT": 1}
    assert set(published.assets) == {parse_asset("eip155:1/slip44:60")}


def test_labels_of_the_claim_are_read_as_the_claim_says(reading: Reading) -> None:
    dai = Asset("DAI", parse_asset("eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"), "DAI", 18)
    row = only(reading(HEADER, GOOD.replace("ETH,ETH", "DAI,ETH"), labels=(Label("DAI", dai),)))
    assert row.listed.known == dai


CELLS = st.sampled_from(
    ["ETH", "BTC", "USDT-TRC20", "", "null", "7", "-1", "1.5", "1e3", A, B, VALIDATOR, '"', "{", "x y"]
)


@settings(max_examples=examples(40), deadline=None)
@given(table=st.lists(st.lists(CELLS, max_size=13), max_size=12))
def test_whatever_a_file_holds_rows_read_are_rows_accepted_and_refused(
    table: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_text("\n".join([HEADER, GOOD, *(",".join(cells) for cells in table)]))
    published = read_published(path)
    account = published.account
    held = [row for row in published if row.account]
    assert account.read == account.accepted + sum(account.refused.values())
    assert account.accepted == sum(total.rows for total in account.totals.values()) == len(list(published))
    assert len({(row.asset, row.account) for row in held}) == len(held)
    claimed = [row.claimed for row in published if row.claimed is not None]
    assert sum(total.claimed for total in account.totals.values()) == sum(claimed)
    assert account.read <= len(table) + 1
