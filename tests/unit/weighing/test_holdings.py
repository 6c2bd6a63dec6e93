"""Holdings in columns against the list of objects that they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.columns import order
from scanner.core.ids import AssetId, Chain
from scanner.weighing.holdings import ChainHeight, HeldAsset, Holding, Holdings, Ownership
from tests.support.tables import each_of

EVM, OTHER = parse_chain("eip155:1"), parse_chain("eip155:10")
ETH = parse_asset("eip155:1/slip44:60")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
OP = parse_asset("eip155:10/slip44:60")

published = st.one_of(st.none(), st.builds(Ownership, st.just("bip322"), st.text("ab", max_size=2), st.just(("sig",))))
amounts = st.one_of(st.none(), st.integers(0, 3), st.sampled_from([2**32 - 1, 2**64 - 1, 2**128 - 1, 2**256 - 1]))


def rows_of(asset: AssetId, account: st.SearchStrategy[bytes]) -> st.SearchStrategy[Holding]:
    heights = st.one_of(st.none(), st.sampled_from([0, 40, 50]))
    return st.builds(Holding, st.just(asset), account, amounts, st.integers(0, 2), heights, published)


accounts = st.one_of(st.binary(min_size=2, max_size=2), st.binary(max_size=4))
of_one = st.lists(rows_of(ETH, accounts), max_size=8)
of_many = st.lists(st.one_of(*(rows_of(asset, accounts) for asset in (ETH, USDT, OP))), max_size=10)
WHOLE = Holding(ETH, b"\x01" * 20, 5, 1, 40, Ownership("eip191", "m", ("s",)))


# --- one asset


@given(of_one, st.data())
def test_the_rows_of_an_asset_read_as_the_holdings_they_were_made_of(rows: list[Holding], data: st.DataObject) -> None:
    held = HeldAsset(ETH, rows)
    count = len(rows)
    assert len(held) == count
    assert list(held) == rows
    assert [held[at] for at in range(-count, count)] == rows * 2
    cut = data.draw(st.slices(count))
    assert list(held[cut]) == rows[cut]
    positions = data.draw(st.lists(st.integers(0, count - 1), max_size=10)) if rows else []
    assert list(held.take(positions)) == [rows[at] for at in positions]
    assert list(held) == rows


@pytest.mark.parametrize("at", [3, -4, -5, -6, -7, 100, -100])
def test_a_row_that_is_not_there_is_neither_read_nor_replaced(at: int) -> None:
    rows = [replace(WHOLE, account=bytes([number]), claimed=number) for number in range(3)]
    held = HeldAsset(ETH, rows)
    with pytest.raises(IndexError):
        held[at]
    for row in rows:
        with pytest.raises(IndexError):
            held[at] = row
    for out in ([at], [0, at]):
        with pytest.raises(IndexError):
            held.take(out)
    assert list(held) == rows


@given(of_one.filter(bool), st.data())
def test_a_row_is_replaced_whole_and_alone(rows: list[Holding], data: st.DataObject) -> None:
    held = HeldAsset(ETH, rows)
    for at in data.draw(st.lists(st.integers(-len(rows), len(rows) - 1), min_size=1, max_size=5)):
        fresh = replace(data.draw(rows_of(ETH, accounts)), account=rows[at].account)
        held[at] = rows[at] = fresh
        assert list(held) == rows
        assert held[at] == fresh
        assert list(Holdings([held]).proofs()) == [(n, row) for n, row in enumerate(rows) if row.ownership is not None]


def test_a_row_of_another_account_or_asset_takes_no_rows_place() -> None:
    held = HeldAsset(ETH, [WHOLE])
    for other in (replace(WHOLE, account=b"\x02" * 20), replace(WHOLE, asset=USDT)):
        with pytest.raises(ValueError, match="of the same account only"):
            held[0] = other
    assert list(held) == [WHOLE]


@pytest.mark.parametrize("claimed", [-1, 2**256])
def test_an_amount_that_no_chain_can_hold_adds_and_changes_nothing(claimed: int) -> None:
    largest = replace(WHOLE, claimed=2**256 - 1)
    held = HeldAsset(ETH, [largest])
    with pytest.raises(ValueError, match="no amount of atoms"):
        held.append(replace(WHOLE, claimed=claimed, ownership=None, account=b"\x02" * 20))
    with pytest.raises(ValueError, match="no amount of atoms"):
        held[0] = replace(WHOLE, claimed=claimed, tolerance=9, height=9, ownership=None)
    assert list(held) == [largest]
    held.append(replace(WHOLE, account=b"\x02" * 20))
    assert list(held) == [largest, replace(WHOLE, account=b"\x02" * 20)]


@pytest.mark.parametrize("pile", [2, 1 << 15])
@given(rows=of_one)
def test_rows_are_sorted_by_account_each_with_all_that_is_its_own(pile: int, rows: list[Holding]) -> None:
    held = HeldAsset(ETH, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_PILE", pile)
        ordered = held.sorted()
    assert list(ordered) == sorted(rows, key=lambda row: row.account)
    assert list(held) == []
    assert list(Holdings([ordered]).proofs()) == [
        (n, row) for n, row in enumerate(ordered) if row.ownership is not None
    ]


# --- all assets


def by_asset(rows: Sequence[Holding]) -> list[Holding]:
    """Asset by asset in the order of their first rows, the rows of each in theirs."""
    first = {row.asset: -at for at, row in reversed([*enumerate(rows)])}
    return sorted(rows, key=lambda row: -first[row.asset])


@given(of_many, st.data())
def test_a_claims_rows_read_as_the_holdings_they_were_made_of(given_rows: list[Holding], data: st.DataObject) -> None:
    holdings, rows = Holdings.of(given_rows), by_asset(given_rows)
    count = len(rows)
    assert len(holdings) == count
    assert list(holdings) == rows
    assert [holdings[at] for at in range(-count, count)] == rows * 2
    for outside in (count, -count - 1, -2 * count - 1):
        with pytest.raises(IndexError):
            holdings[outside]
    cut = data.draw(st.slices(count))
    assert list(holdings[cut]) == rows[cut]
    assert holdings == rows
    assert holdings == Holdings.of(rows)
    assert [list(part) for part in holdings.parts] == [list(of) for _, of in groupby(rows, key=lambda row: row.asset)]
    assert list(holdings.proofs()) == [(at, row) for at, row in enumerate(rows) if row.ownership is not None]
    assert holdings.counts() == Counter(row.asset for row in rows)


@given(of_many, of_many)
def test_claims_are_equal_exactly_where_all_their_rows_are(one: list[Holding], other: list[Holding]) -> None:
    assert (Holdings.of(one) == Holdings.of(other)) == (by_asset(one) == by_asset(other))


@pytest.mark.parametrize("many", [1, 4])
def test_rows_of_two_assets_in_turn_are_two_parts_whatever_order_they_come_in(many: int) -> None:
    in_turn = [replace(WHOLE, asset=asset, account=bytes([n])) for n in range(many) for asset in (USDT, ETH)]
    parts = Holdings.of(in_turn).parts
    assert [(part.asset, list(part.accounts)) for part in parts] == [
        (asset, [bytes([n]) for n in range(many)]) for asset in (USDT, ETH)
    ]


@each_of(
    "change",
    [
        {"account": b"\x02" * 20},
        {"claimed": None},
        {"claimed": 6},
        {"tolerance": 2},
        {"height": None},
        {"height": 41},
        {"ownership": None},
        {"asset": USDT},
    ],
)
def test_claims_that_differ_in_one_point_of_one_row_are_not_equal(change: dict[str, object]) -> None:
    assert Holdings.of([WHOLE, replace(WHOLE, **change)]) != Holdings.of([WHOLE, WHOLE])  # type: ignore[arg-type]


def test_assets_without_rows_are_no_part_of_a_claim() -> None:
    holdings = Holdings([HeldAsset(ETH), HeldAsset(USDT, [replace(WHOLE, asset=USDT)]), HeldAsset(OP)])
    assert [part.asset for part in holdings.parts] == [USDT]
    assert list(holdings) == [replace(WHOLE, asset=USDT)]
    assert list(Holdings()) == []
    assert Holdings().by_place(lambda chain: (chain, 1)) == {}
    assert Holdings().compared_elsewhere(lambda chain: (chain, 1)) == {}


Placed = dict[ChainHeight, list[tuple[AssetId, bytes]]]


def placed(rows: Sequence[Holding], heights: dict[Chain, int]) -> tuple[Placed, Placed]:
    """Where each row is weighed, and where it is compared if that is elsewhere; worked out row by row."""
    weighed: Placed = {}
    compared: Placed = {}
    for row in rows:
        chain = row.asset.chain
        weighed.setdefault((chain, heights.get(chain)), []).append((row.asset, row.account))
        if row.claimed is not None and row.height not in (None, heights.get(chain)):
            compared.setdefault((chain, row.height), []).append((row.asset, row.account))
    return weighed, compared


@given(of_many, st.dictionaries(st.sampled_from([EVM, OTHER]), st.sampled_from([0, 40, 50, 60])))
def test_each_row_is_weighed_where_its_chain_is_and_compared_at_its_own_height(
    given_rows: list[Holding], heights: dict[Chain, int]
) -> None:
    rows = by_asset(given_rows)

    def place_of(chain: Chain) -> ChainHeight:
        return chain, heights.get(chain)

    weighed, compared = Holdings.of(rows).by_place(place_of), Holdings.of(rows).compared_elsewhere(place_of)
    assert len({chain for chain, _ in weighed}) == len(weighed)
    expected = placed(rows, heights)
    assert ({at: list(each) for at, each in weighed.items()}, {at: list(each) for at, each in compared.items()}) == (
        expected
    )
    in_order = sorted(compared, key=lambda place: (place[0], place[1] or 0))
    assert (list(weighed), list(compared)) == (sorted(weighed), in_order)
    for place, each in [*weighed.items(), *compared.items()]:
        named = expected[weighed.get(place) is not each][place]
        assert len(each) == len(named)
        assert each.assets == {asset for asset, _ in named}
        assert all(one in each for one in named)
        assert (USDT, b"absent") not in each
        for share in each.shares:
            assert list(share.positions) == sorted(set(share.positions))


@given(of_many, st.integers(-2, 12), st.integers(1, 12))
def test_accounts_at_a_place_are_those_of_its_rows_where_these_are_of_one_asset(
    rows: list[Holding], start: int, count: int
) -> None:
    holdings = Holdings.of(rows)
    there = list(holdings)[start : start + count] if start >= 0 else []
    found = holdings.accounts_at(start, count)
    if found is not None:
        assert list(found) == [row.account for row in there]
        assert len(there) == count
    else:
        assert len(there) < count or len({row.asset for row in there}) > 1
