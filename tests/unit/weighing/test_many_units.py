"""A claim of many units is weighed in proportion to its assets: none is looked at again for each unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction

from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh

BLOCK = "0x" + "1f" * 32


class Visited(Mapping[AssetId, Asset]):
    """Assets that count how often one of them was come by."""

    def __init__(self, assets: Mapping[AssetId, Asset]) -> None:
        self._assets, self.visits = assets, 0

    def __getitem__(self, asset: AssetId) -> Asset:
        return self._assets[asset]

    def __iter__(self) -> Iterator[AssetId]:
        for asset in self._assets:
            self.visits += 1
            yield asset

    def __len__(self) -> int:
        return len(self._assets)


def visits(count: int) -> int:
    """How often an asset is come by while as many units as assets are weighed."""
    named = {parse_asset(f"eip155:1/erc20:0x{number:040x}"): f"U{number}" for number in range(1, count + 1)}
    assets = Visited({asset: Asset(unit, asset, unit, 18) for asset, unit in named.items()})
    holdings = Holdings.of(Holding(asset, number.to_bytes(20)) for number, asset in enumerate(sorted(named), 1))
    claim = Claim(
        exchange="X",
        as_of=datetime(2023, 11, 14, tzinfo=UTC),
        assets=assets,
        liabilities={unit: Liability(unit, Fraction(1)) for unit in named.values()},
        holdings=holdings,
        digest="00" * 32,
    )
    agreed = Balance(10**18, Basis.QUORUM, ("alpha", "beta"))
    rows = [EvidenceRow(each.asset, each.account, BLOCK, agreed, None) for each in holdings]
    found = weigh(claim, {}, rows, Policy(2))
    assert len(found.reserves) == count
    return assets.visits


def test_each_asset_is_visited_as_often_however_many_units_there_are() -> None:
    assert visits(40) == 10 * visits(4)
