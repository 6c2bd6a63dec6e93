"""Whole files: samples of every layout that we made ourselves, and the exchange's own where they are at hand."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.core.amounts import exact
from scanner.errors import InputError
from scanner.sources.published import LAYOUTS, Kind, PublishedFile, RowRefusal, UnreadKind, read_published
from scanner.sources.published.layout import DocumentLayout, TableLayout, snapshot_day
from tests.support.places import SHARED, VECTORS
from tests.support.tables import each_of

HERE = VECTORS / "published"
OKX = SHARED / "data" / "okx"


def ours(name: str) -> PublishedFile:
    return read_published(HERE / name)


def okx(name: str) -> PublishedFile:
    path = OKX / name
    if not path.exists():
        pytest.skip("the exchange's own files are not at hand")
    return read_published(path)


def counts(published: PublishedFile) -> tuple[int, int, dict[RowRefusal, int]]:
    assert len(list(published)) == published.account.accepted
    return published.account.read, published.account.accepted, dict(published.account.refused)


def claimed(published: PublishedFile) -> dict[str, str]:
    """Whole coins by label, of rows that are no custody."""
    return {
        listed.label: exact(total.claimed)
        for (listed, kind), total in published.account.totals.items()
        if kind is not Kind.CUSTODY
    }


@each_of(
    ("name", "layout", "read", "accepted"),
    [
        ("okx_7.csv", "okx-2022", 7, 7),
        ("okx_9.csv", "okx-2023", 5, 5),
        ("okx_11.csv", "okx-2023", 8, 8),
        ("okx_12.csv", "okx-2023", 4, 3),
        ("okx_staking.csv", "okx-2023", 2, 2),
        ("binance_hotcold.csv", "binance", 8, 7),
        ("binance_deposit.csv", "binance", 3, 2),
        ("PR01JUN26_Deposit.csv", "binance-plain", 2, 2),
        ("bitmex.yaml", "bitmex", 4, 3),
        ("auditor.csv", "auditor", 4, 4),
        ("plain.csv", "plain", 5, 4),
    ],
)
def test_every_layout_is_recognised_and_read_whole(name: str, layout: str, read: int, accepted: int) -> None:
    published = ours(name)
    assert published.parts[0].layout == layout
    assert counts(published)[:2] == (read, accepted)
    family = next(family for family, layouts in LAYOUTS.items() if layout in {one.name for one in layouts})
    assert counts(read_published(HERE / name, family))[:2] == (read, accepted)


def test_every_layout_has_a_sample() -> None:
    seen = {part.layout for path in HERE.iterdir() for part in read_published(path).parts}
    assert seen == {layout.name for layouts in LAYOUTS.values() for layout in layouts}


def test_no_sample_fits_two_families() -> None:
    for path in HERE.iterdir():
        assert sum(fits(path, family) for family in LAYOUTS if family != "plain") == (path.name != "plain.csv"), (
            path.name
        )


def fits(path: Path, family: str) -> bool:
    try:
        return bool(read_published(path, family).parts)
    except InputError as error:
        if "no layout fits" not in str(error):
            raise
        return False


def test_the_rows_of_a_header_block_sum_to_its_totals() -> None:
    published = ours("okx_7.csv")
    stated = {line.label: line.stated.amount for line in published.parts[0].form.block}  # type: ignore[union-attr]
    for (listed, _), total in published.account.totals.items():
        if listed.mapped:
            assert total.claimed == stated[listed.label]


def test_binances_two_files_in_one_zip_are_one_claim(tmp_path: Path) -> None:
    path = tmp_path / "wallet_address_20260601.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(HERE / "binance_hotcold.csv", "PR01JUN26_HotCold.csv")
        file.write(HERE / "binance_deposit.csv", "PR01JUN26_Deposit.csv")
    published = read_published(path)
    assert [part.day for part in published.parts] == ["2026-06-01"] * 2
    # The deposit in Tron's hex form is the hot wallet's account again.
    assert counts(published) == (
        11,
        8,
        {RowRefusal.BAD_ADDRESS: 1, RowRefusal.DUPLICATE: 1, RowRefusal.NO_ADDRESS: 1},
    )
    repeat = published.account.listed[-1]
    assert (str(repeat.place), repeat.detail) == (
        "'PR01JUN26_Deposit.csv' line 2",
        "stands already at 'PR01JUN26_HotCold.csv' line 4",
    )
    apart = {kind: total.claimed for (listed, kind), total in published.account.totals.items() if listed.label == "ETH"}
    assert apart == {Kind.CUSTODY: Fraction(7), Kind.PLAIN: Fraction("0.03181786")}


def test_okxs_staking_in_a_file_of_its_own_is_read_with_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "por_csv_2026081116_V2.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.write(HERE / "okx_11.csv", "okx_por.csv")
        file.write(HERE / "okx_staking.csv", "okx_por_eth_staking_20260811.csv")
    published = read_published(path)
    assert counts(published)[:2] == (10, 10)
    assert [row.member for row in published if row.kind is Kind.STAKING] == ["okx_por_eth_staking_20260811.csv"] * 2


@each_of(
    ("family", "name", "day"),
    [
        ("binance", "PR01FEB26_Deposit.csv", "2026-02-01"),
        ("binance", "PR02JAN26_Deposit.csv", "2026-01-02"),  # the day comes first
        ("binance", "PR99JAN26_Deposit.csv", None),
        ("binance", "PR01XYZ26_Deposit.csv", None),
        ("okx", "por_csv_2026081116_V2.csv", "2026-08-11"),
        ("okx", "okx_por_2025090218.csv", "2025-09-02"),
        ("okx", "okx_por.csv", None),
        ("bitmex", "20210728-reserves-693062-1627.yaml", "2021-07-28"),
    ],
)
def test_a_file_name_gives_the_day_of_the_snapshot(family: str, name: str, day: str | None) -> None:
    for layout in LAYOUTS[family]:
        assert snapshot_day(layout.dated, name) == day


def test_layouts_have_names_of_their_own_and_only_data() -> None:
    layouts = [layout for some in LAYOUTS.values() for layout in some]
    assert len({layout.name for layout in layouts}) == len(layouts)
    assert all(isinstance(layout, TableLayout | DocumentLayout) for layout in layouts)
    for layout in layouts:
        if isinstance(layout, TableLayout):
            assert layout.required <= layout.columns.keys()
            assert not layout.required & layout.absent


def test_all_33_rows_of_okxs_first_file_are_read_in_coins_at_the_blocks_heights() -> None:
    published = okx("okx_por_2022.csv")
    assert counts(published) == (33, 33, {})
    assert claimed(published) == {
        "USDT-TRC20": "5436.904358",
        "USDT-OPTIMISM": "132.513768",
        "ETH-ARBITRUM": "0.2214",
        "BTC": "449.51400581",
        "ETH": "5.28344825830217276",
        "ETH-OPTIMISM": "1.397127149911950208",
    }
    heights = {row.label: row.height for row in published}
    assert (heights["BTC"], heights["ETH"], heights["USDT-TRC20"]) == (763861, 16005122, 46095694)
    for line in published.parts[0].form.block:  # type: ignore[union-attr]
        for (listed, _), total in published.account.totals.items():
            if listed.label == line.label:
                assert line.stated.amount is not None
                assert abs(total.claimed - line.stated.amount) < Fraction(1, 10_000)


def test_all_rows_of_okxs_example_are_read_of_which_its_own_checker_reads_two() -> None:
    published = okx("okx_por_example.csv")
    assert counts(published) == (5, 5, {})
    assert [(row.line, row.label, row.height) for row in published] == [
        (16, "ETH", 20914735),
        (17, "ETH", 20914735),
        (18, "ETH", 20914735),
        (19, "USDT-TON", 43716515),
        (20, "APTOS", 100),
    ]
    owned = [row.ownership.owners for row in published if row.ownership]
    assert [len(owners) for owners in owned] == [0, 0, 2, 0, 1]


def test_validators_of_okxs_staking_example_are_told_from_accounts() -> None:
    published = okx("okx_por_staking_example.csv")
    assert counts(published) == (3, 3, {})
    assert [(row.kind, len(row.account), row.claimed) for row in published] == [
        (Kind.PLAIN, 20, Fraction("0.058959708849230328")),
        (Kind.STAKING, 48, Fraction(32)),
        (Kind.STAKING, 48, Fraction(32)),
    ]


def test_all_rows_of_the_auditors_table_are_read_without_amounts() -> None:
    published = okx("test.csv")
    assert counts(published) == (9, 9, {})
    assert {row.claimed for row in published} == {None}
    assert {row.ownership.message for row in published if row.ownership} == {"OKC_DTT_AUP2025"}
    assert [listed.label for listed in published.account.unmapped] == ["ADA"]
    assert [str(row.asset.chain) for row in published if row.label == "ETC"] == ["eip155:66"]


def test_all_886_declared_addresses_are_read_as_their_chains_own_coins() -> None:
    published = okx("declared_addresses.csv")
    assert counts(published) == (886, 886, {})
    unmapped = {listed.network: rows for listed, rows in published.account.unmapped.items()}
    assert unmapped == {"starknet:SN_MAIN": 1}  # whose coin has no number in SLIP-0044


@pytest.mark.parametrize("name", ["full-liabilities-merkle-tree.txt", "merkle_proof_file.json", "user_info_file.json"])
def test_files_of_liabilities_are_no_reserves(name: str) -> None:
    with pytest.raises(InputError, match=r"is a file of liabilities .*, which says what is owed and not what is held"):
        okx(name)


@pytest.mark.parametrize(
    "text",
    [
        f'{"ab" * 32},6,{{"BTC":"0.1"}}\n',
        f"block_height:693062\n{'ab' * 32},5\n",
        "#ID,balance1\n1,2.5\n",
        '{"AccountIndex":1,"AccountIdHash":"ab","TotalEquity":5,"Assets":[]}',
        '{"Arrangement":0,"UniqueIdentification":"ab","TotalAssetEquity":1}',
        '{\n "ProofCsv": "a.csv",\n "CexAssetsInfo": []}',
        "batch_number,proof_info,cex_asset_list_commitments,account_tree_roots\n0,a,b,c\n",
        '{"batch_inclusion_proof": {"batch_mtree_root": "ab"}}',
        '{"BTC": 5, "ETH": 7, "total_value": 12}',
        '{"steps": 128, "uts": 32}',
        '{"main_coins_num": 3, "coins": ["BTC"]}',
        '{"self": {"auditId": "1", "balance": {}}, "path": []}',
        '{"pathList": [{"level": 1}]}',
        '{"hash": "ab", "nodes": [{"balances": {"BTC": "1"}}]}',
        '{"user_id": "1", "audit_id": "2", "liabilities": []}',
    ],
)
def test_a_file_of_liabilities_is_called_one_whatever_its_form(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_published(path)
    (told,) = map(str, caught.value.mistakes)
    assert "is a file of liabilities (" in told
    assert "import reads reserves" in told


def test_other_json_is_called_json(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('{"wallets": ["0x11"]}')
    with pytest.raises(InputError, match="is JSON, of which no form is known; write a table such as chain,address"):
        read_published(path)


def test_columns_alone_say_nothing_of_whose_a_file_is(tmp_path: Path) -> None:
    """Binance's four columns and OKX's seven are words that anybody writes."""
    for sample, name, exchange in (
        ("PR01JUN26_Deposit.csv", "wallets.csv", None),
        ("PR01JUN26_Deposit.csv", "PR01JUN26_Deposit.csv", "Binance"),
        ("binance_hotcold.csv", "wallets.csv", "Binance"),  # a third party's name, under a heading of its own
        ("okx_11.csv", "wallets_20260101.csv", None),
        ("okx_11.csv", "okx_por_20260101.csv", "OKX"),
        ("bitmex.yaml", "reserves.yaml", None),
        ("bitmex.yaml", "20260101-reserves-701000.yaml", "BitMEX"),
        ("plain.csv", "okx_por_20260101.csv", None),
    ):
        path = tmp_path / name
        path.write_bytes((HERE / sample).read_bytes())
        (part,) = read_published(path).parts
        assert part.exchange == exchange, name
        assert exchange is not None or part.layout in ("plain", "okx-2023", "bitmex")


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_may_have_its_cells_and_lines_apart_in_other_ways(tmp_path: Path, separator: str, end: str) -> None:
    path = tmp_path / "file.csv"
    lines = [
        "coin,network,address,balance",
        "ETH,ETH,0x1111111111111111111111111111111111111101,1.5",
        'ETH,ETH,"0x1111111111111111111111111111111111111102",2',
    ]
    path.write_bytes("".join(line.replace(",", separator) + end for line in lines).encode())
    published = read_published(path)
    assert [(row.line, row.claimed) for row in published] == [(2, Fraction("1.5")), (3, 2)]


def test_a_decimal_comma_beside_semicolons_is_not_read_and_never_left_out(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("coin;network;address;balance\r\nETH;ETH;0x1111111111111111111111111111111111111101;1,5\r\n")
    published = read_published(path)
    assert [row.claimed for row in published] == [None]
    assert published.account.unread == {UnreadKind.AMOUNT: 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_refused_by_name(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes((HERE / "plain.csv").read_text().encode(encoding))
    with pytest.raises(InputError, match=f"is {encoding[:6].upper()} text; expected UTF-8"):
        read_published(path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a spreadsheet (.xls) .* save it as CSV"),
        (b"PAR1" + bytes(100), "is a Parquet file; export it as CSV"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(30), "is an archive .7-Zip., which is not looked into; unpack it"),
        (b"chain,address\0\n", "is no text: it holds bytes that are zero"),
        (b"<html><table>", "is a page or XML"),
    ],
)
def test_what_is_no_table_is_called_what_it_is_with_the_way_out(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told.replace("(.xls)", r"\(.xls\)")):
        read_published(path)
