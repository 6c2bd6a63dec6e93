"""What was shown of the amount that is owed: four words, weakest first, as `Basis` has them for what is held.

Losing evidence never raises one. What each word does not mean stands in docs/liabilities.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Shows(StrEnum):
    """The names are part of the attestation format: never reuse one."""

    STATED = "STATED"  # the exchange's word: its files may be well formed and consistent
    INCLUDED = "INCLUDED"  # a customer's record lies under the root; nothing binds the total to it
    SUM_BOUND = "SUM-BOUND"  # the root's total is at least the sum of the customers whose paths were shown
    TOTAL_PROVEN = "TOTAL-PROVEN"  # the total is the sum of all entries: recomputed, or by a sound proof of the sum

    @property
    def strength(self) -> int:
        """0 for the weakest."""
        return _STRENGTH[self]


_STRENGTH: Final = {word: strength for strength, word in enumerate(Shows)}


def weakest(words: Iterable[Shows]) -> Shows:
    """The weakest of them. Raises ValueError where there is none: nothing is shown by nothing."""
    return min(words, key=_STRENGTH.__getitem__)
