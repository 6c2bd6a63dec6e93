"""Scans of a small claim by scripted nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId, Chain
from scanner.scanning.events import Event, ignore
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings, holding_order
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ScriptedChain

EVM, BITCOIN = parse_chain("eip155:1"), parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
ALICE, BOB = b"\x01" * 20, b"\x02" * 20


def claim(
    *holdings: tuple[Asset, bytes], heights: Mapping[Chain, int] | None = None, as_of: datetime | None = None
) -> Claim:
    assets = {asset.id: asset for asset, _ in holdings}
    ordered = sorted(holdings, key=lambda each: holding_order(each[0].id, each[1]))
    return Claim(
        exchange="X",
        as_of=as_of or GENESIS_TIME + timedelta(minutes=50),
        assets=assets,
        liabilities={asset.backs: Liability(asset.backs, Fraction(1)) for asset in assets.values()},
        holdings=Holdings.of(Holding(asset.id, account) for asset, account in ordered),
        digest="00" * 32,
        snapshots={EVM: 50} if heights is None else heights,
    )


def run_scan(claimed: Claim, nodes: Nodes, policy: Policy = Policy(), events: list[Event] | None = None) -> Scan:  # noqa: B008
    observe = ignore if events is None else events.append
    return asyncio.run(scan(claimed, Instrument(policy, tuple(nodes.settings)), observe=observe, connect=nodes.connect))


def two_agreeing(balances: dict[tuple[AssetId, bytes], int | Gap]) -> Nodes:
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, balances=dict(balances)), operator)
    return nodes
