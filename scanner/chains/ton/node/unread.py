"""What servers of TON are not asked for: a Gap for it. Not in here: how the rest is read."""

from __future__ import annotations

from scanner.chains.own_coin import foreign_asset
from scanner.chains.ton.facts import COIN
from scanner.chains.ton.jettons import jetton_of, unread_because
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.errors import Why


def unread_asset(asset: AssetId, chain: Chain) -> Gap | None:
    """A Gap for an asset that is neither the coin of `chain` nor a jetton of it that is known."""
    if asset.chain == chain:
        if jetton_of(asset) is not None:
            return None
        why = unread_because(asset)
        if why is not None:
            return Gap(Why.UNSUPPORTED, why)
    return foreign_asset(asset, chain, COIN)


def unread_batch(batch: Batch, chain: Chain) -> Gap | None:
    """A Gap for a batch of such an asset, or at another chain's block."""
    gap = unread_asset(batch.asset, chain)
    if gap is None and batch.snapshot.chain != chain:
        gap = Gap(Why.WRONG_CHAIN, f"the node serves {chain}")
    return gap
