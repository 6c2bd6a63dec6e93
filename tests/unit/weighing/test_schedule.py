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
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def block(height: int, time: datetime, name: str = "") -> Snapshot:
    return Snapshot(CHAIN, height, f"0x{name or f'{height:064x}'}", f"0x{height - 1:064x}", time)


@given(
    st.sampled_from([MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY]),
    st.integers(-40, 40),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(0, 10**7),
)
def test_a_drawn_moment_lies_in_its_stretch_whatever_the_claims_moment(
    every: timedelta, number: int, name: str, later: int
) -> None:
    schedule = Schedule(AS_OF + timedelta(seconds=later), every, -40, 41)
    drawn = schedule.drawn(number, block(5, AS_OF, name))
    assert schedule.start_of(number) <= drawn < schedule.end_of(number)
    assert (schedule.start_of(number) - datetime(1970, 1, 1, tzinfo=UTC)) % every == timedelta(0)
    assert schedule.start_of(0) <= schedule.as_of < schedule.end_of(0)
    assert drawn.microsecond == 0


def test_what_is_drawn_depends_on_the_block_and_the_stretch_and_not_on_the_claim() -> None:
    """Of 86,400 seconds; these are known not to fall on one."""
    schedule = Schedule(AS_OF, DAY, -2, 2)
    drawn = {
        schedule.drawn(0, block(5, AS_OF)),
        schedule.drawn(0, block(6, AS_OF)),
        schedule.drawn(1, block(5, AS_OF)) - DAY,
        Schedule(AS_OF, 2 * DAY, -2, 2).drawn(0, block(5, AS_OF)),
    }
    assert len(drawn) == 4
    other = Schedule(AS_OF + timedelta(hours=7), DAY, -2, 2)
    assert other.drawn(0, block(5, AS_OF)) == schedule.drawn(0, block(5, AS_OF))
    next_day = Schedule(AS_OF + DAY, DAY, -2, 2)
    assert next_day.drawn(-1, block(5, AS_OF)) == schedule.drawn(0, block(5, AS_OF))


def test_what_is_drawn_in_a_stretch_does_not_depend_on_which_others_there_are() -> None:
    short, long = Schedule(AS_OF, HOUR, -3, 3), Schedule(AS_OF, HOUR, -30, 30)
    blocks = {number: block(100 + number, AS_OF) for number in long.numbers}
    of_short = {at: each for at, each in blocks.items() if at in short.numbers}
    assert set(moments(short, of_short)) <= set(moments(long, blocks))


def test_beside_drawn_moments_there_are_the_claims_own_and_those_some_time_after() -> None:
    assert Schedule(AS_OF, DAY, -1, 6).fixed == (AS_OF, AS_OF + DAY)
    assert Schedule(AS_OF, DAY, -1, 30).fixed == (AS_OF, AS_OF + DAY, AS_OF + 7 * DAY, AS_OF + 30 * DAY)
    assert moments(Schedule(AS_OF, DAY, -30, 0), {}) == (AS_OF,)


def test_windows_reach_as_far_on_both_sides_as_the_series_does() -> None:
    assert Schedule(AS_OF, 12 * HOUR, -14, 14).windows == (DAY, 7 * DAY)
    assert Schedule(AS_OF, HOUR, -5, 30).windows == (5 * HOUR,)
    assert Schedule(AS_OF, DAY, -3, 0).windows == ()
    assert Schedule(AS_OF, DAY, 2, 5).windows == ()
    late = AS_OF + timedelta(hours=16)
    assert Schedule(late, DAY, -3, 4).windows == (DAY, 3 * DAY)
    assert Schedule(late, DAY, -3, 3).windows == (DAY, 2 * DAY)
    assert list(Schedule(late, DAY, -9, 9).within(DAY)) == [-1, 0, 1]
    assert list(Schedule(AS_OF, DAY, -9, 9).within(DAY)) == [-1, 0]
    wide = Schedule(late, 4 * DAY, -9, 9)
    assert list(wide.within(7 * DAY)) == [
        number
        for number in wide.numbers
        if wide.start_of(number) < late + 7 * DAY and wide.end_of(number) > late - 7 * DAY
    ]


@pytest.mark.parametrize(
    ("window", "every"),
    [(7 * DAY, 12 * HOUR), (DAY, 96 * MINUTE), (30 * DAY, 2 * DAY), (40 * MINUTE, 4 * MINUTE), (15 * MINUTE, MINUTE)],
)
def test_around_a_moment_it_is_cut_into_up_to_fifteen_stretches_a_side(window: timedelta, every: timedelta) -> None:
    schedule = Schedule.around(AS_OF, window)
    assert schedule.every == every
    assert AS_OF - window - every < schedule.start <= AS_OF - window
    assert AS_OF + window <= schedule.end < AS_OF + window + every
    assert len(schedule.numbers) <= 31


def test_between_two_moments_only_whole_stretches_count() -> None:
    schedule = Schedule.between(AS_OF, AS_OF - timedelta(hours=49), AS_OF + timedelta(hours=71), DAY)
    assert (schedule.start, schedule.end) == (AS_OF - 2 * DAY, AS_OF + 2 * DAY)
    late = AS_OF + timedelta(hours=16)
    around = Schedule.around(late, 3 * DAY, DAY)
    assert (around.start, around.end) == (AS_OF - 3 * DAY, AS_OF + 4 * DAY)
    assert Schedule.between(late, around.start, around.end, DAY) == around
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


@pytest.mark.parametrize(
    ("as_of", "start", "end"),
    [
        ("0001-01-01", "0001-01-01", "0001-02-01"),
        ("0001-01-02", "0001-01-02", "0001-02-01"),
        ("9999-12-31", "9999-12-01", "9999-12-31"),
        ("2026-01-01", "0001-01-01", "9999-12-31"),
        ("9999-12-31", "0001-01-01", "0001-03-01"),
        ("0001-01-01", "9999-11-01", "9999-12-31"),
    ],
)
def test_moments_at_the_ends_of_the_calendar_are_a_schedule_or_a_mistake(as_of: str, start: str, end: str) -> None:
    """A statement's times are anyone's to write: whatever they are, they end no program."""
    times = [datetime.fromisoformat(f"{day}T00:00:00Z") for day in (as_of, start, end)]
    for every in (MINUTE, DAY, 7 * DAY, 30 * DAY):
        try:
            schedule = Schedule.between(times[0], times[1], times[2], every)
        except ValueError:
            continue
        assert schedule.start >= times[1]
        assert schedule.end <= times[2]
        assert schedule.fixed[0] == times[0]
        assert moments(schedule, {})


def test_a_window_beyond_the_calendar_is_a_mistake() -> None:
    for window, every in ((999_990 * DAY, 30 * DAY), (999_990 * DAY, None), (750_000 * DAY, 30 * DAY)):
        with pytest.raises(ValueError, match=r"expected 1 to|cannot be cut|beyond the calendar"):
            Schedule.around(AS_OF, window, every)


@given(st.integers(0, 10**8), st.sampled_from([MINUTE, HOUR, DAY, 7 * DAY]), st.integers(1, 30))
def test_around_a_moment_all_of_the_window_is_in_it_and_no_stretch_that_is_not(
    later: int, every: timedelta, count: int
) -> None:
    as_of = AS_OF + timedelta(seconds=later)
    schedule = Schedule.around(as_of, count * every, every)
    assert schedule.start <= as_of - count * every < schedule.start + every
    assert schedule.end - every < as_of + count * every <= schedule.end
    assert Schedule.between(as_of, schedule.start, schedule.end, every) == schedule
