"""The Merkle trees of OKX's zk-STARK v1, whole: what its prover for tests opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.stark_tree import leaf_of


@dataclass
class Tree:
    """A permuted Merkle tree of which openings are written without repeating a node."""

    values: Sequence[bytes]
    levels: list[list[bytes]] = field(init=False)
    given: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        quarter = len(self.values) // 4
        self.levels = [[self.values[leaf // 4 + quarter * (leaf % 4)] for leaf in range(len(self.values))]]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([keccak256(a + b) for a, b in zip(below[::2], below[1::2], strict=True)])

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    def path(self, position: int) -> list[str]:
        """The whole opening of one value."""
        leaf = leaf_of(position, len(self.values))
        siblings = (self.levels[level][leaf >> level ^ 1] for level in range(len(self.levels) - 1))
        return [self.levels[0][leaf].hex(), *(node.hex() for node in siblings)]

    def opening(self, position: int) -> list[str]:
        """The same without what an earlier opening holds. The leaf is never left out: OKX's verifier needs it."""
        leaf = leaf_of(position, len(self.values))
        own, *siblings = self.path(position)
        places = [(level, leaf >> level ^ 1) for level in range(len(self.levels) - 1)]
        written = ["" if place in self.given else node for place, node in zip(places, siblings, strict=True)]
        self.given.update([(0, leaf), *places])
        return [own, *written]
