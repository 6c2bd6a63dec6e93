"""What shows ancestors on a Substrate chain, from a node: headers, and proofs of the hashes that a block's state keeps.

Nothing is believed here but that a header hashes to the block: `chains.polkadot.ancestry` walks the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from scanner.chains.polkadot.header import SubstrateHeader
from scanner.chains.polkadot.storage import NOW, block_hash_entry
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

HeaderOf = Callable[[str], Awaitable[SubstrateHeader]]
"""The header of the block with this hash, which it hashes to. Raises NodeError."""

BlockAt = Callable[[int], Awaitable[Snapshot]]
"""The block of this number on the node's best chain. Raises NodeError."""

ProofOf = Callable[[Snapshot, Sequence[bytes]], Awaitable[list[bytes]]]
"""Records that may lead to these keys in the state after the block. Raises NodeError."""


class AncestorSource:
    """`chains.interface.ServesAncestors` of one node."""

    def __init__(self, header_of: HeaderOf, block_at: BlockAt, proof_of: ProofOf) -> None:
        self._header_of = header_of
        self._block_at = block_at
        self._proof_of = proof_of

    async def block_named(self, name: str) -> Snapshot:
        """The block with this hash. Raises NodeError WRONG_BLOCK for one that is not of the node's best chain."""
        found = await self._block_at((await self._header_of(name)).number)
        if found.hash != name:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block at height {found.height}")
        return found

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The block's header, and what proves its time. Raises NodeError."""
        return [(await self._header_of(block.hash)).encoded, *await self._proof_of(block, [NOW])]

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The newer block's header; and, where it names another parent, the proof of the hash that its state keeps of
        the older one. Raises NodeError."""
        records = [(await self._header_of(newer.hash)).encoded]
        if newer.parent != older.hash:
            records += await self._proof_of(newer, [block_hash_entry(older.height)])
        return records
