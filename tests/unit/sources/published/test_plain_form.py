"""Which way a line is read makes no difference: the quick one gives what reading cell by cell gives, or nothing."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources.published import LAYOUTS, PublishedFile, archive, read_published, stretches, table_rows
from scanner.sources.published.layout import Role, TableLayout
from scanner.sources.published.plain_form import plain_form
from tests.support.strength import examples

EVM, UPPER, MIXED = "0x" + "ab" * 20, "0x" + "AB" * 20, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
BITCOIN = (
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
)
LABELS = ("ETH", "BTC", "USDT", "USDT-ERC20", "eth", " ETH", "NEWCOIN", "", "null", "POLY-USDC-3359", '"ETH"', "é")
NETWORKS = ("ETH", "BTC", "TRON", "ETH_LINEA", "", " BTC ", "nowhere", "eip155:1")
ADDRESSES = (
    EVM, *BITCOIN, UPPER, MIXED, EVM + "0", EVM[:-1], " " + EVM, EVM + "\t", "null", "\\N", "", "abc",
    "Bridging in progress", "0x" + "cd" * 48, "0x" + "zz" * 48, f'"{EVM}"', "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "0X" + "ab" * 20, *("0x" + f"{number:040x}" for number in range(9)),
)  # fmt: skip
AMOUNTS = (
    "0",
    "1",
    "1.5",
    " 2.25",
    "00.10",
    "1.",
    ".5",
    "-1",
    "1e5",
    "",
    "null",
    "٣",
    "9" * 38,
    "9" * 39,
    "1." + "1" * 38,
    '"1.5"',
    "1 ",
)
HEIGHTS = ("7", "25345500", "", "-", "null", "1" * 12, "1" * 13, " 7", "x")
TEXTS = (
    "",
    "null",
    "m",
    " s ",
    "I am an OKX address",
    '"a,b"',
    '{"keys":["a","b"]}',
    "[1]",
    "\\N",
    "0x" + "ab" * 65,
    '"',
    "}",
)
CUSTODIANS = ("", '""', "Vault", '"A, B"', "null")
KINDS = ("Non Staking", "Native ETH Staking", "", "null", "Staking", " Non Staking")
STATUSES = ("5", "3", "", " 5")

CELLS: dict[Role | None, tuple[str, ...]] = {
    Role.LABEL: LABELS,
    Role.NETWORK: NETWORKS,
    Role.ADDRESS: ADDRESSES,
    Role.AMOUNT: AMOUNTS,
    Role.HEIGHT: HEIGHTS,
    Role.CUSTODIAN: CUSTODIANS,
    Role.KIND: KINDS,
    Role.STATUS: STATUSES,
}
USUAL = {role: texts[0] for role, texts in CELLS.items()}
TABLES = [layout for some in LAYOUTS.values() for layout in some if isinstance(layout, TableLayout)]


@st.composite
def files(draw: st.DrawFn) -> str:
    """A table of some layout, with some of its columns in some order, a stranger among them, and rows of any kind."""
    layout = draw(st.sampled_from(TABLES))
    optional = sorted(layout.columns.keys() - layout.required - layout.absent)
    roles: list[Role | None] = [
        *sorted(layout.required),
        *(draw(st.lists(st.sampled_from(optional), unique=True)) if optional else ()),
    ]
    roles += draw(st.sampled_from([[], [None]]))
    roles = draw(st.permutations(roles))
    header = ",".join("colour" if role is None else layout.columns[role][0] for role in roles)
    lines = [header]
    for _ in range(draw(st.integers(1, 6))):
        strange = draw(st.sampled_from([0, 1, 5]))  # of ten cells, how many are not the usual ones
        cells = [
            draw(st.sampled_from(CELLS.get(role, TEXTS))) if draw(st.integers(0, 9)) < strange else USUAL.get(role, "m")
            for role in roles
        ]
        if Role.ADDRESS in roles and not strange:
            cells[roles.index(Role.ADDRESS)] = draw(st.sampled_from(ADDRESSES[-9:]))
        change = draw(st.integers(-3, 8))
        if change < 0:
            cells = cells[:change]
        lines.append(",".join([*cells, ""] if change == 0 else cells))
        if draw(st.integers(0, 9)) == 0:
            lines.append(draw(st.sampled_from(["", " , ", header, "\r", ","])))
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    return ends.join(lines) + draw(st.sampled_from(["", ends]))


def read(path: Path) -> tuple[object, ...]:
    """All that is told of a file; or why it is refused."""
    try:
        published = read_published(path)
    except InputError as error:
        return (str(error),)
    account = published.account
    return account, published.not_understood, list(published), [list(totals(published))]


def totals(published: PublishedFile) -> list[object]:
    return [(key, total.rows, total.unstated, total.claimed) for key, total in published.account.totals.items()]


def told_both_ways(text: str, path: Path) -> tuple[object, ...]:
    path.write_bytes(text.encode())
    quick = read(path)
    with mock.patch.object(table_rows, "plain_form", return_value=None):
        assert read(path) == quick
    for lines in (1, 3):  # in stretches of so many, wherever rows of their kind have been read before
        with mock.patch.object(archive, "PIECE", 80), mock.patch.object(stretches, "SHORTEST", lines):
            assert read(path) == quick
    return quick


@settings(max_examples=examples(200), deadline=None)
@given(text=files())
def test_the_quick_way_and_the_careful_one_tell_the_same(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    told_both_ways(text, tmp_path_factory.mktemp("any") / "file.csv")


OTHER = "0x" + "12" * 20
AFTER_THE_FIRST = {  # a row of which the quick way knows the asset, the chain and the height already
    "an account that stands for none": ("chain,address,asset", "nowhere,abc,NEW", "nowhere,null,NEW"),
    "more digits than there may be": ("chain,address,amount", f"ETH,{EVM},1", f"ETH,{OTHER},{'9' * 39}"),
    "as many as there may be": ("chain,address,amount", f"ETH,{EVM},1", f"ETH,{OTHER},{'9' * 20}.{'9' * 18}"),
    "no amount": ("chain,address,amount", f"ETH,{EVM},1", f"ETH,{OTHER},"),
    "a validator": ("chain,address,asset", f"ETH,{EVM},ETH", f"ETH,0x{'cd' * 48},ETH"),
    "a wrong checksum": ("chain,address", f"BTC,{BITCOIN[0]}", f"BTC,{BITCOIN[0][:-1]}q"),
    "a status cut off": (
        "digitalAsset,network,address,signedMessage,message,status", f"ETH,ETH,{EVM},s,m,5", f"ETH,ETH,{OTHER},s,m"
    ),
    "a custodian": ("chain,address,custodian", f"ETH,{EVM},", f"ETH,{OTHER},Vault"),
    "another type": (
        "coin,Type,Network,Snapshot Height,address,amount,message,signature1",
        f"ETH,Non Staking,ETH,7,{EVM},1,m,s",
        f"ETH,Native Staking,ETH,7,{OTHER},1,m,s",
    ),
    "columns in another order": (
        "coin,network,address,height,balance", f"ETH,ETH,{EVM},7,7",
        f"coin,network,address,balance,height\nETH,ETH,{OTHER},7,5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lines", AFTER_THE_FIRST.values(), ids=AFTER_THE_FIRST)
def test_what_is_not_as_the_row_before_is_read_carefully(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert len(told_both_ways("\n".join([*lines, ""]), tmp_path / "file.csv")) > 1


def test_most_rows_of_a_file_stand_in_stretches_and_come_out_as_they_stand_in_the_file(tmp_path: Path) -> None:
    rows = [f"ETH,0x{number:040x},{number % 7}.{number}" for number in range(9, 30_000)]
    for at, odd in ((20_000, f"ETH,{MIXED},1"), (25_000, f"ETH,{OTHER},"), (28_000, "ETH,nobody,1")):
        rows.insert(at, odd)
    rows.insert(27_000, rows[26_000])  # a DUPLICATE
    rows.insert(27_500, rows[26_500] + "1")  # a CONFLICT
    path = tmp_path / "file.csv"
    path.write_text("\n".join(["chain,address,amount", *rows, ""]))
    published = read_published(path)
    assert published.account.refused == {"DUPLICATE": 1, "CONFLICT": 1, "BAD_ADDRESS": 1}
    together = list(published.in_stretches())
    assert sum(not isinstance(each, stretches.Stretch) for each in together) < 15_000
    with mock.patch.object(stretches, "SHORTEST", 10**9):
        assert list(read_published(path)) == list(published)
        assert totals(read_published(path)) == totals(published)
        assert read_published(path).account == published.account


BINANCE = "coin,network,address,balance,Height,Third party custodian name"
OKX = "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key,EOA1,EOA2"
TYPED = "coin,Type,Network,Snapshot Height,address,amount,message,signature1"
AUDITOR = "digitalAsset,network,address,signedMessage,message,status"


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("binance", BINANCE, f'ETH,ETH,{EVM},0.5,7,""'),
        ("binance", BINANCE, f"ETH,ETH,{EVM},0.5"),
        ("okx-2023", OKX, f"ETH,ETH,7,{EVM}, 0.5,I am an OKX address,0xabc,null,"),
        ("okx-2023", TYPED, f"ETH,Non Staking,ETH,7,{EVM},1,m,s"),
        ("auditor", AUDITOR, f"ETH,ETH,{EVM},s,m,5"),
        ("plain", "chain,address", f"ETH,{EVM}"),
    ],
)
def test_rows_as_exchanges_write_them_are_of_the_plain_form(name: str, header: str, row: str) -> None:
    layout = next(layout for layout in TABLES if layout.name == name)
    columns = layout.fit(header.split(","))
    assert columns is not None
    form = plain_form(layout, columns, (Role.ADDRESS, Role.NETWORK))
    assert form is not None
    pattern, pick = form
    other = row.replace(EVM, f'"{EVM}"')
    assert [pick(groups)[0] for groups in pattern.findall(f"{row}\n\n{other}\n")] == [EVM, "", ""]


def test_a_layout_in_base_units_has_no_plain_form() -> None:
    layout = next(layout for layout in TABLES if layout.base_units)
    columns = layout.fit(["coin", "address", "amount", "message", "signature1"])
    assert columns is not None
    assert plain_form(layout, columns, (Role.ADDRESS,)) is None
