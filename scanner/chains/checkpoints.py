"""Blocks that a release of this program knows: from them a reader who names no block is led to later ones.

A block below one of them is its ancestor, or it is not. A block above stands on it by headers that were worked for as
much as the chain's rules ask: so its height is shown, and what its whole chain took to make, which a reader can compare
with any node's word. That no other chain has more work is not shown by that.

Not in here: which blocks a family's chains have (`<family>.checkpoints`), and what is said of an attestation's blocks
(`attesting.anchored`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scanner.core.ids import Chain
from scanner.proofs.witness import Witness


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block of a chain that this release knows."""

    height: int
    hash: str
    work: int  # hashes that the chain took up to this block, on average
    source: str  # where it is stated, for people


@dataclass(frozen=True, slots=True)
class OnTop:
    """Blocks on top of a checkpoint, worked for as the chain's rules ask."""

    checkpoint: Checkpoint
    blocks: int
    work: int  # hashes that these took, on average


class CheckpointProver(Protocol):
    """What a family knows of blocks of its chains, and how others stand on top of them. It is pure."""

    def checkpoints(self, chain: Chain) -> tuple[Checkpoint, ...]:
        """The blocks of the chain that are known, the oldest first; none on a chain of which none is."""

    def depth(self, chain: Chain) -> int:
        """How many blocks have to stand on top of one before it counts as final on the chain."""

    def on_top(self, chain: Chain, checkpoint: Checkpoint, height: int, newest: str, witness: Witness) -> OnTop:
        """That the block of the hash `newest` has this height, and stands on the checkpoint by blocks that follow the
        chain's rules. Raises ProofError."""


def around(known: Sequence[Checkpoint], oldest: int, newest: int) -> list[Checkpoint]:
    """Those by which blocks between these heights are shown, the oldest first: the first that all of them are below,
    else the last that all stand on; and all between."""
    between = [each for each in known if oldest < each.height < newest]
    above = [each for each in known if each.height >= newest][:1]
    below = [each for each in known if each.height <= oldest][-1:]
    return [*between, *above] if above else [*below, *between]
