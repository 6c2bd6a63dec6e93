"""Whether an attestation's blocks are ancestors of blocks that the reader trusts: beside the verification, after it.

It says something of the blocks alone. The finding, its verdict and what was shown of the balances stay what they are:
an attestation without an anchor holds as before, with the operators' word for its blocks.

What is left to assume where a block is ANCHORED: the chain's own hash functions, and that the block which the reader
named is the chain's. Whether it was the block to read at is said by nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from scanner.chains.ancestry import Ancestry, AncestryProver, Finalized, Way
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.proving import ancestry, consensus
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError


class Standing(StrEnum):
    """What is shown of a block."""

    ANCHORED = "ANCHORED"  # it is an ancestor of a block that the reader named, or that block itself
    WORK = "WORK"  # so many hashes were made on top of it; the reader named no block
    NOT_ANCHORED = "NOT ANCHORED"  # neither, for a reason


@dataclass(frozen=True, slots=True)
class AnchoredBlock:
    """What is shown of one block of an attestation."""

    block: Snapshot
    standing: Standing
    top: PathBlock | None = None  # the block that the reader named, or the newest of the anchor
    links: int = 0  # from there down to the block
    ways: tuple[Way, ...] = ()  # by which, each once
    work: int | None = None  # hashes, on average
    finalized: Finalized | None = None  # how `top` is shown to be final, where the reader named a checkpoint instead
    reason: str = ""  # why it is not anchored


Named = Mapping[Chain, Collection[str]]
"""Blocks by chain, by their hash."""


def anchored(
    blocks: Iterable[Snapshot], anchor: Anchor, trusted: Named, checkpoints: Named = MappingProxyType({})
) -> list[AnchoredBlock]:
    """What is shown of each of the blocks, by chain and height, whatever else the anchor has. Raises nothing: what is
    wrong with an anchor is a reason.

    `checkpoints`: blocks that the reader trusts of chains that decide what is final on others, by whose signatures a
    later block is shown to be final.
    """
    distinct = {(str(block.chain), block.height, block.hash): block for block in blocks}
    final = {
        chain: _finalized(chain, anchor, checkpoints) for chain in sorted({block.chain for block in distinct.values()})
    }
    return [
        _one(block, anchor, trusted.get(block.chain, ()), final[block.chain]) for _, block in sorted(distinct.items())
    ]


def _finalized(chain: Chain, anchor: Anchor, checkpoints: Named) -> Finalized | str | None:
    """The newest block that is shown to be final from a checkpoint of the reader's; why not; None where none was
    named."""
    found = consensus(chain)
    if found is None or not checkpoints.get(found[0]):
        return None
    deciding, prover = found
    records = anchor.finality.get(deciding)
    if records is None:
        return f"the anchor has nothing of what {deciding} decided"
    reason = ""
    for checkpoint in sorted(checkpoints[deciding]):
        try:
            return prover.walk(deciding, checkpoint, records, anchor.witness)
        except ProofError as error:
            reason = error.detail
    return reason


def _one(block: Snapshot, anchor: Anchor, trusted: Collection[str], final: Finalized | str | None) -> AnchoredBlock:
    here = PathBlock(block.height, block.hash)
    if block.hash in trusted:
        return AnchoredBlock(block, Standing.ANCHORED, here)
    if isinstance(final, Finalized):
        if block.hash == final.hash:
            return AnchoredBlock(block, Standing.ANCHORED, here, finalized=final)
        trusted = {*trusted, final.hash}
    elif final is not None and not trusted:
        return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=final)

    def not_anchored(reason: str) -> AnchoredBlock:
        return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=reason)

    prover = ancestry(block.chain)
    if prover is None:
        return not_anchored("on such a chain nothing known here leads from a block to its ancestors")
    path = anchor.paths.get(block.chain)
    if path is None:
        return not_anchored("the anchor has nothing of this chain" if anchor.paths else "there is no anchor")
    below = next((at for at, each in enumerate(path) if each.hash == block.hash), None)
    if below is None:
        return not_anchored("the anchor leads to other blocks of this chain")
    if path[below].height != block.height:
        return not_anchored(f"the anchor has the block at height {path[below].height}")
    above = next((at for at, each in enumerate(path[:below]) if each.hash in trusted), None)
    if trusted and above is None:
        newest = f"block {path[0].height}, {path[0].hash}"
        return not_anchored(f"the anchor does not lead through the block that you named; its newest is {newest}")
    try:
        found = _walked(block, prover, anchor, path[above or 0 : below + 1], named=above is not None)
    except ProofError as error:
        return not_anchored(f"the anchor does not hold: {error.detail}")
    by = final if isinstance(final, Finalized) and found.top is not None and found.top.hash == final.hash else None
    return replace(found, finalized=by)


def _walked(
    block: Snapshot, prover: AncestryProver, anchor: Anchor, path: tuple[PathBlock, ...], *, named: bool
) -> AnchoredBlock:
    """From the first block of the path down to the last, which is the block. Raises ProofError."""
    walk = prover.over(block.chain, anchor.witness, work=not named)
    work, ways = _down(walk, path)
    walk.check(block)
    links = len(path) - 1
    if named:
        return AnchoredBlock(block, Standing.ANCHORED, path[0], links, ways)
    if not work:
        reason = "no block of this chain was named (--trust)"
        return AnchoredBlock(block, Standing.NOT_ANCHORED, path[0], links, ways, reason=reason)
    return AnchoredBlock(block, Standing.WORK, path[0], links, ways, work)


def _down(walk: Ancestry, path: tuple[PathBlock, ...]) -> tuple[int | None, tuple[Way, ...]]:
    """The work on top of the last block, None where it is not known; and the ways that were taken."""
    work: int | None = 0
    ways: dict[Way, None] = {}
    for newer, older in pairwise(path):
        link = walk.link(newer.hash, older.hash)
        if link.blocks != newer.height - older.height:
            raise ProofError(Flaw.MALFORMED, f"block {newer.height} is {link.blocks} blocks after block {older.height}")
        ways[link.way] = None
        work = None if work is None or link.work is None else work + link.work
    return work, tuple(ways)
