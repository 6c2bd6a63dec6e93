"""How much a node takes at once, learnt from what it accepts: doubled, halved on failure, then grown back with care.

Pure arithmetic; no clock and no waiting. What counts as a failure is the caller's matter.
"""

from __future__ import annotations

_CAUTION = 8  # full helpings taken before growing again, once a limit was met


class ChunkSize:
    """`size` is how much to ask for next, from 1 to `most`."""

    def __init__(self, first: int, most: int) -> None:
        if not 1 <= first <= most:
            raise ValueError("expected 1 <= first <= most")
        self.size = first
        self._most = most
        self._limit_met = False
        self._in_a_row = 0
        self._best = first  # the most that was ever taken, or what to begin with

    def took(self, amount: int) -> None:
        """The node answered for `amount`. Only a full helping says something about the next one."""
        if amount < self.size:
            return
        self._best = max(self._best, min(amount, self._most))
        self._in_a_row += 1
        if not self._limit_met:
            self.size = min(self._most, self.size * 2)
        elif self._in_a_row >= _CAUTION:
            self._in_a_row = 0
            self.size = min(self._most, self.size + max(1, self.size // 8))

    def refused(self, amount: int) -> None:
        """`amount` was too much. Several that were under way together count once."""
        self._limit_met = True
        self._in_a_row = 0
        self.size = min(self.size, max(1, amount // 2))

    def one_was_bad(self) -> None:
        """It was not the amount but one single row, now found, that was refused: go back to what was taken before."""
        self.size = max(self.size, self._best)
