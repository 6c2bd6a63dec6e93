"""The headers below a pinned block, each shown to be its ancestor: walked downwards from the pinned hash.

A header whose hash is the one its successor names cannot be forged, so no proof of work needs to be looked at. What is
kept of each is its Merkle root alone, 32 bytes: 28 MB for all of mainnet. Not in here: what is shown under the roots.
"""

from __future__ import annotations

import asyncio

from scanner.chains.bitcoin.header import HEADER_BYTES, parse_header
from scanner.chains.bitcoin.node.electrum_client import ElectrumClient
from scanner.clients.fields import field, malformed
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

CHUNK = 2016  # headers in one answer: the most that servers give
AT_ONCE = 8  # chunks; each is about 320 kB


class Ancestry:
    """The Merkle roots of the blocks from the pinned one downwards, fetched as far as they are asked for."""

    def __init__(self, client: ElectrumClient, pinned: Snapshot) -> None:
        self._client = client
        self._top = pinned.height
        self._next_hash = pinned.hash  # of the highest block not fetched yet
        self._roots = bytearray()  # from the pinned block downwards
        self._fetching = asyncio.Lock()

    async def reach(self, height: int) -> None:
        """Make sure of all roots down to `height`. Raises NodeError WRONG_BLOCK, FORGED, and what the client raises."""
        async with self._fetching:
            while self._lowest > height:
                spans: list[range] = []
                top = self._lowest
                while top > height and len(spans) < AT_ONCE:
                    bottom = max(height, top - CHUNK)
                    spans.append(range(bottom, top))
                    top = bottom
                answers = await self._client.ask(
                    [("blockchain.block.headers", (span.start, len(span))) for span in spans]
                )
                for span, answer in zip(spans, answers, strict=True):
                    if isinstance(answer, NodeError):
                        raise answer
                    self._take(span, answer)

    def root(self, height: int) -> bytes:
        """The Merkle root of the block at `height`, which was reached before."""
        start = 32 * (self._top - height)
        return bytes(self._roots[start : start + 32])

    @property
    def _lowest(self) -> int:
        """The lowest height whose root is here; one above the pinned block's when there is none yet."""
        return self._top + 1 - len(self._roots) // 32

    def _take(self, span: range, answer: object) -> None:
        text = field(answer, "hex", str)
        if field(answer, "count", int) != len(span) or len(text) != 2 * HEADER_BYTES * len(span):
            raise malformed("the server does not give as many headers as it was asked for")
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raise malformed("headers that are not in hex") from None
        for height in reversed(span):
            start = HEADER_BYTES * (height - span.start)
            header = parse_header(raw[start : start + HEADER_BYTES])
            if header.hash != self._next_hash:
                if height == self._top:
                    raise NodeError(Why.WRONG_BLOCK, f"the server has another block at height {height}")
                raise NodeError(Why.FORGED, f"the header at height {height} is not an ancestor of the pinned block")
            self._roots += header.merkle_root
            self._next_hash = header.parent
