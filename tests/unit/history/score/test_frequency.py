"""How long reports followed each other: by days, up to the report that is scored, and no longer than they came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scanner.history.score.frequency import IN_TIME, MONTHLY, QUARTERLY, STEPS, Timeline
from tests.support.scored_reports import FIRST
from tests.support.tables import each_of


def days(*of: int, scored: int | None = None, waited: timedelta | None = None, step: timedelta = MONTHLY) -> int:
    """Of the report of the last of these days, or another."""
    return row(dict.fromkeys(of, 100), of[-1] if scored is None else scored, waited, step)


def row(owed: Mapping[int, int], scored: int, waited: timedelta | None = None, step: timedelta = MONTHLY) -> int:
    """Of the report of a day, by what those of each day owe."""
    timeline = Timeline({FIRST + timedelta(days=day): Fraction(amount) for day, amount in owed.items()})
    own = Fraction(owed[scored]) if scored in owed else Fraction(100)
    return timeline.up_to(FIRST + timedelta(days=scored), own, waited)[step]


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
    assert Timeline({}).up_to(FIRST, Fraction(1)) == dict.fromkeys(STEPS, 0)


def test_a_scored_claim_that_does_not_say_what_it_owes_has_no_row() -> None:
    shown = {FIRST: Fraction(100), FIRST + timedelta(days=30): Fraction(100)}  # by another claim of its moment
    assert Timeline(shown).up_to(FIRST + timedelta(days=30), None) == dict.fromkeys(STEPS, 0)


def test_a_claim_of_next_to_nothing_gives_no_row_to_another_of_its_moment_that_was_not_shown_in_full() -> None:
    shown = {FIRST: Fraction(100), FIRST + timedelta(days=30): Fraction(9)}  # the scored claim owes more than that
    timeline = Timeline(shown)
    assert timeline.up_to(FIRST + timedelta(days=30), Fraction(100)) == dict.fromkeys(STEPS, 0)
    assert timeline.up_to(FIRST + timedelta(days=30), Fraction(90))[MONTHLY] == 30


@each_of(
    ("owed", "expected"),
    [
        ({0: 100, 30: 100, 60: 100}, 60),
        ({0: 10, 30: 10, 60: 100}, 60),
        ({0: 9, 30: 9, 60: 100}, 0),
        ({0: 100, 30: 9, 60: 100}, 0),  # the small one does not join the large ones
        ({0: 100, 15: 9, 30: 100}, 30),  # nor does it part them
        ({0: 100, 30: 100, 60: 1}, 60),  # what is owed may fall: coins are withdrawn
        ({0: 1, 30: 10, 60: 100, 90: 1000}, 30),  # growth joins as far as a tenth
    ],
)
def test_a_report_that_owes_less_than_a_tenth_of_the_scored_one_is_none_of_its_row(
    owed: dict[int, int], expected: int
) -> None:
    assert row(owed, max(owed)) == expected


@given(st.dictionaries(st.integers(0, 200), st.integers(1, 1000), min_size=1, max_size=12), st.data())
def test_no_report_is_missed_that_a_row_would_be_longer_without(owed: dict[int, int], data: st.DataObject) -> None:
    """Neither by its absence nor by owing less: what rows of neighbours would allow."""
    scored, other = data.draw(st.sampled_from(sorted(owed))), data.draw(st.sampled_from(sorted(owed)))
    before = row(owed, scored)
    less = {**owed, other: data.draw(st.integers(0, owed[other]))} if other != scored else owed
    without = {day: amount for day, amount in owed.items() if day != other or day == scored}
    assert row(less, scored) <= before
    assert row(without, scored) <= before


def test_the_last_report_counts_until_the_next_one_is_overdue() -> None:
    due, second = MONTHLY + IN_TIME, timedelta(seconds=1)
    assert days(0, 30, waited=due) == 30
    assert days(0, 30, waited=due + second) == 0
    assert days(0, 30, waited=due + second, step=QUARTERLY) == 30


def gone_back(owed: Mapping[int, int], scored: int, step: timedelta) -> int:
    """The rule as it is told, report by report: how far the row reaches back."""
    first = scored
    for day in sorted((day for day in owed if day < scored), reverse=True):
        if timedelta(days=first - day) > step:
            break
        if 10 * owed[day] >= owed[scored]:
            first = day
    return scored - first


@given(
    st.dictionaries(st.integers(0, 400), st.sampled_from([0, 1, 9, 10, 11, 99, 100, 101, 1000]), min_size=1),
    st.data(),
)
def test_a_row_is_as_long_as_going_back_report_by_report_finds_it(owed: dict[int, int], data: st.DataObject) -> None:
    scored = data.draw(st.sampled_from(sorted(owed)))
    for step in STEPS:
        assert row(owed, scored, step=step) == gone_back(owed, scored, step)
