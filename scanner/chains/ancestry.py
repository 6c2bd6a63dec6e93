"""What a family's ancestry is: how a block is shown to be an ancestor of another that a reader knows.

That a snapshot lies on its chain is the word of a quorum. A reader who knows the hash of any later block need not take
it: records that are found by their own hashes lead from that block down to the snapshot. They prove themselves, so it
does not matter who fetched them, or when. The way down is cut into links, each from one block to an older one.

It is pure, and the same for who makes an anchor and for who checks it. Not in here: which families have one
(`proving`), which blocks are trusted and what is said of it (`attesting.anchored`), and how records come from a node
(`interface.ServesAncestors`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness


class Way(StrEnum):
    """By what a link leads from a block to an older one. The names are an anchor's words: never reuse one."""

    PARENTS = "parents"  # each block's header names the one before it
    HISTORY = "history"  # the state after the newer block holds the older one's hash
    SUMMARIES = "summaries"  # the newer block names a beacon block, whose state leads to the older one by its summaries


@dataclass(frozen=True, slots=True)
class Link:
    """That a block is an ancestor of another one."""

    blocks: int  # by how many it is older: 1 for a parent
    way: Way
    work: int | None  # hashes that the blocks above the older one took, on average; None where that is not asked for


class Ancestry(Protocol):
    """A family's, for one of its chains, over the records of one witness."""

    def check(self, snapshot: Snapshot) -> None:
        """That the block of this hash is what is said of it: its parent, its time, and its height where a header has
        one. Raises ProofError."""

    def link(self, newer: str, older: str) -> Link:
        """That the block of the hash `older` is an ancestor of the block of the hash `newer`. Raises ProofError."""


@dataclass(frozen=True, slots=True)
class Stride:
    """Links of one kind, as they are fetched."""

    blocks: int  # that one link leads down at most
    most: int  # links of this kind that are fetched for one anchor


class AncestryProver(Protocol):
    """What a family knows of ancestors on its chains."""

    @property
    def strides(self) -> tuple[Stride, ...]:
        """The kinds of links there are, the longest first: where a node cannot serve one, the next may do."""

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> Ancestry:
        """Ancestry over these records; `work`: whether links say how much work they took, where that can be known."""


@dataclass(frozen=True, slots=True)
class Finalized:
    """A block that a chain's consensus is shown to have finalized after a block that the reader trusts."""

    hash: str  # of the block
    updates: int  # signed headers on the way
    signers: int  # of the header that the fewest signed; 0 where there is none
    members: int  # of those who may sign


class FinalityProver(Protocol):
    """What a family knows of consensus: of its chains, or of those that its chains are the consensus of."""

    def consensus_of(self, chain: Chain) -> Chain | None:
        """The chain that decides what is final on `chain`; None where it is none of this family."""

    def walk(self, consensus: Chain, checkpoint: str, records: Sequence[bytes], witness: Witness) -> Finalized:
        """The newest block that these records, by name and in order, show to be final after the block of the hash
        `checkpoint` on the chain `consensus`. Raises ProofError."""
