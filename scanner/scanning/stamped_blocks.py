"""The blocks into which stamped digests were put: found on the nodes' chains, for an anchor to lead to them.

A stamp names a block by its height alone. A node is asked which block that is, and its header has to commit to what the
stamp leads to. Not in here: how stamps are read, and what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from scanner.chains.backends import open_node
from scanner.chains.family import MerkleRoot
from scanner.chains.interface import Node, ServesAncestors
from scanner.chains.proving import merkle_root
from scanner.core.evidence import Gap, Snapshot
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from scanner.scanning.events import Observer, ignore
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.instrument import Instrument

MOST_BLOCKS: Final = 64
"""That are looked for, the oldest first."""


async def stamped_blocks(
    roots: Iterable[tuple[int, bytes]],
    instrument: Instrument,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
) -> tuple[list[Snapshot], list[Gap]]:
    """The block of each height and Merkle root, and why one was not found. Raises InputError for nodes of a kind that
    is not known."""
    wanted = sorted({*roots})[:MOST_BLOCKS]
    chains = sorted({node.chain for node in instrument.nodes if merkle_root(node.chain) is not None})
    found: dict[tuple[int, bytes], Snapshot] = {}
    gaps: dict[tuple[int, bytes], Gap] = {}
    for chain in chains if wanted else ():
        prover = merkle_root(chain)
        group = await NodeGroup.open(chain, instrument.for_chain(chain), connect, observe)
        try:
            for height, root in wanted:
                block = None if prover is None else await _found(group, prover, height, root)
                if isinstance(block, Snapshot):
                    found[height, root] = block
                elif block is not None:
                    gaps[height, root] = block
        finally:
            await group.close()
    lacking = Gap(Why.UNSUPPORTED, "no node of a chain to whose blocks stamps lead is configured")
    return [*found.values()], [gaps.get(each, lacking) for each in wanted if each not in found]


async def _found(group: NodeGroup, prover: MerkleRoot, height: int, root: bytes) -> Snapshot | Gap:
    gap = next(iter(group.silent.values()), Gap(Why.UNSUPPORTED, f"no node of {group.chain} gives headers"))
    for node in (node for nodes in group.nodes.values() for node in nodes):
        source = node.capabilities.ancestors
        if source is None:
            continue
        try:
            block, found = await _asked(node, source, prover, height)
        except NodeError as error:
            gap = Gap(error.why, f"block {height} of {group.chain}: {error.detail}")
        except ProofError as error:
            gap = Gap(Why.FORGED, error.detail)
        else:
            if found == root:
                return block
            gap = Gap(Why.WRONG_BLOCK, f"block {height} of {group.chain} has another Merkle root")
    return gap


async def _asked(node: Node, source: ServesAncestors, prover: MerkleRoot, height: int) -> tuple[Snapshot, bytes]:
    """A node's block of this height, and its Merkle root. Raises NodeError, ProofError."""
    final = await node.final_height()
    if height > final:
        raise NodeError(Why.NOT_FINAL, f"it may still be replaced, as block {final} is the newest that is final")
    block = await node.block_at(height)
    root, _ = prover(Witness(await source.block_records(block)))(block.chain, height, block.hash)
    return block, root
