"""What a node that reads its network's own coin alone does not read: a Gap for it. Not in here: how it reads."""

from __future__ import annotations

from scanner.chains.family import Coin
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.errors import Why


def is_coin(asset: AssetId, coin: Coin) -> bool:
    """Whether the asset is this coin of its chain."""
    return asset.native and (coin.slip44 is None or asset.reference == str(coin.slip44))


def foreign_asset(asset: AssetId, chain: Chain, coin: Coin | None = None) -> Gap | None:
    """A Gap for an asset that is not the own coin of `chain`, which is `coin`, where that is known."""
    if asset.chain == chain and (asset.native if coin is None else is_coin(asset, coin)):
        return None
    own = "its own coin" if coin is None or coin.slip44 is None else f"slip44:{coin.slip44}"
    return Gap(Why.UNSUPPORTED, f"of {chain} {own} is read, not {asset}")


def foreign_batch(batch: Batch, chain: Chain, coin: Coin | None = None) -> Gap | None:
    """A Gap for a batch of another asset than the own coin of `chain`, or at another chain's block."""
    gap = foreign_asset(batch.asset, chain, coin)
    if gap is None and batch.snapshot.chain != chain:
        gap = Gap(Why.WRONG_CHAIN, f"the node serves {chain}")
    return gap
