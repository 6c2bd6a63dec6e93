"""What shows ancestors on TON, from a lite server, or from a toncenter server, which asks one: headers, and proofs that
a state has an earlier block.

Nothing is believed here: `chains.ton.ancestry` walks it all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from scanner.chains.ton.cells import proven_records
from scanner.chains.ton.node import tl
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

NamedBy = Callable[[Snapshot], Awaitable[tl.BlockId]]
"""The snapshot's block by all that a server names it by. Raises NodeError."""

ProofOfHeader = Callable[[tl.BlockId], Awaitable[bytes]]
"""A bag of cells with the proof of the block's header. Raises NodeError."""

Ask = Callable[[bytes], Awaitable[bytes]]
"""What the server answers to a question. Raises NodeError."""


WayBack = Callable[[int, int | None], Awaitable[list[bytes]]]
"""Bags of cells that lead from a block, by its number, to an older one: the older one's number, and the newer one's, or
None for the newest. Raises NodeError."""


class LiteServerAncestors:
    """`chains.interface.ServesAncestors` of one lite server."""

    def __init__(self, named_by: NamedBy, proof_of_header: ProofOfHeader, ask: Ask) -> None:
        self._named_by = named_by
        self._proof_of_header = proof_of_header
        self._ask = ask

    async def block_named(self, name: str) -> Snapshot:
        """Raises NodeError UNSUPPORTED: a server finds blocks by their numbers."""
        raise _by_number(name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The cells of the block's header. Raises NodeError."""
        return _cells(await self._proof_of_header(await self._named_by(block)))

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The cells of the newer block's header; and, where it names another parent, of its state those that lead to
        the older block. Raises NodeError."""
        above = await self._named_by(newer)
        records = _cells(await self._proof_of_header(above))
        if newer.parent != older.hash:
            below = await self._named_by(older)
            records += _cells(tl.way_back_of(await self._ask(tl.get_way_back(above, below)), above, below))
        return records


class ToncenterAncestors:
    """`chains.interface.ServesAncestors` of one toncenter server. What leads to a block has its header too, so that
    there is no other question."""

    def __init__(self, way_back: WayBack) -> None:
        self._way_back = way_back

    async def block_named(self, name: str) -> Snapshot:
        """Raises NodeError UNSUPPORTED: a server finds blocks by their numbers."""
        raise _by_number(name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The cells of the block's header, and of what leads there from the newest. Raises NodeError."""
        return _all_cells(await self._way_back(block.height, None))

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The cells of both headers, and of the newer block's state those that lead to the older. Raises NodeError."""
        return _all_cells(await self._way_back(older.height, newer.height))


def _by_number(name: str) -> NodeError:
    return NodeError(
        Why.UNSUPPORTED, f"servers of TON find a block by its number alone: name block {name[:8]}... by its seqno"
    )


def _all_cells(bags: list[bytes]) -> list[bytes]:
    return [record for bag in bags for record in _cells(bag)]


def _cells(bag: bytes) -> list[bytes]:
    try:
        return proven_records(bag)
    except ProofError as error:
        raise NodeError(Why.FORGED, error.detail) from None
