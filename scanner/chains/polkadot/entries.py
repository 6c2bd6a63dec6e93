"""Which entries of the state say what accounts hold of an asset: of the chain's own coin, or of the Assets pallet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scanner.chains.polkadot import assets, storage
from scanner.core.ids import AssetId


@dataclass(frozen=True, slots=True)
class Entries:
    """Where an asset's balances stand, and what an entry says."""

    asset: bytes | None  # the key that has an entry where there is such an asset; None of the chain's own coin
    of: Callable[[bytes], bytes]  # an account's key
    amount: Callable[[bytes | None], int]  # what its entry says, in atoms. Raises ProofError


def entries_of(asset: AssetId) -> Entries | None:
    """Those of an asset; None of one that is not read here."""
    if asset.native:
        return Entries(None, storage.account_entry, storage.amount)
    number = assets.number_of(asset)
    if number is None:
        return None
    return Entries(assets.asset_entry(number), partial(assets.account_entry, number), assets.amount)
