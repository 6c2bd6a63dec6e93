"""What a node that reads its network's own coin alone does not read: a Gap for it. Not in here: how it reads."""

from __future__ import annotations

from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.errors import Why


def foreign_asset(asset: AssetId, chain: Chain, coin_type: str | None = None) -> Gap | None:
    """A Gap for an asset that is not the own coin of `chain`. `coin_type`: its SLIP-44 number, where that is known."""
    if asset.chain == chain and asset.native and coin_type in (None, asset.reference):
        return None
    coin = "its own coin" if coin_type is None else f"slip44:{coin_type}"
    return Gap(Why.UNSUPPORTED, f"of {chain} {coin} is read, not {asset}")


def foreign_batch(batch: Batch, chain: Chain, coin_type: str | None = None) -> Gap | None:
    """A Gap for a batch of another asset than the own coin of `chain`, or at another chain's block."""
    gap = foreign_asset(batch.asset, chain, coin_type)
    if gap is None and batch.snapshot.chain != chain:
        gap = Gap(Why.WRONG_CHAIN, f"the node serves {chain}")
    return gap
