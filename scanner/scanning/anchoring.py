"""An anchor made, or a longer one of one that is there: from an attestation's blocks up to a later block, link by link.

It grows upwards. So whatever has been fetched is an anchor already, to an earlier block: a run that ends early leaves
one, the next goes on from it, and one made today can be made longer in years. Each link is walked as it comes, by the
prover that walks it for the reader; what does not hold is asked of the next node. No quorum is needed: an anchor proves
itself, no matter who made it.

Not in here: which blocks the reader trusts, and what is said of it (`attesting.anchored`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

from scanner.chains.ancestry import FinalityProver, Finalized
from scanner.chains.backends import open_node
from scanner.chains.checkpoints import Checkpoint, around
from scanner.chains.interface import Node, ServesAncestors
from scanner.chains.proving import ancestry, checkpoints, consensus
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.scanning.climb import Climb
from scanner.scanning.events import Observer, ignore
from scanner.scanning.growing_anchor import GrowingAnchor
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.past import PastOf
from scanner.scanning.pin import unserved
from scanner.weighing.instrument import Instrument


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
    roots: Mapping[Chain, str] = MappingProxyType({}),
    known: Collection[Chain] = (),
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
) -> list[Unanchored]:
    """Make `growing` lead to all of `blocks`: of each chain from the block `up_to` (a height or a hash) down; else from
    the newest that is shown to be final by the chain that decides so, from its block in `roots` on; else from the
    newest that a node calls final. Of the chains in `known` it leads to blocks too that this release knows, around or
    below them. Paths of other chains stay as they are.

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
        if top is None and deciding is not None and deciding[0] in roots:
            async with _opened(deciding[0], instrument, connect, observe) as nodes:
                final = await _finalized(growing, nodes, deciding[1], roots[deciding[0]])
            if isinstance(final, Gap):
                return Unanchored(chain, final)
            top = final.hash
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(_opened(chain, instrument, connect, observe))
            past = None
            if deciding is not None:
                past = PastOf(lambda: stack.enter_async_context(_opened(deciding[0], instrument, connect, observe)))
            ways = around(checkpoints(chain)[1], ascending[0].height, ascending[-1].height) if chain in known else []
            gap = await _extended(growing, group, ascending, ways, up_to=top, past=past)
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
    growing: GrowingAnchor,
    group: NodeGroup,
    blocks: Sequence[Snapshot],
    known: Sequence[Checkpoint],
    *,
    up_to: int | str | None,
    past: PastOf | None,
) -> Gap | None:
    """One chain's path, through `blocks` (ascending) and those that are known. Why it does not lead as far as was asked
    for; None if it does."""
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
            climb = Climb(growing, prover, node, source, past, observe=group.observe)
            await climb.to(await _top(node, source, up_to), await _with(blocks, known, node))
        except NodeError as error:
            gap = Gap(error.why, error.detail)
        else:
            return None
    return gap


async def _with(blocks: Sequence[Snapshot], known: Sequence[Checkpoint], node: Node) -> list[Snapshot]:
    """The blocks and those that are known, ascending. Raises NodeError where the node has another than a known one."""
    found = {block.height: block for block in blocks}
    for each in known:
        block = found.get(each.height) or await node.block_at(each.height)
        if block.hash != each.hash:
            raise NodeError(
                Why.WRONG_BLOCK, f"at height {each.height} this release knows another block than {block.hash}"
            )
        found[each.height] = block
    return [found[height] for height in sorted(found)]


async def _top(node: Node, source: ServesAncestors, up_to: int | str | None) -> Snapshot:
    if isinstance(up_to, str):
        return await source.block_named(up_to)
    return await node.block_at(await node.final_height() if up_to is None else up_to)
