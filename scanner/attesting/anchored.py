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
from types import MappingProxyType

from scanner.chains.ancestry import AncestryProver, Finalized, Way
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.descent import Descent
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
    shown: dict[Chain, _Shown] = {}
    for chain in sorted({block.chain for block in distinct.values()}):
        final = _finalized(chain, anchor, checkpoints)
        shown[chain] = _Shown(chain, anchor, trusted.get(chain, ()), final)
    return [shown[block.chain].of(block) for _, block in sorted(distinct.items())]


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


class _Shown:
    """What is shown of one chain's blocks. Its path is walked once, however many blocks there are."""

    def __init__(self, chain: Chain, anchor: Anchor, trusted: Collection[str], final: Finalized | str | None) -> None:
        self._prover = ancestry(chain)
        self._anchor = anchor
        self._path = anchor.paths.get(chain)
        self._named = trusted
        self._final = final
        self._trusted = {*trusted, final.hash} if isinstance(final, Finalized) else {*trusted}
        self._places: dict[str, int] = {}  # of the blocks on the path, each where it stands first
        for place, each in enumerate(self._path or ()):
            self._places.setdefault(each.hash, place)
        self._top = min((self._places[each] for each in self._trusted if each in self._places), default=None)
        self._descent: Descent | None = None

    def of(self, block: Snapshot) -> AnchoredBlock:
        """What is shown of this block."""
        if block.hash in self._named:
            return self._itself(block, None)
        if isinstance(self._final, Finalized) and block.hash == self._final.hash:
            return self._itself(block, self._final)
        if isinstance(self._final, str) and not self._named:
            return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=self._final)
        if self._prover is None:
            return _not_anchored(block, "on such a chain nothing known here leads from a block to its ancestors")
        if self._path is None:
            why = "the anchor has nothing of this chain" if self._anchor.paths else "there is no anchor"
            return _not_anchored(block, why)
        below = self._places.get(block.hash)
        if below is None:
            return _not_anchored(block, "the anchor leads to other blocks of this chain")
        if self._path[below].height != block.height:
            return _not_anchored(block, f"the anchor has the block at height {self._path[below].height}")
        if self._trusted and (self._top is None or self._top > below):
            newest = f"block {self._path[0].height}, {self._path[0].hash}"
            why = f"the anchor does not lead through the block that you named; its newest is {newest}"
            return _not_anchored(block, why)
        try:
            found = self._walked(block, self._prover, self._path, below)
        except ProofError as error:
            return _not_anchored(block, f"the anchor does not hold: {error.detail}")
        final = self._final
        by = final if isinstance(final, Finalized) and found.top is not None and found.top.hash == final.hash else None
        return replace(found, finalized=by)

    def _itself(self, block: Snapshot, final: Finalized | None) -> AnchoredBlock:
        """The trusted block itself, unless its header says otherwise of its height or time, which a hash alone does not
        tell. A header may be missing for a block that the reader named, and for no other: which block is shown to be
        final was chosen by who made the anchor."""
        try:
            if self._prover is not None:
                self._prover.over(block.chain, self._anchor.witness).check(block)
        except ProofError as error:
            if final is not None or error.flaw is not Flaw.INCOMPLETE:
                return _not_anchored(block, f"the anchor does not hold: {error.detail}")
        return AnchoredBlock(block, Standing.ANCHORED, PathBlock(block.height, block.hash), finalized=final)

    def _walked(
        self, block: Snapshot, prover: AncestryProver, path: tuple[PathBlock, ...], below: int
    ) -> AnchoredBlock:
        """Down to this place of the path, which is the block's. Raises ProofError."""
        above = self._top or 0
        if self._descent is None:
            walk = prover.over(block.chain, self._anchor.witness, work=not self._trusted)
            self._descent = Descent(walk, path, above)
        found = self._descent.to(below)
        self._descent.walk.check(block)
        if self._trusted:
            return AnchoredBlock(block, Standing.ANCHORED, path[above], found.links, found.ways)
        if not found.work:
            reason = "no block of this chain was named (--trust)"
            return AnchoredBlock(block, Standing.NOT_ANCHORED, path[above], found.links, found.ways, reason=reason)
        return AnchoredBlock(block, Standing.WORK, path[above], found.links, found.ways, found.work)


def _not_anchored(block: Snapshot, reason: str) -> AnchoredBlock:
    return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=reason)
