"""A series of the largest accounts alone: which these are follows from what was held at the claim's moment."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from scanner.core.evidence_part import EvidencePart
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.part_of_rows import PartOfRows, largest
from scanner.weighing.series import Point, Share


def point_of_part(
    claim: Claim, finding: Finding, rows: Iterable[EvidencePart], share: Fraction, statement: str
) -> tuple[Point, Claim, Share]:
    """Of the claim at its own moment, its finding and the rows that this is of: the point of the accounts that make up
    the share, the claim with these alone, and what is stated of it. `statement`: the digest of the one that has it."""
    parts = [*rows]
    part = largest(claim, parts, share)
    weighed = PartOfRows(part, finding)
    for each in parts:
        weighed.add(each)
    held = {reserve.unit: reserve.held for reserve in finding.reserves}
    shared = Share(share, len(part.holdings), len(claim.holdings), held)
    return Point.of(weighed.finding(), statement), part, shared
