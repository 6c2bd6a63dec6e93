"""Whether an attestation's blocks are ancestors of blocks that the reader trusts: beside the verification, after it.

It says something of the blocks alone. The finding, its verdict and what was shown of the balances stay what they are:
an attestation without an anchor holds as before, with the operators' word for its blocks.

What is left to assume where a block is ANCHORED: the chain's own hash functions, and that the block which the reader
named, or which this release knows where the reader asks for that, is the chain's. Whether it was the block to read at
is said by nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from scanner.chains.ancestry import AncestryProver, Finalized, Way
from scanner.chains.anchor import Anchor, PathBlock
from scanner.chains.checkpoints import Checkpoint, CheckpointProver, OnTop
from scanner.chains.descent import Descended, Descent
from scanner.chains.proving import ancestry, checkpoints, consensus
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError


class Standing(StrEnum):
    """What is shown of a block."""

    ANCHORED = "ANCHORED"  # it is an ancestor of a block that the reader named, or that block itself
    WORK = "WORK"  # so many hashes were made on top of it; the reader named no block, or trusts one below
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
    known: Checkpoint | None = None  # what this release knows of `top`, where the reader trusts that
    on_top: OnTop | None = None  # the block and those up to `top`, on a block that this release knows
    reason: str = ""  # why it is not anchored, or by too little shown to stand on a block that this release knows


Named = Mapping[Chain, Collection[str]]
"""Blocks by chain, by their hash."""


def anchored(
    blocks: Iterable[Snapshot],
    anchor: Anchor,
    trusted: Named,
    deciding: Named = MappingProxyType({}),
    *,
    known: Collection[Chain] = (),
) -> list[AnchoredBlock]:
    """What is shown of each of the blocks, by chain and height, whatever else the anchor has. Raises nothing: what is
    wrong with an anchor is a reason.

    `deciding`: blocks that the reader trusts of chains that decide what is final on others, by whose signatures a later
    block is shown to be final. `known`: chains of which the reader trusts the blocks that this release knows.
    """
    distinct = {  # two statements may say another time of one hash, and one of them is false
        (str(block.chain), block.height, block.hash, block.time, block.parent): block for block in blocks
    }
    shown: dict[Chain, _Shown] = {}
    for chain in sorted({block.chain for block in distinct.values()}):
        final = _finalized(chain, anchor, deciding)
        shown[chain] = _Shown(chain, anchor, trusted.get(chain, ()), final, release=chain in known)
    return [shown[block.chain].of(block) for _, block in sorted(distinct.items())]


def _finalized(chain: Chain, anchor: Anchor, named: Named) -> Finalized | str | None:
    """The newest block that is shown to be final from a checkpoint of the reader's; why not; None where none was
    named."""
    found = consensus(chain)
    if found is None or not named.get(found[0]):
        return None
    deciding, prover = found
    records = anchor.finality.get(deciding)
    if records is None:
        return f"the anchor has nothing of what {deciding} decided"
    reason = ""
    for checkpoint in sorted(named[deciding]):
        try:
            return prover.walk(deciding, checkpoint, records, anchor.witness)
        except ProofError as error:
            reason = error.detail
    return reason


class _Shown:
    """What is shown of one chain's blocks. Its path is walked once, however many blocks there are."""

    def __init__(
        self,
        chain: Chain,
        anchor: Anchor,
        named: Collection[str],
        final: Finalized | str | None,
        *,
        release: bool,
    ) -> None:
        """`release`: whether the blocks that this release knows are trusted."""
        self._chain = chain
        self._prover = ancestry(chain)
        self._anchor = anchor
        self._path = anchor.paths.get(chain)
        self._named = named
        self._final = final
        self._places: dict[str, int] = {}  # of the blocks on the path, each where it stands first
        for place, each in enumerate(self._path or ()):
            self._places.setdefault(each.hash, place)
        self._standing_on, known = checkpoints(chain) if release else (None, ())
        self._known = {each.hash: each for each in known}
        self._trusted = {*named, final.hash} if isinstance(final, Finalized) else {*named}
        on_the_way = {each for each in self._known if self._is_known(each)}
        self._top = min(
            (self._places[each] for each in self._trusted | on_the_way if each in self._places), default=None
        )
        self._descents: dict[int, Descent] = {}  # by the place that they begin at, which says whether work is counted
        self._on_top: OnTop | ProofError | None = None  # of the newest that is known, once it is asked for

    def of(self, block: Snapshot) -> AnchoredBlock:
        """What is shown of this block."""
        if block.hash in self._named:
            return self._itself(block, None)
        if isinstance(self._final, Finalized) and block.hash == self._final.hash:
            return self._itself(block, self._final)
        if isinstance(self._final, str) and not self._named:
            return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=self._final)
        if block.hash in self._known:
            return self._itself(block, self._known[block.hash])
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
        covered = self._top is not None and self._top <= below
        if self._trusted and not covered:
            newest = f"block {self._path[0].height}, {self._path[0].hash}"
            why = f"the anchor does not lead through the block that you named; its newest is {newest}"
            return _not_anchored(block, why)
        try:
            if covered:
                return self._ancestor(block, self._prover, self._path, below)
            return self._worked(block, self._prover, self._path, below)
        except ProofError as error:
            return _not_anchored(block, f"the anchor does not hold: {error.detail}")

    def _is_known(self, name: str) -> bool:
        """Whether a known block is on the path, at its own height."""
        place = self._places.get(name)
        return self._path is not None and place is not None and self._path[place].height == self._known[name].height

    def _itself(self, block: Snapshot, trusted: Finalized | Checkpoint | None) -> AnchoredBlock:
        """The trusted block itself, unless its header says otherwise of its height or time, which a hash alone does not
        tell. A header may be missing for a block that the reader named, and for no other: which block is shown to be
        final was chosen by who made the anchor, and of one that this release knows no explorer was looked at."""
        if isinstance(trusted, Checkpoint) and block.height != trusted.height:
            return _not_anchored(block, f"this release knows the block at height {trusted.height}")
        try:
            if self._prover is not None:
                self._prover.over(block.chain, self._anchor.witness).check(block)
        except ProofError as error:
            if trusted is not None or error.flaw is not Flaw.INCOMPLETE:
                return _not_anchored(block, f"the anchor does not hold: {error.detail}")
        top = PathBlock(block.height, block.hash)
        if isinstance(trusted, Checkpoint):
            return AnchoredBlock(block, Standing.ANCHORED, top, known=trusted)
        return AnchoredBlock(block, Standing.ANCHORED, top, finalized=trusted)

    def _ancestor(
        self, block: Snapshot, prover: AncestryProver, path: tuple[PathBlock, ...], below: int
    ) -> AnchoredBlock:
        """An ancestor of the newest block of the path that is trusted. Raises ProofError."""
        above = self._top or 0
        found = self._descended(block, prover, path, above, below)
        top, final = path[above], self._final
        by = final if isinstance(final, Finalized) and top.hash == final.hash else None
        known = None if top.hash in self._trusted else self._known.get(top.hash)
        return AnchoredBlock(block, Standing.ANCHORED, top, found.links, found.ways, finalized=by, known=known)

    def _worked(
        self, block: Snapshot, prover: AncestryProver, path: tuple[PathBlock, ...], below: int
    ) -> AnchoredBlock:
        """A block on top of which work was done, where no block above is trusted. Raises ProofError."""
        found = self._descended(block, prover, path, 0, below, work=True)
        top = path[0]
        if not found.work:
            reason = "no block of this chain was named (--trust)"
            if self._known:
                reason = "no block that this release knows is above it on the way, and no work on top of it"
            return AnchoredBlock(block, Standing.NOT_ANCHORED, top, found.links, found.ways, reason=reason)
        worked = AnchoredBlock(block, Standing.WORK, top, found.links, found.ways, found.work)
        if self._standing_on is None or not self._known:
            return worked
        newest, depth = max(self._known.values(), key=lambda each: each.height), self._standing_on.depth(self._chain)
        if block.height <= newest.height:
            why = f"this release knows block {newest.height}, and no block that it knows leads down to this one"
            return replace(worked, reason=why)
        if not self._is_known(newest.hash):
            why = f"the anchor does not lead down to block {newest.height}, the newest that this release knows"
            return replace(worked, reason=why)
        # anyone can mine a block or two that the chain does not keep
        why = "" if top.height - block.height >= depth else f"that is less than {depth} blocks on top"
        return replace(worked, on_top=self._stands_on(self._standing_on, newest, top), reason=why)

    def _descended(
        self,
        block: Snapshot,
        prover: AncestryProver,
        path: tuple[PathBlock, ...],
        above: int,
        below: int,
        *,
        work: bool = False,
    ) -> Descended:
        """Down from one place of the path to another, which is the block's. Raises ProofError."""
        if above not in self._descents:
            self._descents[above] = Descent(prover.over(block.chain, self._anchor.witness, work=work), path, above)
        found = self._descents[above].to(below)
        self._descents[above].walk.check(block)
        return found

    def _stands_on(self, standing_on: CheckpointProver, checkpoint: Checkpoint, top: PathBlock) -> OnTop:
        """What stands on the newest block that this release knows, which is on the path. An older one does not do: on
        the first block stands a chain of hardly any work too, that has other blocks where the release knows later ones.
        Raises ProofError."""
        if self._on_top is None:
            try:
                self._on_top = standing_on.on_top(self._chain, checkpoint, top.height, top.hash, self._anchor.witness)
            except ProofError as error:
                self._on_top = error
        if isinstance(self._on_top, ProofError):
            raise self._on_top
        return self._on_top


def _not_anchored(block: Snapshot, reason: str) -> AnchoredBlock:
    return AnchoredBlock(block, Standing.NOT_ANCHORED, reason=reason)
