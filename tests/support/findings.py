"""Findings weighed from rows that a test writes down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction

from scanner.chains.names import parse_asset
from scanner.core.amounts import parse_percent
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.weighing.claim import Asset, Claim, Custody, Liability, StatedRatio
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh

ETH = parse_asset("eip155:1/slip44:60")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
USDT_POLYGON = parse_asset("eip155:137/erc20:0xc2132d05d31c914a87c6611c10748aeb04b58e8f")
ASSETS = {
    ETH: Asset("ETH", ETH, "ETH", 18),
    USDT: Asset("USDT", USDT, "USDT", 6),
    USDT_POLYGON: Asset("USDT-POLY", USDT_POLYGON, "USDT", 6),
}
Rows = Sequence[tuple[AssetId, int | Balance | Gap]]


def stated(text: str) -> StatedRatio:
    return StatedRatio(text, *parse_percent(text))


def finding(
    rows: Rows,
    owed: dict[str, str | None],
    *,
    threshold: str = "1",
    custody: str = "0",
    complete: bool = True,
    ratios: dict[str, str] | None = None,
    require: dict[str, Basis] | None = None,
    proving: Proving = Proving(),  # noqa: B008 - immutable
    controls: Sequence[Control] | None = None,
    require_ownership: Control | None = None,
) -> Finding:
    """`controls` are the rows', in their order; ABSENT where they are left out."""
    liabilities = {
        unit: Liability(
            unit, None if text is None else Fraction(text), stated(ratios[unit]) if ratios and unit in ratios else None
        )
        for unit, text in owed.items()
    }
    evidence = [
        EvidenceRow(
            asset,
            number.to_bytes(20),
            "0xab",
            Balance(outcome, Basis.QUORUM, ("a", "b")) if isinstance(outcome, int) else outcome,
            None,
            Control.ABSENT if controls is None else controls[number],
        )
        for number, (asset, outcome) in enumerate(rows)
    ]
    first = {asset: number for number, (asset, _) in reversed(list(enumerate(rows)))}
    evidence.sort(key=lambda row: first[row.asset])  # as holdings stand, asset by asset
    claim = Claim(
        exchange="X",
        as_of=datetime(2023, 11, 22, 16, tzinfo=UTC),
        assets=ASSETS,
        liabilities=liabilities,
        holdings=Holdings.of(Holding(row.asset, row.account) for row in evidence),
        digest="00" * 32,
        custody=(Custody("ETH", Fraction(custody), "a bank"),) if custody != "0" else (),
        complete=complete,
    )
    policy = Policy(threshold=Fraction(threshold), require=require or {}, require_ownership=require_ownership)
    return weigh(claim, {}, evidence, policy, proving)
