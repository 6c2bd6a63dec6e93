"""How long reports followed each other: by days, up to the report that is scored, and no longer than they came."""

from __future__ import annotations

from datetime import timedelta

from scanner.history.score.frequency import IN_TIME, MONTHLY, QUARTERLY, Followed
from tests.support.scored_reports import FIRST
from tests.support.tables import each_of


def followed(*days: int, waited: timedelta | None = None) -> Followed:
    """Of the report of the last of these days."""
    moments = frozenset(FIRST + timedelta(days=day) for day in days)
    return Followed(moments, FIRST + timedelta(days=days[-1]), len(days), waited)


@each_of(
    ("days", "expected"),
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
def test_a_chain_of_reports_is_as_long_as_no_step_of_it_is_too_long(days: tuple[int, ...], expected: int) -> None:
    assert followed(*days).days(MONTHLY) == expected


def test_a_scored_report_that_was_not_shown_in_full_ends_the_chain() -> None:
    of = followed(0, 30, 60)
    assert Followed(of.moments - {of.scored}, of.scored, 3).days(MONTHLY) == 0


def test_the_last_report_counts_until_the_next_one_is_overdue() -> None:
    due = MONTHLY + IN_TIME
    assert followed(0, 30, waited=due).days(MONTHLY) == 30
    assert followed(0, 30, waited=due + timedelta(seconds=1)).days(MONTHLY) == 0
    assert followed(0, 30, waited=due + timedelta(seconds=1)).days(QUARTERLY) == 30
