"""An anchor made, or a longer one of one that is there: from an attestation's blocks up to a later block, link by link.

It grows upwards. So whatever has been fetched is an anchor already, to an earlier block: a run that ends early leaves
one, the next goes on from it, and one made today can be made longer in years. Each link is walked as it comes, by the
prover that walks it for the reader; what does not hold is asked of the next node. No quorum is needed: an anchor proves
itself, no matter who made it.

Not in here: which blocks the reader trusts, and what is said of it (`attesting.anchored`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from scanner.chains.ancestry import AncestryProver, FinalityProver, Finalized, Stride
from scanner.chains.anchor import PathBlock
from scanner.chains.backends import open_node
from scanner.chains.interface import Node, ServesAncestors
from scanner.chains.proving import ancestry, consensus
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.scanning.events import AnchorExtended, Observer, ignore
from scanner.scanning.growing_anchor import GrowingAnchor
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import unserved
from scanner.weighing.instrument import Instrument

_FOR_A_WHILE: Final = 256  # links of a shorter stride, before a longer one is tried again


@dataclass(frozen=True, slots=True)
class Unanchored:
    """A chain whose anchor does not lead as far as was asked for, and why."""

    chain: Chain
    gap: Gap


async def extend(
    growing: GrowingAnchor,
    blocks: Iterable[Snapshot],
    instrument: Instrument,
    *,
    up_to: Mapping[Chain, int | str] = MappingProxyType({}),
    checkpoints: Mapping[Chain, str] = MappingProxyType({}),
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
) -> list[Unanchored]:
    """Make `growing` lead to all of `blocks`: of each chain from the block `up_to` (a height or a hash) down; else from
    the newest that is shown to be final by the chain that decides so, from its block in `checkpoints` on; else from the
    newest that a node calls final. Paths of other chains stay as they are.

    Returns the chains where it does not lead as far; what it has of them stays. Raises InputError for nodes of a kind
    that is not known.
    """
    by_chain: dict[Chain, list[Snapshot]] = {}
    for block in blocks:
        by_chain.setdefault(block.chain, []).append(block)

    async def one(chain: Chain) -> Unanchored | None:
        heights = {block.height: block for block in by_chain[chain]}
        ascending = [heights[height] for height in sorted(heights)]
        top = up_to.get(chain)
        deciding = consensus(chain)
        if top is None and deciding is not None and deciding[0] in checkpoints:
            async with _opened(deciding[0], instrument, connect, observe) as nodes:
                final = await _finalized(growing, nodes, deciding[1], checkpoints[deciding[0]])
            if isinstance(final, Gap):
                return Unanchored(chain, final)
            top = final.hash
        async with _opened(chain, instrument, connect, observe) as group:
            gap = await _extended(growing, group, ascending, top)
        return None if gap is None else Unanchored(chain, gap)

    lacking = await asyncio.gather(*map(one, sorted(by_chain)))
    return [each for each in lacking if each is not None]


@asynccontextmanager
async def _opened(
    chain: Chain, instrument: Instrument, connect: Callable[[NodeSettings], Node], observe: Observer
) -> AsyncIterator[NodeGroup]:
    group = await NodeGroup.open(chain, instrument.for_chain(chain), connect, observe)
    try:
        yield group
    finally:
        await group.close()


async def _finalized(
    growing: GrowingAnchor, group: NodeGroup, prover: FinalityProver, checkpoint: str
) -> Finalized | Gap:
    """The newest block that is shown to be final, whose records are kept; why there is none."""
    gap = unserved(group) or next(iter(group.silent.values()), None)
    for node in (node for nodes in group.nodes.values() for node in nodes):
        source = node.capabilities.finality
        if source is None:
            gap = gap or Gap(Why.UNSUPPORTED, "no node of this chain shows what is final")
            continue
        try:
            names = growing.add(await source.finality_records(checkpoint))
            final = prover.walk(group.chain, checkpoint, names, growing.witness)
        except NodeError as error:
            gap = Gap(error.why, f"{group.chain}: {error.detail}")
        except ProofError as error:
            gap = Gap(Why.FORGED, error.detail)
        else:
            growing.decided(group.chain, names)
            return final
    return gap or Gap(Why.UNSUPPORTED, f"no node of {group.chain} is configured")


async def _extended(
    growing: GrowingAnchor, group: NodeGroup, blocks: Sequence[Snapshot], up_to: int | str | None
) -> Gap | None:
    """One chain's path, through `blocks` (ascending). Why it does not lead as far as was asked for; None if it does."""
    prover = ancestry(group.chain)
    if prover is None:
        return Gap(Why.UNSUPPORTED, "on such a chain nothing known here leads from a block to its ancestors")
    gap = unserved(group) or next(iter(group.silent.values()), None)
    for node in (node for nodes in group.nodes.values() for node in nodes):
        source = node.capabilities.ancestors
        if source is None:
            gap = gap or Gap(Why.UNSUPPORTED, "no node of this chain gives what leads to ancestors")
            continue
        try:
            await _Climb(growing, prover, node, source, group.observe).to(await _top(node, source, up_to), blocks)
        except NodeError as error:
            gap = Gap(error.why, error.detail)
        else:
            return None
    return gap


