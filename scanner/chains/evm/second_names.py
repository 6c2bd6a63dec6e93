"""Accounts of Filecoin's EVM that are second names: `0xff`, eleven zero bytes and the number of an actor (FIP-0055).

Each such actor has an address of its own besides (f1, f2, f3, or f410, which is its EVM address), and its balance would
count under both. Which number has which address only the state can say; so what is named by its number is not read,
here as on `fil` itself (`chains.filecoin.state`). Tokens know such an account by this name alone, and are read.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.filecoin.accounts import ACTOR_NUMBER, EVM_CHAINS
from scanner.core.evidence import Batch, Gap, Reading
from scanner.core.ids import AssetId
from scanner.errors import Why

_NUMBERED: Final = b"\xff" + bytes(11)


def second_name(asset: AssetId, account: bytes) -> str | None:
    """Why the coin is not read by this name of the account; None where it is."""
    named = asset.native and asset.chain.reference in EVM_CHAINS and account.startswith(_NUMBERED)
    return ACTOR_NUMBER if named else None


def without_second_names(batch: Batch, reading: Reading) -> Reading:
    """The reading with gaps for such accounts; the same one on any other chain, and where there are none."""
    if not batch.asset.native or batch.asset.chain.reference not in EVM_CHAINS:
        return reading
    named = ((at, second_name(batch.asset, account)) for at, account in enumerate(batch.accounts))
    second = {at: Gap(Why.UNSUPPORTED, why) for at, why in named if why is not None}
    if not second:
        return reading
    return Reading.of(second.get(at, reading[at]) for at in range(len(reading)))
