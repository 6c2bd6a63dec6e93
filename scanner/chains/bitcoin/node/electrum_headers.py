"""The headers below a pinned block, each shown to be its ancestor: walked downwards from the pinned hash.

A header whose hash is the one its successor names cannot be forged, so no proof of work needs to be looked at. What is
kept of each is its Merkle root alone, 32 bytes: 28 MB for all of Bitcoin, 190 MB for all of Dogecoin. Of merge-mined
chains the headers are asked for without the proofs behind them, which servers leave out of those below a checkpoint
(since protocol 1.4.1); where they come all the same they are skipped.

Where headers cannot be hashed (Dash) only the block above the pinned one is seen to name it: that the headers below are
its ancestors is then the server's word. Not in here: what is shown under the roots.
"""

from __future__ import annotations

import asyncio

from scanner.chains.bitcoin.facts import WorkRules
from scanner.chains.bitcoin.header import HEADER_BYTES, BitcoinHeader, parse_header, take_header
from scanner.chains.bitcoin.node.block import header_from_hex, work_rules
from scanner.chains.bitcoin.node.electrum_client import ElectrumClient
from scanner.chains.bitcoin.node.serialized import Serialized
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import Call
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

CHUNK = 2016  # headers in one answer: the most that servers give
MERGE_MINED_CHUNK = 1000  # headers, if the proofs behind them come too
AT_ONCE = 8  # chunks; each is about 320 kB


class HeaderAncestry:
    """The Merkle roots of the blocks from the pinned one downwards, fetched as far as they are asked for."""

    def __init__(self, client: ElectrumClient, pinned: Snapshot) -> None:
        self._client = client
        self._chain = pinned.chain
        self._rules = work_rules(pinned.chain)
        self._top = pinned.height
        self._next_hash = pinned.hash  # of the highest block not fetched yet
        self._roots = bytearray()  # from the pinned block downwards
        self._fetching = asyncio.Lock()

    async def reach(self, height: int) -> None:
        """Make sure of all roots down to `height`. Raises NodeError WRONG_BLOCK, FORGED, and what the client raises."""
        chunk = headers_at_once(self._rules)
        async with self._fetching:
            if self._rules is None and not self._roots:
                await self._check_named()
            while self._lowest > height:
                spans: list[range] = []
                top = self._lowest
                while top > height and len(spans) < AT_ONCE:
                    bottom = max(height, top - chunk)
                    spans.append(range(bottom, top))
                    top = bottom
                answers = await self._client.ask([headers_call(span, self._rules, self._top) for span in spans])
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
        headers = headers_in(answer, span, self._rules)
        for height, header in zip(reversed(span), reversed(headers), strict=True):
            if self._rules is not None and header.hash != self._next_hash:
                if height == self._top:
                    raise NodeError(Why.WRONG_BLOCK, f"the server has another block at height {height}")
                raise NodeError(Why.FORGED, f"the header at height {height} is not an ancestor of the pinned block")
            self._roots += header.merkle_root
            self._next_hash = header.parent

    async def _check_named(self) -> None:
        answer = await self._client.ask_one(("blockchain.block.header", (self._top + 1,)))
        if header_from_hex(answer, self._chain).parent != self._next_hash:
            raise NodeError(Why.WRONG_BLOCK, f"the server has another block at height {self._top}")


def headers_at_once(rules: WorkRules | None) -> int:
    """How many headers are asked for in one question."""
    return MERGE_MINED_CHUNK if _merge_mined(rules) else CHUNK


def headers_call(span: range, rules: WorkRules | None, checkpoint: int) -> Call:
    """The question for the headers at these heights, up to a block at or above the last of them."""
    return "blockchain.block.headers", (span.start, len(span), *((checkpoint,) if _merge_mined(rules) else ()))


def headers_in(answer: object, span: range, rules: WorkRules | None) -> list[BitcoinHeader]:
    """The headers in its answer, whose hashes are their own; nothing else is judged. Raises NodeError MALFORMED."""
    text, size = field(answer, "hex", str), HEADER_BYTES * len(span)
    if field(answer, "count", int) != len(span):
        raise malformed("the server does not give as many headers as it was asked for")
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise malformed("headers that are not in hex") from None
    if len(raw) == size:
        return [parse_header(raw[start : start + HEADER_BYTES]) for start in range(0, size, HEADER_BYTES)]
    if not _merge_mined(rules):
        raise malformed("the server does not give as many headers as it was asked for")
    source = Serialized(raw)
    try:
        headers = [take_header(source, rules) for _ in span]
        source.end()
    except ValueError as error:
        raise malformed(f"headers that are none: {error}") from None
    return headers


def _merge_mined(rules: WorkRules | None) -> bool:
    return rules is not None and rules.merge_mined is not None
