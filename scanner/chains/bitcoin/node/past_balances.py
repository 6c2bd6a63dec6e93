"""What scripts held at every block from the one that was rewound to, up to the tip: it follows from what that took.

A rewind fetches all that moved since a block. Balances at each later block of the same chain are then arithmetic, so
that a claim that is read at many moments, the earliest first, costs one scan of the node's outputs and one walk. Kept
is a bounded number of moves. Pure; nothing here asks a node, and what comes in was checked by the rewind.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import Final

from scanner.chains.bitcoin.node.rewind import Moves
from scanner.core.evidence import Snapshot

MOST_KEPT: Final = 300_000
"""Moves of all that is kept: some thirty megabytes."""


@dataclass(frozen=True, slots=True)
class Rewound:
    """The scripts of one rewind, from its block on."""

    base: int  # the height that was rewound to
    hashes: Sequence[str]  # of that block and those above it, up to the tip
    balances: Mapping[bytes, int]  # satoshis at the base
    changes: Mapping[bytes, tuple[Sequence[int], Sequence[int]]]  # by script: at which heights, and what came to then
    moves: int

    @classmethod
    def of(cls, snapshot: Snapshot, above: Iterable[str], balances: Mapping[bytes, int], moves: Moves) -> Rewound:
        """`above`: the hashes of the blocks above the snapshot, in order; `balances`: at it; `moves`: all since."""
        changed = [(output.script, output.height, output.atoms) for output in moves.received]
        changed += [(spend.script, spend.height, -spend.atoms) for spend in moves.spent]
        changes = {}
        for script, of_script in groupby(sorted(changed), key=lambda change: change[0]):
            rows = [(height, atoms) for _, height, atoms in of_script if script in balances]
            changes[script] = ([height for height, _ in rows], [*accumulate(atoms for _, atoms in rows)])
        return cls(snapshot.height, (snapshot.hash, *above), balances, changes, len(changed))

    def reaches(self, snapshot: Snapshot) -> bool:
        """Whether it is a block of the chain that was rewound, at its base or above."""
        above = snapshot.height - self.base
        return 0 <= above < len(self.hashes) and self.hashes[above] == snapshot.hash

    def at(self, height: int, script: bytes) -> int:
        """The satoshis of one of the scripts. Raises KeyError for another one."""
        balance = self.balances[script]
        heights, sums = self.changes.get(script, ((), ()))
        changed = bisect_right(heights, height)
        return balance + sums[changed - 1] if changed else balance


@dataclass(slots=True)
class PastBalances:
    """What is kept of rewinds, the newest last."""

    most: int = MOST_KEPT
    _kept: list[Rewound] = field(default_factory=list)

    def keep(self, rewound: Rewound) -> None:
        """Lets go of the oldest where it is too much together, and of this one where it is too much alone."""
        self._kept.append(rewound)
        while sum(each.moves + len(each.hashes) for each in self._kept) > self.most:
            self._kept.pop(0)

    def known(self, snapshot: Snapshot, scripts: Iterable[bytes]) -> dict[bytes, int]:
        """Those of the scripts whose satoshis at the block follow from what is kept."""
        kept = [each for each in reversed(self._kept) if each.reaches(snapshot)]
        found: dict[bytes, int] = {}
        for script in scripts if kept else ():
            for each in kept:
                if script in each.balances:
                    found[script] = each.at(snapshot.height, script)
                    break
        return found
