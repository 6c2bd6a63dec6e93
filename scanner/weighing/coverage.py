"""How much of what was claimed was read, and how far what was found is from it: asset by asset, in atoms.

A holding that is a gap is claimed and not read; its amount is never taken for a difference. Sums are exact, and
what counts as agreeing is only what the claim's own way of writing an amount cannot tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nsmallest
from typing import Final

from scanner.core.evidence_part import EvidencePart
from scanner.weighing.claim import Asset

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

    def add(self, part: EvidencePart, tolerances: Sequence[int], found: Sequence[int | None]) -> list[Difference]:
        """Counts holdings; the differences, where what was found is not what is claimed.

        `found` are the atoms at the blocks at which the amounts are claimed; None where they could not be established,
        or only from below.
        """
        self.holdings += len(part)
        self.read += len(part) - part.outcomes.gaps
        self.at_least += part.outcomes.lower_bounds
        claimed = list(part.claimed)
        stated = [atoms for atoms in claimed if atoms is not None] if None in claimed else claimed
        self.unstated += len(claimed) - len(stated)
        self.claimed += sum(filter(None, stated))
        if claimed == list(found):
            self.claimed_read += sum(filter(None, stated))
            return []
        differences = []
        for at, (said, there, tolerance) in enumerate(zip(claimed, found, tolerances, strict=True)):
            if said is None or there is None:
                continue
            self.claimed_read += said
            self.difference += there - said
            if disagrees(said, there, tolerance):
                self.disagreeing += 1
                differences.append(Difference(self.asset, part.accounts[at], said, there))
        return differences


def disagrees(claimed: int, found: int, tolerance: int) -> bool:
    """Whether what was found is not what is claimed, by more than the way that is written explains. All in atoms."""
    return abs(found - claimed) > tolerance


def largest(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The LISTED largest differences, largest first; of equal ones, the first in the order of the evidence."""
    return tuple(nsmallest(LISTED, differences, key=_rank))


def _rank(difference: Difference) -> tuple[Fraction, str, bytes]:
    return -difference.size, str(difference.asset.id), difference.account
