"""At which moments a series looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.schedule import MOST_STRETCHES, Schedule, check_order, is_length, moments

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
CHAIN = Chain("eip155", "1")
CLAIM = "ab" * 32
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def block(height: int, time: datetime, name: str = "") -> Snapshot:
    return Snapshot(CHAIN, height, f"0x{name or f'{height:064x}'}", f"0x{height - 1:064x}", time)


@given(
    st.sampled_from([MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY]),
    st.integers(-40, 40),
    st.text("0123456789abcdef", min_size=64, max_size=64),
)
def test_a_drawn_moment_lies_in_its_stretch_and_is_never_the_claims_own(
    every: timedelta, number: int, name: str
) -> None:
    schedule = Schedule(AS_OF, every, -40, 41)
    drawn = schedule.drawn(CLAIM, number, block(5, AS_OF, name))
    start = AS_OF + number * every
    assert start <= drawn < start + every if number < 0 else start < drawn <= start + every
    assert drawn != AS_OF
    assert drawn.microsecond == 0


def test_each_of_what_a_moment_is_drawn_by_draws_another_one() -> None:
    """Of 86,400 seconds; these are known not to fall on one."""
    schedule = Schedule(AS_OF, DAY, -2, 2)
    drawn = {
        schedule.drawn(CLAIM, 0, block(5, AS_OF)),
        schedule.drawn(CLAIM, 0, block(6, AS_OF)),
        schedule.drawn("cd" * 32, 0, block(5, AS_OF)),
        schedule.drawn(CLAIM, 1, block(5, AS_OF)) - DAY,
    }
    assert len(drawn) == 4


def test_what_is_drawn_in_a_stretch_does_not_depend_on_which_others_there_are() -> None:
    short, long = Schedule(AS_OF, HOUR, -3, 3), Schedule(AS_OF, HOUR, -30, 30)
    blocks = {number: block(100 + number, AS_OF) for number in long.numbers}
    of_short = {at: each for at, each in blocks.items() if at in short.numbers}
    assert set(moments(short, CLAIM, of_short)) <= set(moments(long, CLAIM, blocks))


def test_beside_drawn_moments_there_are_the_claims_own_and_those_some_time_after() -> None:
    assert Schedule(AS_OF, DAY, -1, 6).fixed == (AS_OF, AS_OF + DAY)
    assert Schedule(AS_OF, DAY, -1, 30).fixed == (AS_OF, AS_OF + DAY, AS_OF + 7 * DAY, AS_OF + 30 * DAY)
    assert moments(Schedule(AS_OF, DAY, -30, 0), CLAIM, {}) == (AS_OF,)


def test_windows_reach_as_far_on_both_sides_as_the_series_does() -> None:
    assert Schedule(AS_OF, 12 * HOUR, -14, 14).windows == (DAY, 7 * DAY)
    assert Schedule(AS_OF, HOUR, -5, 30).windows == (5 * HOUR,)
    assert Schedule(AS_OF, DAY, -3, 0).windows == ()
    assert Schedule(AS_OF, DAY, 2, 5).windows == ()


@pytest.mark.parametrize(
    ("window", "every"),
    [(7 * DAY, 12 * HOUR), (DAY, 96 * MINUTE), (30 * DAY, 2 * DAY), (40 * MINUTE, 4 * MINUTE), (15 * MINUTE, MINUTE)],
)
def test_around_a_moment_it_is_cut_into_up_to_fifteen_stretches_a_side(window: timedelta, every: timedelta) -> None:
    schedule = Schedule.around(AS_OF, window)
    assert schedule.every == every
    assert (schedule.start, schedule.end) == (AS_OF - window, AS_OF + window)
    assert len(schedule.numbers) <= 30


def test_between_two_moments_only_whole_stretches_count() -> None:
    schedule = Schedule.between(AS_OF, AS_OF - timedelta(hours=49), AS_OF + timedelta(hours=71), DAY)
    assert (schedule.start, schedule.end) == (AS_OF - 2 * DAY, AS_OF + 2 * DAY)
    apart = Schedule.between(AS_OF, AS_OF + timedelta(hours=25), AS_OF + timedelta(hours=100), DAY)
    assert (apart.start, apart.end) == (AS_OF + 2 * DAY, AS_OF + 4 * DAY)


@pytest.mark.parametrize("every", [MINUTE, 90 * MINUTE, 8 * HOUR, DAY, 30 * DAY])
def test_there_are_few_lengths_to_choose_from(every: timedelta) -> None:
    assert is_length(every)


@pytest.mark.parametrize("every", [timedelta(0), -MINUTE, timedelta(seconds=61), 7 * MINUTE, 25 * HOUR, 31 * DAY])
def test_other_lengths_are_refused(every: timedelta) -> None:
    with pytest.raises(ValueError, match="no length of a stretch"):
        Schedule(AS_OF, every, 0, 1)
    with pytest.raises(ValueError, match="no length of a stretch"):
        Schedule.between(AS_OF, AS_OF, AS_OF + DAY, every)


def test_too_many_stretches_and_none_are_refused() -> None:
    Schedule(AS_OF, MINUTE, 0, MOST_STRETCHES)
    for count in (0, MOST_STRETCHES + 1):
        with pytest.raises(ValueError, match="expected 1 to 1,000"):
            Schedule(AS_OF, MINUTE, 0, count)
    with pytest.raises(ValueError, match="0 stretches"):
        Schedule.between(AS_OF, AS_OF + DAY, AS_OF, DAY)


def test_a_window_that_is_no_whole_stretches_is_refused() -> None:
    with pytest.raises(ValueError, match="not whole stretches"):
        Schedule.around(AS_OF, 7 * DAY, 5 * DAY)
    with pytest.raises(ValueError, match="cannot be cut"):
        Schedule.around(AS_OF, 1021 * MINUTE)
    with pytest.raises(ValueError, match="no length of a stretch"):
        Schedule.around(AS_OF, 7 * DAY, timedelta(seconds=30))


def test_blocks_that_follow_each_other_can_be_the_last_ones_by_their_moments() -> None:
    check_order({AS_OF: block(10, AS_OF), AS_OF + MINUTE: block(11, AS_OF + MINUTE)})
    check_order({AS_OF: block(10, AS_OF), AS_OF + MINUTE: block(10, AS_OF)})  # none came between
    check_order({})


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (block(10, AS_OF + timedelta(seconds=1)), block(12, AS_OF + MINUTE), "block 10 .* later than the moment"),
        (block(10, AS_OF), block(12, AS_OF + 2 * MINUTE), "block 12 .* later than the moment"),
        (block(10, AS_OF), block(9, AS_OF - MINUTE), "block 9 .* for a later moment than 10"),
        (block(10, AS_OF - HOUR), block(11, AS_OF), "block 10 .* the last one by .* block 11 is not later"),
    ],
)
def test_blocks_that_cannot_be_the_last_ones_by_their_moments_are_refused(
    first: Snapshot, second: Snapshot, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        check_order({AS_OF: first, AS_OF + MINUTE: second})
