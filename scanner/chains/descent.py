"""The way down an anchor's path, link by link, as far as it is asked for: the same for its maker and for its reader.

A block hangs under the one before it, or under the newer one that it names. Each link is walked once, however many
blocks are asked for. Not in here: what a link is (`ancestry`), and which block is trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.chains.ancestry import Ancestry, Way
from scanner.chains.anchor import PathBlock
from scanner.proofs.flaws import Flaw, ProofError


@dataclass(frozen=True, slots=True)
class Descended:
    """How one came down to a block of the path."""

    links: int  # from where the way began
    ways: tuple[Way, ...]  # by which, each once
    work: int | None  # hashes on top of the block, on average; None where that is not known


class Descent:
    """The way down a path from one of its blocks."""

    def __init__(self, walk: Ancestry, path: Sequence[PathBlock], above: int = 0) -> None:
        """`above`: the place of the block that the way begins at; the newest has place 0."""
        self.walk = walk
        self._path = path
        self._above = above
        self._places = {block.hash: place for place, block in enumerate(path)}
        self._reached: list[Descended | ProofError] = [Descended(0, (), 0)]

    def to(self, below: int) -> Descended:
        """Down to the block at this place. Raises ProofError for each block below a link that does not hold, or below
        one from a block where the way does not come by."""
        while len(self._reached) <= below - self._above:
            try:
                self._reached.append(self._next())
            except ProofError as error:
                self._reached.append(error)
        found = self._reached[below - self._above]
        if isinstance(found, ProofError):
            raise found
        return found

    def _next(self) -> Descended:
        at = self._above + len(self._reached)
        older = self._path[at]
        before = at - 1 if older.under is None else self._places.get(older.under, at)
        if before >= at:
            raise ProofError(Flaw.MALFORMED, f"block {older.height} hangs under a block that is not above it")
        newer = self._path[before]
        if before < self._above:
            raise ProofError(
                Flaw.INCOMPLETE, f"it leads to block {older.height} only down from block {newer.height}, {newer.hash}"
            )
        so_far = self._reached[before - self._above]
        if isinstance(so_far, ProofError):
            raise so_far
        link = self.walk.link(newer.hash, older.hash)
        if link.blocks != newer.height - older.height:
            raise ProofError(Flaw.MALFORMED, f"block {newer.height} is {link.blocks} blocks after block {older.height}")
        work = None if so_far.work is None or link.work is None else so_far.work + link.work
        ways = so_far.ways if link.way in so_far.ways else (*so_far.ways, link.way)
        return Descended(so_far.links + 1, ways, work)
