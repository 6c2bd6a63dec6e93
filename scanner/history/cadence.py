"""Reports that are missing or came late, where it is said how often they should come.

A cadence cuts time into periods of the calendar, in UTC. Each period should have a report: one whose moment (`as_of`)
lies in it and of which an entry counts. It is due some days after the period's end (`grace`). A report whose scan ended
after that, by its signers' word, is late; a period that has none when it is due is missing. The first period is that of
the first report, the last one the last that is due. Pure: the moment now is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from scanner.history.series import Report

GRACE: Final = timedelta(days=14)


class Cadence(StrEnum):
    """How often reports should come."""

    DAILY = "daily"
    WEEKLY = "weekly"  # weeks of ISO 8601, from Monday
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Period:
    """One period, from its start to just before its end."""

    name: str  # "2023-11", "2023-W47", "2023-Q4"
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """A period whose first report came after it was due."""

    period: Period
    scanned_at: str
    days: int  # begun, after it was due


@dataclass(frozen=True, slots=True)
class CadenceRecord:
    """How a cadence was kept."""

    missing: tuple[Period, ...]
    late: tuple[Late, ...]
    due: datetime | None  # when the first report that is not there yet is due; None if there never was one


def kept(of: Sequence[Report], cadence: Cadence, now: datetime, grace: timedelta = GRACE) -> CadenceRecord:
    """How the reports of one exchange kept a cadence until now (aware). One of a later moment does not count."""
    scans: dict[datetime, str] = {}
    for report in of:
        if report.counted and _read(report.as_of) <= now:
            start = period_of(cadence, _read(report.as_of)).start
            first = min(entry.said.scanned_at for entry in report.entries if entry.verified)
            scans[start] = min(first, scans.get(start, first))
    missing: list[Period] = []
    late: list[Late] = []
    if not scans:
        return CadenceRecord((), (), None)
    for period in _periods(cadence, min(scans)):
        due = period.end + grace
        if period.start in scans:
            over = _read(scans[period.start]) - due
            if over > timedelta(0):
                late.append(Late(period, scans[period.start], -(-over // timedelta(days=1))))
        elif due <= now:
            missing.append(period)
        elif period.start > max(scans):
            return CadenceRecord(tuple(missing), tuple(late), due)
    raise AssertionError("periods do not end")


def period_of(cadence: Cadence, moment: datetime) -> Period:
    """The period in which a moment (aware) lies."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match cadence:
        case Cadence.DAILY:
            return Period(f"{day:%Y-%m-%d}", day, day + timedelta(days=1))
        case Cadence.WEEKLY:
            start = day - timedelta(days=day.weekday())
            year, week, _ = start.isocalendar()
            return Period(f"{year}-W{week:02}", start, start + timedelta(days=7))
        case Cadence.MONTHLY:
            start = day.replace(day=1)
            return Period(f"{start:%Y-%m}", start, _months_later(start, 1))
        case Cadence.QUARTERLY:
            start = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            return Period(f"{start.year:04}-Q{start.month // 3 + 1}", start, _months_later(start, 3))
        case Cadence.YEARLY:
            start = day.replace(day=1, month=1)
            return Period(f"{start.year:04}", start, _months_later(start, 12))


def _periods(cadence: Cadence, first: datetime) -> Iterator[Period]:
    moment = first
    while True:
        period = period_of(cadence, moment)
        yield period
        moment = period.end


def _months_later(start: datetime, months: int) -> datetime:
    month = start.month - 1 + months
    return start.replace(year=start.year + month // 12, month=month % 12 + 1)


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
