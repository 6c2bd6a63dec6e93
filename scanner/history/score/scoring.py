"""START READING HERE. One exchange's verified entries to a score for each claim of each of its reports.

- A score is of a *claim*, since what is asked of a report is decided by what the claim names. Where several claims are
  of one moment each has its own: none is hidden behind another.
- Envelopes that state the same finding, byte for byte, are one finding, signed by all of their signers. Of several
  findings on one claim, one of which lost evidence, that with the highest sum counts.
- In each criterion *the lowest unit counts*.
- The sum is of six points; NOT SHOWN adds none.

So taking away an entry, a balance, a proof, a signature, a report or an auditor's key never raises a claim's score.
Pure: no database, no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from scanner.history.score.evidence import AttestedFinding, FindingEvidence, UnitEvidence
from scanner.history.score.frequency import IN_TIME, STEPS, Timeline
from scanner.history.score.measures import OF_CLAIM, Measured, Subject, What, is_settled, measured
from scanner.history.score.others import REQUIREMENTS
from scanner.history.score.rubric import CRITERIA, Criterion, Demand, Points, lowest


@dataclass(frozen=True, slots=True)
class Raising:
    """What would raise a criterion: a demand, and the units that do not meet it, those that lack most first."""

    demand: Demand
    units: tuple[str, ...]  # empty where it is not of units
    figure: Fraction | None  # of the first


@dataclass(frozen=True, slots=True)
class Earned:
    """One criterion of a score."""

    criterion: Criterion
    points: Points
    unit: str | None  # the lowest one; None where it is not of units, or there is none
    figures: Mapping[What, Fraction | None]  # of that unit
    raising: tuple[Raising, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one claim."""

    claim: str  # sha256 of the claim's file, hex
    as_of: datetime
    finding: FindingEvidence | None  # None: of no attestation of it anything was verified
    attestations: tuple[str, ...]  # the envelopes that state the finding
    earned: tuple[Earned, ...]  # one for each of the criteria, in their order
    shown: tuple[bool, ...]  # of each requirement of the other rubric, in their order

    @property
    def halves(self) -> int:
        """The sum, in half points."""
        return sum(each.points.halves for each in self.earned)


def scores(attested: Iterable[AttestedFinding], *, auditors: bool = False, now: datetime | None = None) -> list[Score]:
    """The scores of one exchange's claims, by moment. `attested` are the verified entries of its reports, with the
    listed auditors that signed each; `auditors`: whether any was listed. `now` (aware): the moment at which it is
    judged whether reports still come; left out, each report is judged as of its own."""
    entries = [*attested]
    by_claim: dict[tuple[datetime, str], dict[str, list[AttestedFinding]]] = {}
    for entry in entries:
        claims = by_claim.setdefault((entry.finding.as_of, entry.finding.claim), {})
        claims.setdefault(entry.finding.digest, []).append(entry)
    reports = _Reports(entries, now)
    return [
        max((_score(of, reports, auditors) for of in findings.values()), key=_highest)
        for _, findings in sorted(by_claim.items())
    ]


def unverified(claim: str, as_of: datetime) -> Score:
    """The score of a claim of which no attestation was verified: nothing is shown."""
    return Score(claim, as_of, None, (), tuple(_earned(each, ()) for each in CRITERIA), (False,) * len(REQUIREMENTS))


def _highest(score: Score) -> tuple[int, str]:
    return score.halves, score.finding.digest if score.finding else ""


def _score(entries: Sequence[AttestedFinding], reports: _Reports, auditors: bool) -> Score:
    """Of the entries that state one finding."""
    finding = entries[0].finding
    signed = len({keyid for entry in entries for keyid in entry.auditors}) if auditors else None
    count = reports.count(finding.as_of)
    of = [measured(Subject(unit, finding, reports.days(unit, finding.as_of), count, signed)) for unit in finding.units]
    return Score(
        finding.claim,
        finding.as_of,
        finding,
        tuple(sorted({entry.attestation for entry in entries})),
        tuple(_earned(criterion, of) for criterion in CRITERIA),
        tuple(requirement.is_shown(of) for requirement in REQUIREMENTS),
    )


def _earned(criterion: Criterion, of: Sequence[Measured]) -> Earned:
    if not of:
        return Earned(criterion, lowest(()), None, {}, tuple(Raising(each, (), None) for each in criterion.whole))
    earned = [(criterion.points(each), each) for each in of]
    points = lowest([each for each, _ in earned])
    weakest = min((of for each, of in earned if each is points), key=lambda each: _rank(criterion, each))
    return Earned(
        criterion,
        points,
        weakest.unit if criterion.by_unit else None,
        {what: weakest.figures[what] for what in criterion.measured},
        tuple(_raising(criterion, demand, of) for demand in criterion.whole if not all(map(demand.is_met, of))),
    )


def _raising(criterion: Criterion, demand: Demand, of: Sequence[Measured]) -> Raising:
    short = sorted((each for each in of if not demand.is_met(each)), key=lambda each: _figure_first(demand, each))
    units = tuple(each.unit for each in short) if criterion.by_unit and demand.what not in OF_CLAIM else ()
    return Raising(demand, units, demand.figure(short[0]))


def _rank(criterion: Criterion, of: Measured) -> tuple[int, list[tuple[Fraction, str]]]:
    """Which of several units that earn alike is named: that which lacks most."""
    return -len(criterion.lacking(of)), [_figure_first(demand, of) for demand in criterion.whole]


def _figure_first(demand: Demand, of: Measured) -> tuple[Fraction, str]:
    figure = demand.figure(of)
    return Fraction(-1) if figure is None else figure, of.unit


class _Reports:
    """The reports of one exchange, and at which of them each unit was shown in full and in time: what was owed then."""

    def __init__(self, entries: Collection[AttestedFinding], now: datetime | None) -> None:
        self._moments = sorted({entry.finding.as_of for entry in entries})
        self._waited = None if now is None or not self._moments else now - self._moments[-1]
        shown: dict[str, dict[datetime, Fraction]] = {}
        for entry in entries:
            if entry.scanned_at - entry.finding.as_of <= IN_TIME:
                for unit in entry.finding.units:
                    if unit.owed is not None and is_settled(unit, entry.finding):
                        owed = shown.setdefault(unit.unit, {})
                        owed[entry.finding.as_of] = max(unit.owed, owed.get(entry.finding.as_of, unit.owed))
        self._timelines = {unit: Timeline(owed) for unit, owed in shown.items()}

    def days(self, unit: UnitEvidence, scored: datetime) -> Mapping[timedelta, int]:
        """As `Timeline.up_to` has it. Only of the last report is asked what came after."""
        waited = self._waited if scored == self._moments[-1] else None
        timeline = self._timelines.get(unit.unit)
        return dict.fromkeys(STEPS, 0) if timeline is None else timeline.up_to(scored, unit.owed, waited)

    def count(self, scored: datetime) -> int:
        """How many there are up to this one."""
        return bisect_right(self._moments, scored)
