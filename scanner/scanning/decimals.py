"""In how many decimals each asset counts, before anything of it is believed.

A claim of 18 decimals for a token with 6 makes a million millionth of every balance, and the other way round a million
million of it. So the claim is never taken at its word: the contract says the number itself, or the tables of
`chains.facts_revision` do. Where neither does, every balance is a gap; ERC-20 leaves a contract free not to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from scanner.chains.interface import Node
from scanner.chains.known_assets import known_asset
from scanner.chains.natives import native_decimals
from scanner.core.evidence import Balance, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.errors import Why
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pool import in_order
from scanner.weighing.claim import Asset
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, agree

_ASSETS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class CheckedDecimals:
    """The assets whose decimals are not what the claim says, or not known to be."""

    wrong: Mapping[AssetId, Gap] = field(default_factory=dict)  # nothing of them needs to be read
    unconfirmed: Mapping[AssetId, Gap] = field(default_factory=dict)

    def believed(self, asset: AssetId, outcomes: Outcomes) -> Outcomes:
        """What was established of `asset`: no balance where it is unknown what one of its atoms is."""
        gap = self.unconfirmed.get(asset)
        if gap is None:
            return outcomes
        return Outcomes(gap if isinstance(outcome, Balance) else outcome for outcome in outcomes)


async def check_decimals(
    group: NodeGroup, snapshot: Snapshot, assets: Iterable[Asset], policy: Policy
) -> CheckedDecimals:
    """Ask every contract among `assets`, all of one chain, and look up what contracts do not say."""

    async def ask(asset: Asset) -> tuple[Asset, Agreement[int] | Gap]:
        if asset.id.native:
            return asset, Gap(Why.UNSUPPORTED, "only a contract says how many decimals it has")
        return asset, agree(await group.ask(partial(_decimals, asset.id, snapshot)), policy)

    wrong, unconfirmed = {}, {}
    async for asset, said in in_order(sorted(assets, key=lambda each: each.id), ask, _ASSETS_AT_ONCE):
        by_table = _in_tables(asset.id)
        if not isinstance(said, Gap):
            found, source = said.value, f"the contract has {said.value} decimals"
        elif by_table is not None:
            found, source = by_table, f"it is known to have {by_table} decimals"
        else:
            unconfirmed[asset.id] = Gap(Why.UNCONFIRMED_DECIMALS, _untold(asset, said))
            continue
        if found != asset.decimals:
            wrong[asset.id] = Gap(Why.WRONG_DECIMALS, f"{source}, the claim says {asset.decimals}")
    return CheckedDecimals(wrong, unconfirmed)


def _in_tables(asset: AssetId) -> int | None:
    if asset.native:
        return native_decimals(asset.chain)
    known = known_asset(asset)
    return None if known is None else known.decimals


def _untold(asset: Asset, gap: Gap) -> str:
    if asset.id.native:
        return f"only the claim says that the coin of {asset.id.chain} has {asset.decimals} decimals"
    return f"only the claim says that it has {asset.decimals} decimals; its contract: {gap.why}, {gap.detail}"


async def _decimals(asset: AssetId, snapshot: Snapshot, node: Node) -> int | Gap:
    return await node.decimals(asset, snapshot)
