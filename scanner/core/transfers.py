"""A transfer: an amount of an asset that went from one account to another, in a block. Nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.core.ids import AssetId

MOST_TRANSFERS: Final = 500_000
"""Of one asset, and of one statement: so many are held in memory together."""

NOT_ONE: Final = b""
"""Stands where no one account is on that side of a transfer: several that no one can tell apart, a fee, coins newly
made. No account's key is empty."""


@dataclass(frozen=True, slots=True, order=True)
class Transfer:
    """In the order of its fields: of one asset, as they follow each other on the chain."""

    asset: AssetId
    height: int
    index: int  # its place in the block; no other transfer of the chain has it there
    block: str  # the block's hash, as `core.evidence.Snapshot` has it
    transaction: str  # its id, as the chain's RPC writes it
    source: bytes  # the account's key, as `chains.accounts` has it
    target: bytes
    atoms: int  # more than 0
