"""What shows ancestors on Filecoin, from a node: headers of blocks, from tipset to tipset.

Objects are asked for by their identifiers and hashed again, so that nothing false is among them; what they show,
`chains.filecoin.ancestry` walks. One names the next, so several stretches of the way are walked side by side, from
tipsets that the node names by their heights.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Protocol, TypeVar

from scanner.chains.filecoin.cid import parse_cid
from scanner.chains.filecoin.tipset import block_in, header_below, read_header, tipset_key, tipset_name
from scanner.chains.records_by_hash import Find, noting, unframed
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

_STRETCH: Final = 15  # heights that are walked one after the other

T = TypeVar("T")


class Lotus(Protocol):
    """What is asked of the node. All methods raise NodeError."""

    async def block_at(self, height: int) -> Snapshot:
        """What held after the tipset at this height."""

    async def header(self, snapshot: Snapshot) -> bytes:
        """The objects that say what the snapshot is, framed."""

    async def tipset_from(self, height: int) -> list[bytes]:
        """The identifiers of the blocks of the first tipset at this height or above."""

    async def walked(self, walks: Sequence[Callable[[Find], T]]) -> list[T]:
        """What each walk comes to, the objects that it lacks being asked for."""


class AncestorSource:
    """`chains.interface.ServesAncestors` of one node."""

    def __init__(self, node: Lotus) -> None:
        self._node = node

    async def block_named(self, name: str) -> Snapshot:
        """The tipset that this identifier names, or of which it names a block: under that name. Raises NodeError."""
        (height,) = await self._node.walked([lambda find: _below(name, find)])
        found = await self._node.block_at(height)
        if found.hash != name and parse_cid(name) not in await self._node.tipset_from(height + 1):
            raise NodeError(Why.WRONG_BLOCK, f"the node has another tipset above height {height}")
        return replace(found, hash=name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The tipset's key, its blocks, and a block of the tipset below. Raises NodeError."""
        return list(unframed(await self._node.header(block)))

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The newer tipset's key, and a block of each tipset from there down to the one on which the older stands.
        Raises NodeError."""
        heights = [*range(newer.height, older.height, -_STRETCH), older.height]
        tipsets = await asyncio.gather(*(self._node.tipset_from(height + 1) for height in heights[:-1]))
        tops = [blocks[0] for blocks in tipsets]
        key = []
        if tipset_name(tipsets[0]) == newer.hash:
            key = [tipset_key(tipsets[0])]
        elif (block := parse_cid(newer.hash)) in tipsets[0]:
            tops[0] = block
        else:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another tipset above height {newer.height}")
        bottoms = [lower for _, lower in pairwise(heights)]
        stretches = [_stretch(top, bottom) for top, bottom in zip(tops, bottoms, strict=True)]
        return [*key, *{record for records in await self._node.walked(stretches) for record in records}]


def _below(name: str, find: Find) -> int:
    """The height of the tipset on which what this identifier names stands. Raises ProofError."""
    return header_below(read_header(block_in(name, find), find), find).height


def _stretch(top: bytes, bottom: int) -> Callable[[Find], list[bytes]]:
    """The walk from this block down to a height, or below it where there is no tipset at it: what it passes."""

    def walk(find: Find) -> list[bytes]:
        passed: set[bytes] = set()
        noted = noting(find, passed)
        header = read_header(top, noted)
        while header.height > bottom:
            header = header_below(header, noted)
        return [find(digest) or b"" for digest in sorted(passed)]

    return walk