async def _top(node: Node, source: ServesAncestors, up_to: int | str | None) -> Snapshot:
    if isinstance(up_to, str):
        return await source.block_named(up_to)
    return await node.block_at(await node.final_height() if up_to is None else up_to)


class _Climb:
    """One node's part of a path."""

    def __init__(
        self, growing: GrowingAnchor, prover: AncestryProver, node: Node, source: ServesAncestors, observe: Observer
    ) -> None:
        self._growing = growing
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
            at = await self._climb(at, target)
        if at.height == top.height and at.hash != top.hash:
            raise NodeError(Why.WRONG_BLOCK, f"block {at.height} is {at.hash}, and the node has another")

    async def _begin(self, blocks: Sequence[Snapshot]) -> Snapshot:
        """The newest block of the path that is there, if it holds and leads to all of the blocks at or below it; else
        the oldest of the blocks, from which a path is begun anew."""
        path = self._growing.path(self._chain)
        names = {block.hash for block in path}
        leads = path and all(block.hash in names or block.height > path[-1].height for block in blocks)
        if leads and self._holds(path, [block for block in blocks if block.hash in names]):
            newest = await self._node.block_at(path[-1].height)
            if newest.hash != path[-1].hash:
                raise NodeError(
                    Why.WRONG_BLOCK, f"the anchor's block {newest.height} is {path[-1].hash}, and the node has another"
                )
            return newest
        first = blocks[0]
        self._growing.add(await self._source.block_records(first))
        self._check(lambda: self._walk.check(first))
        self._growing.begin(self._chain, first)
        return first

    def _holds(self, path: Sequence[PathBlock], blocks: Sequence[Snapshot]) -> bool:
        """Whether a path, which may be anyone's, leads from its newest block down to these: else it would be made
        longer, and never lead there."""
        heights = {block.hash: block.height for block in path}
        try:
            for older, newer in pairwise(path):
                if self._walk.link(newer.hash, older.hash).blocks != newer.height - older.height:
                    return False
            for block in blocks:
                self._walk.check(block)
        except ProofError:
            return False
        return all(heights[block.hash] == block.height for block in blocks)

    async def _climb(self, at: Snapshot, target: Snapshot) -> Snapshot:
        """Link by link up to the target. Where a long one cannot be had, shorter ones are taken for a while."""
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
                tried += 1
                if tried == len(strides):
                    raise
                left, shorter = target.height - at.height, strides[tried]
                if left > shorter.blocks * shorter.most:
                    raise NodeError(error.why, f"{error.detail}; {_too_far(left, shorter)}") from None
                again = at.height + _FOR_A_WHILE * shorter.blocks
        return at

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
