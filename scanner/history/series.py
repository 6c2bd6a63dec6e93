"""The attestations of one exchange over time: which of them count, and for how long each unit was at or above 100 %.

Words, exactly:

- An entry *counts* if it is verified and, among the verified entries for its claim, rests on most evidence: fewest
  gaps and lower bounds, then (where two of equal evidence differ) the one that says least for the exchange, then the
  first. A scan that was repeated after an outage so takes the place of the first try, and a second opinion on full
  evidence can only take away.
- An entry whose moment is later than that of which it says that something is owed was made *between reports* (`scan
  --at now`). It belongs to no report, counts for none, and neither prolongs nor ends a streak.
- A *report* is a moment (`as_of`) of which there is any other entry. Several claims for one moment, such as a file that
  was issued again, are one report, and the one that says least for a unit is the one that counts for it.
- At a report a unit *stands* ABOVE (held is at least owed; gaps only hide more), BELOW (held, with what third parties
  are said to hold, is less than owed, on complete evidence) or is NOT_SHOWN, which is everything else: gaps, lower
  bounds, nothing published of what is owed, a unit left out, a verdict withheld, an entry that was not verified. 100 %
  is the line, whatever threshold a policy has: a ratio of 98 % that is COVERED under a threshold of 0.95 is BELOW, one
  of 102 % that is SHORT under 1.05 is ABOVE.
- A *streak* is an unbroken run of reports at each of which the unit stands ABOVE. Anything else ends it, also a period
  without a report where a cadence is given. Otherwise losing evidence, or leaving out a report, would help.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scanner.core.amounts import parse_decimal
from scanner.history.entry import Entry, Line
from scanner.weighing.standing import RatioStanding, standing_of

_WORST_FIRST = (RatioStanding.BELOW, RatioStanding.NOT_SHOWN, RatioStanding.ABOVE)
_VERDICTS = ("SHORT", "UNKNOWN", "COVERED")  # what says least for the exchange first


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a history has of one exchange and moment."""

    as_of: str
    entries: tuple[Entry, ...]  # all, in the order of being added
    counted: tuple[Entry, ...]  # one for each claim that has a verified entry; empty if none has


@dataclass(frozen=True, slots=True)
class ReportPoint:
    """One unit at one report."""

    as_of: str
    standing: RatioStanding
    entry: Entry | None  # the one that counts; None where none does
    line: Line | None  # None where that entry does not speak of the unit


@dataclass(frozen=True, slots=True)
class Streak:
    """A run of reports at which a unit stands ABOVE: how many, and the moments of the first and the last."""

    reports: int
    first: str
    last: str


def reports(entries: Iterable[Entry]) -> list[Report]:
    """The reports of one exchange's entries, by moment; without those that were made between reports."""
    by_moment: dict[str, list[Entry]] = {}
    for entry in sorted((entry for entry in entries if entry.of_report), key=lambda entry: entry.number):
        by_moment.setdefault(entry.said.as_of, []).append(entry)
    return [Report(moment, tuple(found), _counted(found)) for moment, found in sorted(by_moment.items())]


def alone(entries: Iterable[Entry]) -> list[Report]:
    """Entries that were made between reports, each by itself: none of them counts for a report."""
    return [Report(entry.said.as_of, (entry,), ()) for entry in sorted(entries, key=_by_moment)]


def _by_moment(entry: Entry) -> tuple[str, int]:
    return entry.said.as_of, entry.number


def contradicted(entries: Sequence[Entry]) -> set[str]:
    """The claims on which two verified entries differ in what is held of a unit, though neither has a gap in it, or a
    lower bound."""
    held: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        for line in entry.said.lines if entry.verified else ():
            if not line.gaps and not line.at_least:
                held.setdefault((entry.said.claim, line.unit), set()).add(line.held)
    return {claim for (claim, _), amounts in held.items() if len(amounts) > 1}


def units(of: Sequence[Report]) -> list[str]:
    """Every unit that an entry that counts speaks of, sorted."""
    return sorted({line.unit for report in of for entry in report.counted for line in entry.said.lines})


def points(of: Sequence[Report], unit: str) -> list[ReportPoint]:
    """The unit at each report, from the first that speaks of it."""
    first = next((number for number, report in enumerate(of) if unit in units([report])), len(of))
    return [_point(report, unit) for report in of[first:]]


def streaks(of: Sequence[ReportPoint], missing: Collection[str] = ()) -> list[Streak]:
    """All streaks, in their order. `missing`: moments at which a period ended without a report (cadence.py)."""
    found: list[Streak] = []
    running = False
    ended = [(moment, False) for moment in missing]
    for moment, above in sorted([*ended, *((point.as_of, point.standing is RatioStanding.ABOVE) for point in of)]):
        if not above:
            running = False
        elif running:
            found[-1] = Streak(found[-1].reports + 1, found[-1].first, moment)
        else:
            found.append(Streak(1, moment, moment))
            running = True
    return found


def current(of: Sequence[ReportPoint], missing: Collection[str] = ()) -> Streak | None:
    """The streak that nothing has ended yet; None if there is none."""
    found = streaks(of, missing)
    last = max([*(point.as_of for point in of), *missing], default="")
    return found[-1] if found and found[-1].last == last else None


def longest(of: Sequence[ReportPoint], missing: Collection[str] = ()) -> Streak | None:
    """The longest streak, the latest of several."""
    return max(streaks(of, missing), key=lambda streak: (streak.reports, streak.last), default=None)


def standing(line: Line, *, complete: bool) -> RatioStanding:
    """How a unit stands, by exact amounts."""
    return standing_of(
        held=parse_decimal(line.held),
        custody=parse_decimal(line.custody),
        owed=None if line.owed is None else parse_decimal(line.owed),
        verdict=line.verdict,
        withheld=bool(line.withheld),
        whole=complete and not line.gaps and not line.at_least,
    )


def _counted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    best: dict[str, Entry] = {}
    for entry in sorted((entry for entry in entries if entry.verified), key=_most_evidence_first):
        best.setdefault(entry.said.claim, entry)
    return tuple(sorted(best.values(), key=lambda entry: entry.number))


def _most_evidence_first(entry: Entry) -> tuple[int, int, list[Fraction], int]:
    held = [parse_decimal(line.held) for line in entry.said.lines]
    missing = entry.said.gaps + sum(line.at_least for line in entry.said.lines)
    return missing, _VERDICTS.index(entry.said.verdict), held, entry.number


def _point(report: Report, unit: str) -> ReportPoint:
    """The unit where it stands worst; of equal ones the lowest ratio, then the first."""
    found = [_of_entry(report.as_of, entry, unit) for entry in report.counted]
    return min(found, key=_worst_first, default=ReportPoint(report.as_of, RatioStanding.NOT_SHOWN, None, None))


def _of_entry(moment: str, entry: Entry, unit: str) -> ReportPoint:
    line = next((line for line in entry.said.lines if line.unit == unit), None)
    stands = RatioStanding.NOT_SHOWN if line is None else standing(line, complete=entry.said.complete)
    return ReportPoint(moment, stands, entry, line)


def _worst_first(point: ReportPoint) -> tuple[int, bool, Fraction]:
    ratio = point.line.ratio if point.line else None
    return _WORST_FIRST.index(point.standing), ratio is not None, parse_decimal(ratio) if ratio else Fraction(0)
