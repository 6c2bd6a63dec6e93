"""Rows of evidence beside the holdings that stand in the same places of the claim. Whether they are of these holdings,
and true, is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.weighing.holdings import HeldAsset, Holding, Holdings


@dataclass(frozen=True, slots=True)
class Matched:
    """Holdings of one asset, and as many rows of one asset."""

    start: int  # the first one's place in the claim
    held: HeldAsset
    part: EvidencePart


class Unmatched(ValueError):
    """There are more rows than holdings, or fewer. `first` is the first that has nothing beside it."""

    def __init__(self, first: Holding | EvidenceRow) -> None:
        self.first = first
        what = "no holding for the row" if isinstance(first, EvidenceRow) else "no row for the holding"
        super().__init__(f"{what} of {first.asset}")


def matched(holdings: Holdings, parts: Iterable[EvidencePart]) -> Iterator[Matched]:
    """All rows and all holdings. Raises Unmatched, after those that match."""
    start, ahead = 0, iter(holdings.parts)
    held, taken = next(ahead, None), 0
    for part in parts:
        done = 0
        while done < len(part):
            if held is None:
                raise Unmatched(part[done])
            count = min(len(part) - done, len(held) - taken)
            rows = part if count == len(part) else part.take(range(done, done + count))
            yield Matched(start, held.take(range(taken, taken + count)), rows)
            start, done, taken = start + count, done + count, taken + count
            if taken == len(held):
                held, taken = next(ahead, None), 0
    if held is not None:
        raise Unmatched(held[taken])
