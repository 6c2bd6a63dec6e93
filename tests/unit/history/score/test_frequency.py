"""How long reports followed each other: by days, up to the report that is scored, and no longer than they came."""

from __future__ import annotations

from datetime import timedelta

from scanner.history.score.frequency import IN_TIME, MONTHLY, QUARTERLY, STEPS, Timeline
from tests.support.scored_reports import FIRST
from tests.support.tables import each_of


def days(*of: int, scored: int | None = None, waited: timedelta | None = None, step: timedelta = MONTHLY) -> int:
    """Of the report of the last of these days, or another."""
    timeline = Timeline({FIRST + timedelta(days=day) for day in of})
    return timeline.up_to(FIRST + timedelta(days=of[-1] if scored is None else scored), waited)[step]


@each_of(
    ("reports", "expected"),
    [
        ((0,), 0),
        ((0, 30), 30),
        ((0, 35, 70), 70),
        ((0, 36, 70), 34),
        ((0, 1, 30), 30),  # two reports of two days are no more than one
        ((30, 60, 90, 0), 0),  # what comes after the scored report does not lead to it
        ((0, 29, 30, 90, 91), 1),  # around the ends of months: two keep no second month
    ],
)
def test_a_chain_of_reports_is_as_long_as_no_step_of_it_is_too_long(reports: tuple[int, ...], expected: int) -> None:
    assert days(*reports) == expected


def test_a_scored_report_that_was_not_shown_in_full_ends_the_chain() -> None:
    assert days(0, 30, scored=60) == 0
    assert Timeline(()).up_to(FIRST) == dict.fromkeys(STEPS, 0)


def test_the_last_report_counts_until_the_next_one_is_overdue() -> None:
    due, second = MONTHLY + IN_TIME, timedelta(seconds=1)
    assert days(0, 30, waited=due) == 30
    assert days(0, 30, waited=due + second) == 0
    assert days(0, 30, waited=due + second, step=QUARTERLY) == 30
