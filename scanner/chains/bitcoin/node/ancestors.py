"""What shows ancestors on a chain like Bitcoin, from a node: headers in runs, each shown to name the one before it.

How headers are fetched is each backend's matter (`fetch`). Not in here: what they show (`chains.bitcoin.ancestry`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.node.block import snapshot_of
from scanner.chains.bitcoin.runs import MOST_HEADERS, record_of
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

HeightOf = Callable[[str], Awaitable[int]]
"""The height of the block with this hash, on the node's best chain. Raises NodeError."""

Fetch = Callable[[range], Awaitable[Sequence[BitcoinHeader]]]
"""The headers at these heights of the node's best chain. Raises NodeError."""


class AncestorSource:
    """`chains.interface.ServesAncestors` of one node."""

    def __init__(self, chain: Chain, fetch: Fetch, height_of: HeightOf) -> None:
        self._chain = chain
        self._fetch = fetch
        self._height_of = height_of

    async def block_named(self, name: str) -> Snapshot:
        """The block with this hash. Raises NodeError."""
        height = await self._height_of(name)
        (header,) = await self._fetch(range(height, height + 1))
        if header.hash != name:
            raise NodeError(Why.WRONG_BLOCK, f"block {name} is not on the node's best chain")
        return snapshot_of(self._chain, height, header, name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The block's header. Raises NodeError."""
        return await self._runs(range(block.height, block.height + 1), block.hash, block.parent)

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The headers above the older block up to the newer one. Raises NodeError."""
        return await self._runs(range(older.height + 1, newer.height + 1), newer.hash, older.hash)

    async def _runs(self, heights: range, last: str, parent: str) -> list[bytes]:
        """Runs of the headers at these heights, the last of which is that of `last`, the first that of a child of
        `parent`."""
        headers = await self._fetch(heights)
        names = [parent, *(header.hash for header in headers)]
        if len(headers) != len(heights) or names[-1] != last:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block at height {heights[-1]}")
        if [header.parent for header in headers] != names[:-1]:
            raise NodeError(Why.FORGED, f"a header below height {heights[-1]} is no ancestor of the block there")
        runs = (headers[start : start + MOST_HEADERS] for start in range(0, len(headers), MOST_HEADERS))
        return [record_of([header.raw for header in run]) for run in runs]
