"""Headers from an Esplora server: pages of blocks, each put together to the 80 bytes that were hashed.

A page has ten blocks, with every field of their headers. Nothing of them is believed: the bytes are hashed.
Not in here: what headers show (`ancestors`, `movements`).

Source: https://github.com/Blockstream/esplora/blob/master/API.md (`/blocks/:start_height`, `/block/:hash`, "Block
format").
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from scanner.chains.bitcoin.header import BitcoinHeader, parse_header
from scanner.chains.bitcoin.node.answers import height_field
from scanner.chains.bitcoin.node.block import block_hash, work_rules
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import decode
from scanner.clients.rest import NotFound, Rest
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

PAGE: Final = 10
"""Blocks, as documented; some servers give more."""

_PAGE_LIMIT: Final = 256 * 2**10  # bytes: some servers say more of each block than its header
_NO_PARENT: Final = "00" * 32


class EsploraHeaders:
    """Those of one server's best chain."""

    def __init__(self, chain: Chain, rest: Rest, at_once: int) -> None:
        """`at_once`: pages that are asked for side by side."""
        self._chain = chain
        self._rest = rest
        self._at_once = at_once

    async def at(self, heights: range) -> list[BitcoinHeader]:
        """The headers at these heights, none of which is shown to follow another. Raises NodeError."""
        pages = [heights[max(0, end - PAGE) : end] for end in range(len(heights), 0, -PAGE)][::-1]
        headers: list[BitcoinHeader] = []
        for start in range(0, len(pages), self._at_once):
            found = await asyncio.gather(*map(self._page, pages[start : start + self._at_once]))
            headers += [header for page in found for header in page]
        return headers

    async def height_of(self, name: str) -> int:
        """The height of the block with this hash. Raises NodeError."""
        try:
            answer = decode(await self._rest.get(f"/block/{name}"))
        except NotFound:
            raise NodeError(Why.WRONG_BLOCK, f"the server knows no block {name}") from None
        if field(answer, "id", str) != name:
            raise malformed("the server gives another block than the one asked for")
        return height_field(answer)

    async def _page(self, heights: range) -> list[BitcoinHeader]:
        """At most as many as a page has."""
        try:
            blocks = decode(await self._rest.get(f"/blocks/{heights[-1]}", limit=_PAGE_LIMIT))
        except NotFound:
            raise NodeError(Why.NOT_FINAL, f"the server has no block at height {heights[-1]} yet") from None
        if not isinstance(blocks, list) or len(blocks) < len(heights):
            raise malformed(f"a page that is no list of {len(heights)} blocks or more")
        newest_first = zip(reversed(heights), blocks, strict=False)
        return [self._header(block, height) for height, block in newest_first][::-1]

    def _header(self, block: object, height: int) -> BitcoinHeader:
        if height_field(block) != height:
            raise malformed("a page whose blocks do not stand with the newest first, one a height")
        name = block_hash(field(block, "id", str))
        parent = block_hash(field(block, "previousblockhash", str)) if height else _NO_PARENT
        header = parse_header(
            _number(block, "version")
            + bytes.fromhex(parent)[::-1]
            + bytes.fromhex(block_hash(field(block, "merkle_root", str)))[::-1]
            + b"".join(_number(block, each) for each in ("timestamp", "bits", "nonce"))
        )
        if work_rules(self._chain) is None:  # its hash cannot be seen here
            return replace(header, hash=name)
        if header.hash != name:
            raise NodeError(Why.FORGED, f"the fields given for block {name} hash to {header.hash}")
        return header


def _number(block: object, name: str) -> bytes:
    """One of a header's four numbers, as it is hashed. Versions have a sign, which servers write or leave out."""
    value = field(block, name, int)
    if not -(2**31) <= value < 2**32:
        raise malformed(f"{name} is no number of 32 bits")
    return (value % 2**32).to_bytes(4, "little")
