"""Which entries count, how a unit stands, and what starts and ends a streak: each rule, and its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.history import series
from scanner.history.entry import Entry, Line
from scanner.history.series import ReportPoint, Streak
from scanner.weighing.standing import RatioStanding
from tests.support.history_entries import a_line, an_entry
from tests.support.tables import each_of

ABOVE, BELOW, NOT_SHOWN = RatioStanding.ABOVE, RatioStanding.BELOW, RatioStanding.NOT_SHOWN


def standings(entries: Sequence[Entry], unit: str = "BTC") -> list[RatioStanding]:
    return [point.standing for point in series.points(series.reports(entries), unit)]


# How a unit stands.


@each_of(
    ("line", "complete", "expected"),
    [
        (a_line("100"), True, ABOVE),
        (a_line("99.999999999999999999999999999999"), True, BELOW),
        (a_line("100.000000000000000000000000000001"), True, ABOVE),
        (a_line("100", gaps=2), True, ABOVE),  # gaps only hide more
        (a_line("99", gaps=1), True, NOT_SHOWN),
        (a_line("99"), False, NOT_SHOWN),  # a part of the accounts cannot show it
        (a_line("100"), False, ABOVE),
        (a_line("99", custody="1"), True, NOT_SHOWN),  # with what third parties are said to hold it might be covered
        (a_line("99", custody="0.9"), True, BELOW),
        (a_line("99", None), True, NOT_SHOWN),
        (a_line("99", "0"), True, ABOVE),  # nothing is owed: an amount like any other
        (a_line("0", "0", holdings=0), False, ABOVE),
        (a_line("0", holdings=0), True, BELOW),  # nothing was declared against what is owed
        (a_line("0", holdings=0), False, NOT_SHOWN),
    ],
)
def test_how_a_unit_stands_to_100_percent(line: Line, complete: bool, expected: RatioStanding) -> None:
    assert series.standing(line, complete=complete) is expected


@pytest.mark.parametrize(("held", "verdict", "expected"), [("98", "COVERED", BELOW), ("102", "SHORT", ABOVE)])
def test_the_line_is_100_percent_whatever_the_verdict_under_a_threshold(
    held: str, verdict: str, expected: RatioStanding
) -> None:
    assert standings([an_entry(1, lines=[a_line(held, verdict=verdict)], verdict=verdict)]) == [expected]


# Which entries count.


def test_of_one_claim_the_entry_with_fewest_gaps_counts_then_the_lower_then_the_first() -> None:
    full, gappy = an_entry(2), an_entry(1, lines=[a_line("200", gaps=1)])
    assert series.reports([gappy, full])[0].counted == (full,)
    short = an_entry(3, lines=[a_line("90", verdict="SHORT")], verdict="SHORT")
    assert series.reports([full, short])[0].counted == (short,)
    less = an_entry(4, lines=[a_line("101")])
    assert series.reports([full, less])[0].counted == (less,)
    assert series.reports([an_entry(9), full])[0].counted == (full,)


def test_an_entry_that_was_not_verified_never_counts() -> None:
    (report,) = series.reports([an_entry(1, verified=False)])
    assert (report.counted, len(report.entries)) == ((), 1)
    (report,) = series.reports([an_entry(1, verified=False), an_entry(2, lines=[a_line("103", gaps=1)])])
    assert [entry.number for entry in report.counted] == [2]


def test_several_claims_for_one_moment_are_one_report_in_which_the_worst_counts() -> None:
    good, unclear = an_entry(1, claim="v1"), an_entry(2, lines=[a_line("99", gaps=1)], claim="v2")
    short = an_entry(3, lines=[a_line("90")], claim="v3")
    assert standings([good, unclear]) == [NOT_SHOWN]
    assert standings([good, unclear, short]) == [BELOW]
    assert standings([good, an_entry(4, claim="v4")]) == [ABOVE]
    (point,) = series.points(series.reports([good, an_entry(4, lines=[a_line(ratio="1.010000")], claim="v4")]), "BTC")
    assert point.entry is not None
    assert point.entry.number == 4


def test_a_unit_that_a_claim_for_the_moment_leaves_out_is_not_shown() -> None:
    assert standings([an_entry(1), an_entry(2, lines=[a_line(unit="ETH")], claim="v2")]) == [NOT_SHOWN]


def test_a_unit_begins_with_the_first_report_that_speaks_of_it_and_is_missed_afterwards() -> None:
    eth = a_line(unit="ETH")
    entries = [an_entry(1, 1), an_entry(2, 2, [a_line(), eth]), an_entry(3, 3), an_entry(4, 4, [a_line(), eth])]
    assert series.units(series.reports(entries)) == ["BTC", "ETH"]
    assert standings(entries, "ETH") == [ABOVE, NOT_SHOWN, ABOVE]
    assert standings(entries, "USDT") == []


def test_contradictions_are_between_verified_entries_of_one_claim_without_gaps() -> None:
    first, other = an_entry(1), an_entry(2, lines=[a_line("104")])
    assert series.contradicted([first, other]) == {"claim of 1"}
    assert series.contradicted([first, an_entry(2, lines=[a_line("104", gaps=1)])]) == set()
    assert series.contradicted([first, an_entry(2, lines=[a_line("104")], verified=False)]) == set()
    assert series.contradicted([first, an_entry(2, lines=[a_line("104")], claim="v2")]) == set()
    assert series.contradicted([first, an_entry(2)]) == set()


# Streaks.


def run(text: str) -> list[ReportPoint]:
    """Points from letters: A above, B below, N not shown."""
    letters = {"A": ABOVE, "B": BELOW, "N": NOT_SHOWN}
    return [
        ReportPoint(f"2024-{month:02}-28T00:00:00Z", letters[letter], None, None)
        for month, letter in enumerate(text, 1)
    ]


def day(month: int) -> str:
    return f"2024-{month:02}-28T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("A", [Streak(1, day(1), day(1))]),
        ("AAA", [Streak(3, day(1), day(3))]),
        ("B", []),
        ("AABA", [Streak(2, day(1), day(2)), Streak(1, day(4), day(4))]),
        ("AANA", [Streak(2, day(1), day(2)), Streak(1, day(4), day(4))]),
        ("NNA", [Streak(1, day(3), day(3))]),
    ],
)
def test_anything_but_above_ends_a_streak(text: str, expected: list[Streak]) -> None:
    assert series.streaks(run(text)) == expected


def test_the_current_streak_is_the_one_that_reaches_the_last_report() -> None:
    assert series.current(run("BAAA")) == Streak(3, day(2), day(4))
    assert series.current(run("AAAN")) is None
    assert series.current(run("AAAB")) is None
    assert series.current([]) is None


def test_the_longest_streak_is_the_latest_of_several() -> None:
    assert series.longest(run("AABAAAN")) == Streak(3, day(4), day(6))
    assert series.longest(run("AABAA")) == Streak(2, day(4), day(5))
    assert series.longest(run("BN")) is None


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("2024-02-29T00:00:00Z", [Streak(2, day(1), day(2)), Streak(2, day(3), day(4))]),
        (day(3), [Streak(2, day(1), day(2)), Streak(2, day(3), day(4))]),  # a period that ends as a report is made
        ("2023-12-31T00:00:00Z", [Streak(4, day(1), day(4))]),
    ],
)
def test_a_report_that_is_missing_ends_a_streak(missing: str, expected: list[Streak]) -> None:
    assert series.streaks(run("AAAA"), [missing]) == expected


def test_a_report_missing_at_the_end_leaves_no_current_streak() -> None:
    assert series.current(run("AAAA"), ["2024-06-01T00:00:00Z"]) is None
    assert series.longest(run("AAAA"), ["2024-06-01T00:00:00Z"]) == Streak(4, day(1), day(4))


def test_a_report_that_nobody_verified_ends_a_streak() -> None:
    entries = [an_entry(1, 1), an_entry(2, 2, verified=False), an_entry(3, 3)]
    assert series.streaks(series.points(series.reports(entries), "BTC")) == [
        Streak(1, day(1), day(1)),
        Streak(1, day(3), day(3)),
    ]


@given(text=st.text("ABN", max_size=12), lost=st.integers(0, 11))
def test_losing_evidence_never_lengthens_a_streak(text: str, lost: int) -> None:
    worse = "".join("N" if number == lost else letter for number, letter in enumerate(text))
    before, after = series.longest(run(text)), series.longest(run(worse))
    assert (after.reports if after else 0) <= (before.reports if before else 0)
    ran, runs = series.current(run(text)), series.current(run(worse))
    assert (runs.reports if runs else 0) <= (ran.reports if ran else 0)


# Between reports.


def between(entry: Entry, as_of: str) -> Entry:
    """The same, scanned at a later moment than that of which something is owed."""
    return replace(entry, said=replace(entry.said, as_of=as_of))


def test_a_scan_between_reports_neither_prolongs_a_streak_nor_ends_it_nor_is_a_report() -> None:
    first, second = an_entry(1, month=1), an_entry(2, month=2)
    below = between(an_entry(3, month=1, lines=[a_line("99")]), "2024-01-30T00:00:00Z")
    above = between(an_entry(4, month=2), "2024-03-15T00:00:00Z")
    found = series.reports([first, second, below, above])
    assert [report.as_of for report in found] == [first.said.as_of, second.said.as_of]
    points = series.points(found, "BTC")
    assert series.current(points) == Streak(2, first.said.as_of, second.said.as_of)
    assert series.reports([above, below]) == []


def test_a_scan_between_reports_counts_for_no_claim_and_stands_alone() -> None:
    report, later = an_entry(1, claim="a"), between(an_entry(2, claim="a"), "2024-03-15T00:00:00Z")
    assert [found.counted for found in series.reports([later, report])] == [(report,)]
    assert [(alone.as_of, alone.entries, alone.counted) for alone in series.alone([later])] == [
        ("2024-03-15T00:00:00Z", (later,), ())
    ]
