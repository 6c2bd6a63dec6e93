"""How much of what was claimed was read, and how far what was found is from it: asset by asset, in atoms.

A holding that is a gap is claimed and not read; its amount is never taken for a difference. Sums are exact, and
what counts as agreeing is only what the claim's own way of writing an amount cannot tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from heapq import nlargest
from typing import Final

from scanner.core.evidence import Balance, EvidenceRow
from scanner.weighing.claim import Asset
from scanner.weighing.holdings import Holding

LISTED: Final = 20  # so many differences are named, the largest first; all of them follow from the evidence


@dataclass(frozen=True, slots=True)
class Difference:
    """A holding of which something else was found than is claimed. Atoms."""

    asset: Asset
    account: bytes
    claimed: int
    found: int

    @property
    def size(self) -> Fraction:
        """In whole coins, so that assets of unlike decimals compare."""
        return Fraction(abs(self.found - self.claimed), 10**self.asset.decimals)


@dataclass(slots=True)
class Coverage:
    """What became of one asset's holdings. Amounts in atoms."""

    asset: Asset
    holdings: int = 0
    read: int = 0  # holdings with a balance
    at_least: int = 0  # of those, how many are lower bounds
    claimed: int = 0  # by all holdings that state an amount
    claimed_read: int = 0  # by those of them of which is known what they held at the block of the claimed amount
    unstated: int = 0  # holdings that state no amount
    difference: int = 0  # found less claimed, over those same holdings
    disagreeing: int = 0  # of those, how many are further off than the claimed amount's writing explains

    def add(self, row: EvidenceRow, holding: Holding, found: int | None) -> Difference | None:
        """Counts a holding; a difference, if what was found is not what is claimed.

        `found` are the atoms at the block at which the amount is claimed; None where they could not be established, or
        only from below.
        """
        self.holdings += 1
        if isinstance(row.outcome, Balance):
            self.read += 1
            self.at_least += row.outcome.at_least
        if row.claimed is None:
            self.unstated += 1
            return None
        self.claimed += row.claimed
        if found is None:
            return None
        self.claimed_read += row.claimed
        self.difference += found - row.claimed
        if abs(found - row.claimed) <= holding.tolerance:
            return None
        self.disagreeing += 1
        return Difference(self.asset, row.account, row.claimed, found)


def largest(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The LISTED largest differences, largest first; of equal ones, that with the lower account."""
    return tuple(nlargest(LISTED, differences, key=_rank))


def _rank(difference: Difference) -> tuple[Fraction, str, tuple[int, ...]]:
    return difference.size, str(difference.asset.id), tuple(-byte for byte in difference.account)
