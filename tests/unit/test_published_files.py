"""Whole files: samples of every layout that we made ourselves, and the exchange's own where they are at hand."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.core.amounts import exact
from scanner.errors import InputError
from scanner.sources.published import LAYOUTS, Kind, Published, Refusal, read_published
from scanner.sources.published.layout import DocumentLayout, TableLayout, snapshot_day

HERE = Path(__file__).parents[1] / "vectors" / "published"
OKX = Path(__file__).parents[3] / "shared" / "data" / "okx"


def ours(name: str) -> Published:
    return read_published(HERE / name)


def okx(name: str) -> Published:
    path = OKX / name
    if not path.exists():
        pytest.skip("the exchange's own files are not at hand")
    return read_published(path)


def counts(published: Published) -> tuple[int, int, dict[Refusal, int]]:
    assert len(list(published)) == published.account.accepted
    return published.account.read, published.account.accepted, dict(published.account.refused)


def claimed(published: Published) -> dict[str, str]:
    """Whole coins by label, of rows that are no custody."""
    return {
        listed.label: exact(total.claimed)
        for (listed, kind), total in published.account.totals.items()
        if kind is not Kind.CUSTODY
    }


@pytest.mark.parametrize(
    ("name", "layout", "read", "accepted"),
    [
        ("okx_7.csv", "okx-2022", 7, 7),
        ("okx_9.csv", "okx-2023", 5, 5),
        ("okx_11.csv", "okx-2023", 8, 8),
        ("okx_12.csv", "okx-2023", 4, 3),
        ("okx_staking.csv", "okx-2023", 2, 2),
        ("binance_hotcold.csv", "binance", 8, 7),
        ("binance_deposit.csv", "binance", 3, 2),
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
        assert sum(fits(path, family) for family in LAYOUTS) == 1, path.name


def fits(path: Path, family: str) -> bool:
    try:
        return bool(read_published(path, family).parts)
    except InputError as error:
        if "no layout fits" not in str(error):
            raise
        return False


def test_the_rows_of_a_header_block_sum_to_its_totals() -> None:
    published = ours("okx_7.csv")
    stated = {line.label: line.amount for line in published.parts[0].form.block}  # type: ignore[union-attr]
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
        {Refusal.BAD_ADDRESS: 1, Refusal.DUPLICATE: 1, Refusal.NO_ADDRESS: 1},
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


@pytest.mark.parametrize(
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
                assert line.amount is not None
                assert abs(total.claimed - line.amount) < Fraction(1, 10_000)


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
    assert unmapped == {"eip155:137": 4, "eip155:43114": 5, "starknet:SN_MAIN": 1}


@pytest.mark.parametrize("name", ["full-liabilities-merkle-tree.txt", "merkle_proof_file.json", "user_info_file.json"])
def test_files_of_liabilities_are_no_reserves(name: str) -> None:
    with pytest.raises(InputError, match="no layout fits"):
        okx(name)
