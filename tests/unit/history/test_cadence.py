"""Periods, and which of them have no report or had it late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scanner.history import series
from scanner.history.cadence import Cadence, kept, period_of
from scanner.history.entry import Entry
from scanner.history.series import Report
from tests.support.history_entries import an_entry
from tests.support.tables import each_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_entry_of(as_of: str, scanned: str | None = None, number: int = 1, *, verified: bool = True) -> Entry:
    entry = an_entry(number, verified=verified, claim=f"of {as_of} {number}")
    moment = f"{as_of}T16:00:00Z"
    said = replace(entry.said, as_of=moment, owed_as_of=moment, scanned_at=f"{scanned or as_of}T18:00:00Z")
    return replace(entry, said=said)


def reports(*entries: Entry) -> list[Report]:
    return series.reports(entries)


def months(*days: str) -> list[Report]:
    return reports(*(an_entry_of(day, number=number) for number, day in enumerate(days, 1)))


@each_of(
    ("cadence", "moment", "name", "start", "end"),
    [
        (Cadence.DAILY, "2024-02-29T23:59:59", "2024-02-29", "2024-02-29", "2024-03-01"),
        (Cadence.WEEKLY, "2024-12-30T00:00:00", "2025-W01", "2024-12-30", "2025-01-06"),
        (Cadence.WEEKLY, "2023-01-01T12:00:00", "2022-W52", "2022-12-26", "2023-01-02"),
        (Cadence.MONTHLY, "2023-11-22T16:00:00", "2023-11", "2023-11-01", "2023-12-01"),
        (Cadence.MONTHLY, "2023-12-31T23:59:59", "2023-12", "2023-12-01", "2024-01-01"),
        (Cadence.QUARTERLY, "2023-11-22T16:00:00", "2023-Q4", "2023-10-01", "2024-01-01"),
        (Cadence.QUARTERLY, "2024-03-31T23:59:59", "2024-Q1", "2024-01-01", "2024-04-01"),
        (Cadence.YEARLY, "2024-02-29T00:00:00", "2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_the_period_of_a_moment(cadence: Cadence, moment: str, name: str, start: str, end: str) -> None:
    period = period_of(cadence, at(moment))
    assert (period.name, period.start, period.end) == (name, at(start), at(end))


def test_a_period_is_that_of_the_moment_in_utc() -> None:
    moment = datetime.fromisoformat("2024-01-01T03:00:00+08:00")
    assert period_of(Cadence.MONTHLY, moment).name == "2023-12"


def names(of: Sequence[Report], now: str, grace: int = 14) -> list[str]:
    return [period.name for period in kept(of, Cadence.MONTHLY, at(now), timedelta(days=grace)).missing]


def test_a_month_without_a_report_is_missing_once_it_was_due() -> None:
    of = months("2024-01-20", "2024-03-20")
    assert names(of, "2024-03-14T23:59:59") == []
    assert names(of, "2024-03-15T00:00:00") == ["2024-02"]
    assert names(of, "2024-03-01T00:00:00", grace=0) == ["2024-02"]


def test_months_after_the_last_report_go_missing_one_after_the_other() -> None:
    of = months("2024-01-20")
    assert names(of, "2024-05-14T00:00:00") == ["2024-02", "2024-03"]
    found = kept(of, Cadence.MONTHLY, at("2024-05-14T00:00:00"))
    assert found.due == at("2024-05-15T00:00:00")


def test_nothing_is_missing_before_the_first_report() -> None:
    assert names(months("2024-01-31"), "2024-02-10T00:00:00") == []
    assert kept([], Cadence.MONTHLY, at("2024-02-10T00:00:00")).due is None


def test_a_report_that_nobody_verified_is_none() -> None:
    of = reports(an_entry_of("2024-01-20"), an_entry_of("2024-02-20", number=2, verified=False))
    assert names(of, "2024-04-01T00:00:00") == ["2024-02"]


def test_a_report_of_the_future_does_not_count_yet() -> None:
    found = kept(months("2024-01-20", "9999-12-31"), Cadence.DAILY, at("2024-01-21T12:00:00"))
    assert (found.missing, found.due) == ((), at("2024-02-05T00:00:00"))


@pytest.mark.parametrize(
    ("scanned", "days"),
    [("2024-02-14", None), ("2024-02-15", 1), ("2024-02-16", 2), ("2024-03-20", 35)],
)
def test_a_report_that_was_scanned_after_it_was_due_is_late(scanned: str, days: int | None) -> None:
    of = reports(an_entry_of("2024-01-20", scanned))
    found = kept(of, Cadence.MONTHLY, at("2024-02-20T00:00:00"))
    assert [late.days for late in found.late] == ([] if days is None else [days])
    assert found.missing == ()


def test_the_first_of_several_reports_of_a_period_is_the_one_in_time() -> None:
    of = reports(an_entry_of("2024-01-10", "2024-03-20"), an_entry_of("2024-01-20", "2024-01-21", number=2))
    assert kept(of, Cadence.MONTHLY, at("2024-03-01T00:00:00")).late == ()


def test_weeks_quarters_and_years_go_missing_too() -> None:
    of = months("2023-02-01", "2024-02-01")
    now, none = at("2024-03-01T00:00:00"), timedelta(0)
    assert [each.name for each in kept(of, Cadence.QUARTERLY, now, none).missing] == ["2023-Q2", "2023-Q3", "2023-Q4"]
    assert kept(of, Cadence.YEARLY, now, none).missing == ()
    assert len(kept(of, Cadence.WEEKLY, now, none).missing) == 54


@pytest.mark.parametrize(("verified", "late"), [(True, []), (False, [35])])
def test_a_report_is_in_time_if_any_verified_entry_of_it_was(verified: bool, late: list[int]) -> None:
    early = an_entry_of("2024-01-20", "2024-01-21", number=1, verified=verified)
    again = an_entry_of("2024-01-20", "2024-03-20", number=2)
    found = kept(reports(early, again), Cadence.MONTHLY, at("2024-04-01T00:00:00"))
    assert [each.days for each in found.late] == late
