"""Verified reports as a score looks at them: one of which everything is shown, and each part to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from scanner.core.control import Control
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.history.score.evidence import AttestedFinding, FindingEvidence, UnitEvidence

FIRST: Final = datetime(2024, 1, 28, tzinfo=UTC)
PROVEN_TREE: Final = OwedBasis(
    Shows.TOTAL_PROVEN, "bitmex", total=Fraction(100), root="ab" * 32, entries=1000, assumes=("complete",)
)


def a_unit(name: str = "BTC", **changes: Any) -> UnitEvidence:
    """103 held of 100, all of it PROVEN, on accounts whose control is SHOWN; what is owed is proven."""
    unit = UnitEvidence(
        unit=name,
        held=Fraction(103),
        owed=Fraction(100),
        custody=Fraction(0),
        holdings=20,
        gaps=0,
        at_least=0,
        proven=Fraction(103),
        quorum=Fraction(0),
        own=Fraction(0),
        control={Control.SHOWN: Fraction(103)},
        owed_basis=PROVEN_TREE,
    )
    return replace(unit, **changes)


def shown_of(**amounts: int) -> Mapping[Control, Fraction]:
    """What is held, by what is shown of its control."""
    return {Control(word): Fraction(amount) for word, amount in amounts.items()}


def a_finding(*units: UnitEvidence, month: int = 0, day: int = 0, **changes: Any) -> FindingEvidence:
    """A finding of a claim of its own moment: months of 30 days after the first, and days."""
    as_of = FIRST + timedelta(days=30 * month + day)
    units = units or (a_unit(),)
    finding = FindingEvidence(
        digest="",
        claim=sha256(f"claim of {as_of}".encode()).hexdigest(),
        as_of=as_of,
        complete=True,
        operators=2,
        share_of_all_owed=Fraction(1),
        units=units,
    )
    finding = replace(finding, **changes)
    return replace(finding, digest=sha256(repr(replace(finding, digest="")).encode()).hexdigest())


def attested(
    finding: FindingEvidence, auditors: tuple[str, ...] = (), days: int = 1, number: int = 0
) -> AttestedFinding:
    """An entry that states it, scanned so many days after its moment."""
    name = sha256(f"{finding.digest} {auditors} {days} {number}".encode()).hexdigest()
    return AttestedFinding(name, finding.as_of + timedelta(days=days), finding, frozenset(auditors))


def a_year(*units: UnitEvidence) -> list[AttestedFinding]:
    """Twelve monthly reports, each signed by two auditors."""
    return [attested(a_finding(*units, month=month), ("first", "second")) for month in range(12)]
