"""What lasted of what was held at the claim's moment: the formula, and what takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Snapshot
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule, moments
from scanner.weighing.series import Lacking, Point, Series, Sustained, Transience, UnitPoint, has_room
from tests.support.simulated.toy_family import CHAIN
from tests.support.toy_series import AS_OF, OWED, a_claim, around

SIDE = 3  # stretches
AMOUNTS = st.lists(st.integers(0, 200), min_size=2 * SIDE + 1, max_size=2 * SIDE + 1)


def block(number: int) -> Snapshot:
    return Snapshot(CHAIN, 1000 + number, f"{number + 100:064x}", "0" * 64, AS_OF)


def series(amounts: list[int], schedule: Schedule | None = None, drawn: range | None = None) -> Series:
    """Of one unit, at each moment another block; `drawn`: the stretches of which the last block is known."""
    schedule = schedule or around(SIDE)
    blocks = {number: block(number) for number in drawn or schedule.numbers}
    looked_at = moments(schedule, blocks)
    points = [
        Point(at, "00" * 32, Policy(), {}, {"TOY": UnitPoint(Fraction(amount), 0, 0, False, (f"{at}",))})
        for at, amount in zip(looked_at, amounts, strict=True)
    ]
    return Series(a_claim(), schedule, blocks, tuple(points))


def flat(schedule: Schedule) -> Series:
    """As much at every moment."""
    count = len(moments(schedule, {number: block(number) for number in schedule.numbers}))
    return series([103] * count, schedule)


def only(of: Series) -> Sustained:
    (found,) = of.sustained
    return found


def changed(of: Series, at: int, **unit: object) -> Series:
    point = of.points[at]
    other = replace(point, units={"TOY": replace(point.units["TOY"], **unit)})  # type: ignore[arg-type]
    return replace(of, points=(*of.points[:at], other, *of.points[at + 1 :]))


@given(AMOUNTS)
def test_sustained_is_the_least_of_the_moment_and_the_better_side(amounts: list[int]) -> None:
    found = only(series(amounts))
    before, now, after = amounts[:SIDE], amounts[SIDE], amounts[SIDE + 1 :]
    expected = min(now, max(min(before), min(after)))
    assert [found.sustained, found.transient] == [Fraction(expected), Fraction(now - expected)]
    assert found.ratio == Fraction(expected, OWED)
    assert found.shows is (Transience.FOUND if now > expected else Transience.NONE_FOUND)
    assert (found.before, found.after) == (SIDE, SIDE)


@pytest.mark.parametrize(
    ("amounts", "transient"),
    [
        ([93, 93, 103, 103, 103, 93, 93], 10),  # came before, and went after
        ([93, 93, 93, 103, 103, 103, 103], 0),  # came, and stayed
        ([103, 103, 93, 103, 103, 103, 103], 0),  # a dip on one side
        ([103, 90, 103, 103, 103, 95, 103], 8),  # a dip on both
        ([110, 110, 110, 103, 110, 110, 110], 0),  # less at the moment itself
    ],
)
def test_what_comes_and_goes_is_transient_and_what_stays_is_not(amounts: list[int], transient: int) -> None:
    found = only(series(amounts))
    assert found.transient == transient
    assert found.sustained == 103 - transient


@given(AMOUNTS, st.integers(0, 2 * SIDE), st.sampled_from(["gaps", "at_least", "apart"]))
def test_a_gap_at_any_sampled_moment_shows_nothing(amounts: list[int], at: int, what: str) -> None:
    found = only(changed(series(amounts), at, **{what: 1}))
    assert found.lacking == (Lacking.GAPS,)
    assert (found.sustained, found.transient, found.ratio, found.shows) == (None, None, None, Transience.NOT_SHOWN)
    assert (found.least_before, found.least_after) == (None, None)


def test_a_stretch_without_a_moment_shows_nothing() -> None:
    found = only(series([103] * (2 * SIDE), drawn=range(-SIDE + 1, SIDE)))
    assert found.lacking == (Lacking.NOT_DRAWN,)
    assert found.shows is Transience.NOT_SHOWN


@pytest.mark.parametrize("side", [range(SIDE), range(SIDE + 1, 2 * SIDE + 1)])
def test_a_side_of_which_no_other_block_was_sampled_shows_nothing(side: range) -> None:
    found = series([103] * (2 * SIDE + 1))
    same = found.points[SIDE].units["TOY"].blocks
    for at in side:
        found = changed(found, at, blocks=same)
    assert only(found).lacking == (Lacking.NO_BLOCKS,)


def test_a_block_counts_once_however_many_moments_fall_on_it() -> None:
    found = changed(series([103] * (2 * SIDE + 1)), 1, blocks=("one",))
    unit = only(changed(found, 2, blocks=("one",)))
    assert (unit.before, unit.after) == (2, SIDE)


def test_a_gap_beyond_a_window_leaves_the_window_alone() -> None:
    day = timedelta(days=1)
    found = flat(Schedule(AS_OF, day, -3, 4))
    inner, outer = changed(found, 0, gaps=1).sustained
    assert (inner.window, inner.shows) == (day, Transience.NONE_FOUND)
    assert (outer.window, outer.shows) == (3 * day, Transience.NOT_SHOWN)


def test_some_time_after_the_claim_it_is_told_what_was_held_then() -> None:
    day = timedelta(days=1)
    flat_one = flat(Schedule(AS_OF, day, -1, 2))
    now, then = ([point.at for point in flat_one.points].index(at) for at in (AS_OF, AS_OF + day))
    found = changed(flat_one, then, held=Fraction(95))
    (later,) = found.later
    assert (later.after, later.held, later.change) == (day, Fraction(95), Fraction(-8))
    (unread,) = changed(found, then, gaps=1).later
    assert (unread.held, unread.change) == (None, None)
    (unread,) = changed(found, now, gaps=1).later
    assert (unread.held, unread.change) == (Fraction(95), None)


def test_points_at_other_moments_than_those_of_the_schedule_are_no_series() -> None:
    found = series([103] * (2 * SIDE + 1))
    with pytest.raises(ValueError, match="other moments"):
        replace(found, points=found.points[1:])


def test_where_nothing_is_said_to_be_owed_there_is_no_ratio() -> None:
    claim = a_claim()
    unstated = {"TOY": replace(claim.liabilities["TOY"], owed=None)}
    found = series([103] * (2 * SIDE + 1))
    assert only(replace(found, claim=replace(claim, liabilities=unstated))).ratio is None


def test_a_statement_has_room_for_few_units_at_many_moments_or_many_at_few() -> None:
    counts: list[Mapping[str, int]] = [{"points": 1004, "units": 25}, {"points": 34, "units": 600}]
    assert all(has_room(**each) for each in counts)
    assert not has_room(points=1004, units=600)
