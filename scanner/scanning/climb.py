"""A path upwards, from an attestation's oldest block to a later one, by what one node gives.

Each link is walked as it comes. Where a node does not give a long one, shorter ones are taken, or the block hangs under
the path's top, by way of the chain that decides what is final. Not in here: which nodes are asked (`anchoring`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from scanner.chains.ancestry import AncestryProver, Stride
from scanner.chains.anchor import PathBlock
from scanner.chains.descent import Descent
from scanner.chains.interface import Node, ServesAncestors
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import Flaw, ProofError
from scanner.scanning.events import AnchorExtended, Observer
from scanner.scanning.growing_anchor import GrowingAnchor
from scanner.scanning.past import PastOf

_FOR_A_WHILE: Final = 256  # links of a shorter stride, before a longer one is tried again


class Climb:
    """One node's part of a path."""

    def __init__(
        self,
        growing: GrowingAnchor,
        prover: AncestryProver,
        node: Node,
        source: ServesAncestors,
        past: PastOf | None,
        *,
        observe: Observer,
    ) -> None:
        self._growing = growing
        self._past = past
        self._node = node
        self._source = source
        self._observe = observe
        self._prover = prover
        self._chain = node.settings.chain
        self._walk = prover.over(self._chain, growing.witness)

    async def to(self, top: Snapshot, blocks: Sequence[Snapshot]) -> None:
        """Up to `top`, through all of `blocks` (ascending). Raises NodeError; what was fetched until then stays."""
        if top.height < blocks[-1].height:
            raise NodeError(
                Why.NOT_FINAL, f"block {top.height} is older than block {blocks[-1].height} of the attestation"
            )
        at = await self._begin(blocks)
        for target in [*(block for block in blocks if block.height > at.height), top]:
            reached = await self._climb(at, target, top)
            if reached.height < target.height and self._past is not None:
                await self._hang(reached, top, target, self._past)
            if target is not top:
                await self._keep(target)
            at = target
        if at.height == top.height and at.hash != top.hash:
            raise NodeError(Why.WRONG_BLOCK, f"block {at.height} is {at.hash}, and the node has another")

    async def _begin(self, blocks: Sequence[Snapshot]) -> Snapshot:
        """The newest block of the path that is there, if it holds and leads to all of the blocks at or below it; else
        the oldest of the blocks, from which a path is begun anew."""
        path = self._growing.path(self._chain)
        names = {block.hash for block in path}
        leads = path and all(block.hash in names or block.height > path[-1].height for block in blocks)
        passed = [block for block in blocks if leads and block.hash in names]
        for block in passed:
            await self._keep(block)
        if leads and self._holds(path, passed):
            return await self._newest(path[-1])
        first = blocks[0]
        self._growing.add(await self._source.block_records(first))
        self._check(lambda: self._walk.check(first))
        self._growing.begin(self._chain, first)
        return first

    async def _newest(self, block: PathBlock) -> Snapshot:
        """The newest block of the path as the node has it: under the path's name, though it may have another for the
        same place (a tipset's block stands for the tipset)."""
        newest = await self._node.block_at(block.height)
        if newest.hash == block.hash:
            return newest
        wrong = NodeError(
            Why.WRONG_BLOCK, f"the anchor's block {newest.height} is {block.hash}, and the node has another"
        )
        try:
            named = await self._source.block_named(block.hash)
        except NodeError:
            raise wrong from None
        if (named.height, named.parent) != (newest.height, newest.parent):
            raise wrong
        return named

    async def _keep(self, block: Snapshot) -> None:
        """What says of one of the attestation's blocks what it is, where what led there does not. Whether that is what
        the attestation says is for the reader to find out, and no fault of the node."""
        if not self._says(block):
            self._growing.add(await self._source.block_records(block))
            if not self._says(block):
                raise NodeError(Why.FORGED, f"what the node gave does not say what block {block.height} is")

    def _says(self, block: Snapshot) -> bool:
        try:
            self._walk.check(block)
        except ProofError as error:
            return error.flaw is not Flaw.INCOMPLETE
        return True

    def _holds(self, path: Sequence[PathBlock], blocks: Sequence[Snapshot]) -> bool:
        """Whether a path, which may be anyone's, leads from its newest block down to these: else it would be made
        longer, and never lead there."""
        heights = {block.hash: block.height for block in path}
        descent = Descent(self._walk, tuple(reversed(path)))
        try:
            for place in range(len(path)):
                descent.to(place)
            for block in blocks:
                self._walk.check(block)
        except ProofError:
            return False
        return all(heights[block.hash] == block.height for block in blocks)

    async def _climb(self, at: Snapshot, target: Snapshot, top: Snapshot) -> Snapshot:
        """Link by link up to the target. Where a long one cannot be had: only up to the block that the deciding chain's
        past leads to from the top, if it leads there; else shorter ones are taken for a while."""
        strides, tried, again = self._prover.strides, 0, 0
        taken = [0 for _ in strides]
        while at.height < target.height:
            if at.height >= again:
                tried = 0
            stride = strides[tried]
            if taken[tried] == stride.most:
                raise NodeError(Why.UNSUPPORTED, _too_far(target.height - at.height, stride))
            try:
                at = await self._step(at, target, stride)
                taken[tried] += 1
            except NodeError as error:
                if tried == 0 and await self._hangs(at, target, top):
                    return at
                tried += 1
                if tried == len(strides):
                    raise
                left, shorter = target.height - at.height, strides[tried]
                if left > shorter.blocks * shorter.most:
                    raise NodeError(
                        error.why, f"{error.detail}; {self._why_not_past()}{_too_far(left, shorter)}"
                    ) from None
                again = at.height + _FOR_A_WHILE * shorter.blocks
        return at

    async def _hangs(self, at: Snapshot, target: Snapshot, top: Snapshot) -> bool:
        """Whether a block can hang under the top, and is far enough from the target that headers would be more."""
        is_far = target.height - at.height > _FOR_A_WHILE
        return is_far and self._past is not None and await self._past.reaches(top, at)

    async def _hang(self, block: Snapshot, top: Snapshot, following: Snapshot, past: PastOf) -> None:
        """A block under the top, by the deciding chain's past; the path goes on from the block that follows."""
        self._growing.add(await self._source.block_records(top))
        await self._lead(past, top, block)
        self._growing.hang(block, top)
        self._growing.add(await self._source.block_records(following))
        self._growing.put(following)
        self._observe(AnchorExtended(following, top.height))

    def _why_not_past(self) -> str:
        return "" if self._past is None else f"{self._past.gap.detail}; "

    async def _lead(self, past: PastOf, top: Snapshot, block: Snapshot) -> None:
        """From the top down to a block. Raises NodeError where no node's records do."""
        if self._flaw(top, block) is None:  # by records of an earlier run
            return
        flaw = None
        async for records in past.records(top, block):
            self._growing.add(records)
            flaw = self._flaw(top, block)
            if flaw is None:
                return
        if flaw is not None:
            raise NodeError(Why.UNSUPPORTED if flaw.flaw is Flaw.UNDETERMINED else Why.FORGED, flaw.detail)
        raise NodeError(past.gap.why, past.gap.detail)

    def _flaw(self, newer: Snapshot, older: Snapshot) -> ProofError | None:
        """Why the newer block does not lead to the older one; None if it does."""
        try:
            self._walk.link(newer.hash, older.hash)
        except ProofError as error:
            return error
        return None

    async def _step(self, at: Snapshot, target: Snapshot, stride: Stride) -> Snapshot:
        height = min(at.height + stride.blocks, target.height)
        newer = target if height == target.height else await self._node.block_at(height)
        self._growing.add(await self._source.link_records(newer, at))
        self._check(lambda: self._walk.link(newer.hash, at.hash))
        self._growing.put(newer)
        self._observe(AnchorExtended(newer, target.height))
        return newer

    def _check(self, walk: Callable[[], object]) -> None:
        try:
            walk()
        except ProofError as error:
            raise NodeError(Why.FORGED, error.detail) from None


def _too_far(left: int, stride: Stride) -> str:
    return f"{left:,} blocks are left, and at most {stride.most:,} links of {stride.blocks:,} are made"
