"""How hard a node is driven follows from its asking for fewer: halved then, and grown back while it answers."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.clients.rate import FIRST_PAUSE, LONGEST_PAUSE, Rate, Ticket
from tests.support.strength import examples


def answered(pace: Rate, times: int, now: float = 0.0, calls: int = 1) -> None:
    for _ in range(times):
        pace.answered(now, pace.sent(now, calls))


def refused(pace: Rate, now: float = 0.0, after: float | None = None, calls: int = 1, taken: int = 0) -> None:
    pace.refused(now, pace.sent(now, calls), taken, after, jitter=0.0)


def test_a_node_that_never_asks_for_fewer_is_never_waited_for() -> None:
    pace = Rate(8)
    answered(pace, 1_000)
    assert (pace.at_once, pace.rate, pace.pause(0.0)) == (8, None, 0.0)


def test_asked_for_fewer_it_sends_half_as_many_at_once_and_never_none() -> None:
    pace = Rate(8)
    seen = []
    for _ in range(5):
        refused(pace)
        seen.append(pace.at_once)
    assert seen == [4, 2, 1, 1, 1]


def test_requests_that_were_under_way_together_are_one_refusal() -> None:
    pace = Rate(8)
    tickets = [pace.sent(0.0, 1) for _ in range(8)]
    pauses = []
    for ticket in tickets:
        pace.refused(1.0, ticket, 0, None, 0.0)
        pauses.append(pace.pause(1.0))
    assert (pace.at_once, pace.refusals) == (4, 1)
    assert pauses == [pauses[0]] * 8


def test_the_longest_peace_that_any_of_them_was_told_holds_for_all() -> None:
    pace = Rate(8)
    tickets = [pace.sent(0.0, 1) for _ in range(3)]
    for ticket, after in zip(tickets, (None, 20.0, 5.0), strict=True):
        pace.refused(1.0, ticket, 0, after, 0.0)
    assert pace.pause(1.0) == 20.0
    assert pace.pause(11.0) == 10.0
    assert pace.pause(22.0) == 0.0


def test_pauses_that_nobody_told_double_until_the_node_answers() -> None:
    pace, now, pauses = Rate(1), 0.0, []
    for _ in range(10):
        refused(pace, now)
        pauses.append(pace.pause(now))
        now += pauses[-1]
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    answered(pace, 1, now)
    assert pace.refusals == 0
    now += pace.pause(now)
    refused(pace, now)
    assert pace.pause(now) == 2.0  # as long as one call takes at the slowest rate


def test_a_pause_that_nobody_told_is_no_shorter_than_one_call_takes() -> None:
    pace = Rate(4)
    answered(pace, 8, calls=10)
    refused(pace, calls=10)
    assert (pace.rate, pace.pause(0.0)) == (80.0, FIRST_PAUSE)
    slow = Rate(4)
    answered(slow, 2)
    refused(slow)
    assert (slow.rate, slow.pause(0.0)) == (2.0, 0.5)


@pytest.mark.parametrize(("told", "pause"), [(7.0, 7.0), (86_400.0, LONGEST_PAUSE), (0.0, FIRST_PAUSE)])
def test_a_pause_that_was_told_is_kept_within_reason(told: float, pause: float) -> None:
    pace = Rate(4)
    refused(pace, after=told)
    assert pace.pause(0.0) == pause


def test_jitter_is_added_to_a_pause() -> None:
    pace = Rate(4)
    pace.refused(0.0, pace.sent(0.0, 1), 0, 7.0, jitter=0.125)
    assert pace.pause(0.0) == 7.125


def test_a_first_rate_is_between_the_least_and_the_most_that_the_refusal_can_mean() -> None:
    pace = Rate(4)
    for tenth in range(20):
        answered(pace, 1, tenth / 10, calls=3)
    refused(pace, 2.0, calls=3)
    assert pace.rate == pytest.approx((20 * 33) ** 0.5)  # 60 calls in two seconds and one saved up; 33 in a second


def test_a_burst_shorter_than_a_second_is_no_higher_rate_than_its_calls() -> None:
    pace = Rate(4)
    answered(pace, 10, 0.0, calls=5)
    refused(pace, 0.0, calls=5)
    assert pace.rate == 50.0


def test_what_was_under_way_counts_as_taken_until_it_is_refused_too() -> None:
    pace = Rate(4)
    answered(pace, 2, calls=10)
    under_way = [pace.sent(0.0, 10) for _ in range(3)]
    pace.refused(0.0, under_way[0], 0, None, 0.0)
    assert pace.rate == 40.0
    pace.refused(0.1, under_way[1], 0, None, 0.0)
    pace.answered(0.1, under_way[2])
    assert pace.rate == pytest.approx(30.0 * 1.5**0.1)


def test_at_a_rate_requests_are_as_far_apart_as_their_calls_weigh() -> None:
    pace = Rate(4)
    answered(pace, 2, calls=5)
    refused(pace, calls=5)
    assert pace.rate == 10.0
    now = pace.pause(0.0)
    pace.sent(now, 1)
    assert pace.pause(now) == pytest.approx(1 / 10)
    now += pace.pause(now)
    pace.sent(now, 20)
    assert pace.pause(now) == pytest.approx(20 / 10)
    now += pace.pause(now)
    pace.sent(now, 10**6)
    assert pace.pause(now) == pytest.approx(LONGEST_PAUSE)


def test_a_refusal_that_drags_on_does_not_lower_the_rate_again() -> None:
    pace = Rate(4)
    answered(pace, 10, calls=2)
    for second in range(1, 5):
        refused(pace, float(second), calls=2)
    assert pace.rate == pytest.approx((10 * 22) ** 0.5)


def test_a_batch_that_is_refused_again_and_again_holds_fewer_calls_each_time() -> None:
    pace = Rate(4)
    held, now = [], 0.0
    for _ in range(6):
        calls = min(100, pace.calls_at_once)
        held.append(calls)
        refused(pace, now, calls=calls)
        now += pace.pause(now)
    assert held == [100, 25, 6, 1, 1, 1]


def test_a_batch_of_a_size_that_was_taken_before_is_refused_for_the_rate_alone() -> None:
    pace = Rate(4)
    answered(pace, 1, calls=100)
    for second in range(5):
        refused(pace, float(second), calls=100)
    assert pace.calls_at_once == int((100 * 200) ** 0.5 / 12)  # a twelfth of a second's


def test_a_single_call_that_is_refused_again_and_again_shows_no_rate() -> None:
    pace = Rate(4)
    for second in range(8):
        refused(pace, float(second))
    assert pace.rate is None


def test_a_rate_is_spent_in_twelve_requests_a_second() -> None:
    pace = Rate(4)
    assert pace.calls_at_once > 10**6
    answered(pace, 12, calls=10)
    refused(pace, calls=10)
    assert (pace.rate, pace.calls_at_once) == (120.0, 10)


def test_single_calls_do_not_show_that_calls_are_counted() -> None:
    pace = Rate(4)
    answered(pace, 5)
    refused(pace)
    assert (pace.rate, pace.calls_at_once > 10**6) == (5.0, True)
    pace.sent(1.0, 100)
    assert pace.pause(1.0) == pytest.approx(1 / 5)  # as one request
    refused(pace, 2.0, calls=100)
    refused(pace, 3.0, calls=100)
    assert pace.calls_at_once < 25  # more calls in a request were not taken: they are what is counted


def test_where_calls_of_a_batch_are_refused_one_by_one_calls_are_counted() -> None:
    pace = Rate(4)
    answered(pace, 5)
    refused(pace, calls=100, taken=45)
    assert (pace.rate, pace.calls_at_once) == (50.0, 4)


def a_second_of(pace: Rate, now: float, requests: int, calls: int) -> float:
    """A second and a half in which so many requests of so many calls are taken, and one more is refused."""
    for number in range(requests):
        pace.answered(now + number / 10, pace.sent(now + number / 10, calls))
    refused(pace, now + 1.5, calls=calls)
    return now + 1.5 + pace.pause(now + 1.5)


def test_where_smaller_requests_are_taken_no_oftener_requests_are_counted() -> None:
    pace = Rate(4)
    now = a_second_of(pace, 0.0, 5, 100)
    now = a_second_of(pace, now, 5, 20)
    assert pace.calls_at_once > 10**6
    pace.sent(now, 100)
    assert pace.pause(now) == pytest.approx(0.31, abs=0.1)  # three requests a second, whatever they hold


def test_where_smaller_requests_are_taken_more_often_calls_are_counted() -> None:
    pace = Rate(4)
    now = a_second_of(pace, 0.0, 2, 100)
    a_second_of(pace, now, 10, 20)
    assert pace.rate is not None
    assert pace.calls_at_once == int(pace.rate / 24)


def test_a_first_rate_grows_by_half_a_second_and_one_met_twice_comes_back_with_care() -> None:
    pace = Rate(4)
    answered(pace, 8, calls=10)
    refused(pace, calls=10)
    assert pace.rate == 80.0
    answered(pace, 1, 1.0, calls=10)
    assert pace.rate == 120.0
    answered(pace, 1, 2.0, calls=10)
    assert pace.rate == 180.0
    refused(pace, 2.5, calls=5)
    met = rate_of(pace)
    seen = [grown(pace, float(second)) for second in range(3, 33)]
    assert met < seen[0] <= met / 0.95 + 1e-9  # after a second it is where the node asked for fewer
    assert seen[2] < 1.2 * met
    assert seen == sorted(seen)
    answered(pace, 1, 33.0)
    assert pace.calls_at_once > 10**6  # twice that rate was taken for long: there is no limit any more
    assert pace.at_once == 4


def rate_of(pace: Rate) -> float:
    assert pace.rate is not None
    return pace.rate


def grown(pace: Rate, now: float) -> float:
    answered(pace, 1, now)
    return rate_of(pace)


def test_a_rate_does_not_grow_while_nothing_is_answered() -> None:
    pace = Rate(4)
    answered(pace, 8, calls=10)
    refused(pace, calls=10)
    answered(pace, 1, 1_000.0, calls=10)
    assert pace.rate == 120.0  # as after one second


@pytest.mark.parametrize("most", [0, -1])
def test_no_requests_at_all_is_no_pace(most: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Rate(most)


@settings(max_examples=examples(200), deadline=None)
@given(
    most=st.integers(1, 50),
    events=st.lists(
        st.tuples(
            st.sampled_from(["sent", "answered", "refused"]),
            st.floats(0, 100),
            st.integers(1, 1_000),
            st.none() | st.floats(0, 10**6),
        ),
        max_size=200,
    ),
)
def test_whatever_happens_it_stays_within_its_bounds(
    most: int, events: list[tuple[str, float, int, float | None]]
) -> None:
    pace, now = Rate(most), 0.0
    tickets = [pace.sent(0.0, 1)]
    for event, passed, calls, after in events:
        now += passed
        if event == "sent":
            now += pace.pause(now)
            tickets.append(pace.sent(now, calls))
        elif event == "answered":
            pace.answered(now, tickets[-1])
        else:
            ticket = tickets[-1 if calls % 2 else 0]
            pace.refused(now, ticket, min(ticket.calls, calls % 3), after, jitter=0.25)
        assert 1 <= pace.at_once <= most
        assert pace.rate is None or pace.rate > 0
        assert 0 <= pace.pause(now) <= LONGEST_PAUSE + 0.26  # and what floats lose


@dataclass(frozen=True)
class Driven:
    """What became of a minute with a provider, after a minute of learning."""

    used: float  # of what its limit allows
    refused: float  # of the requests


def drive(limit: float, window: float, latency: float, calls: int, most: int = 8) -> Driven:
    """A provider that takes `limit` calls a second, counted in windows, asked as fast as the pace allows."""
    pace, now, end, sequence = Rate(most), 0.0, 120.0, 0
    taken: dict[int, int] = {}
    under_way: list[tuple[float, int, Ticket, bool]] = []
    good = bad = 0
    while now < end:
        if len(under_way) < pace.at_once and not pace.pause(now):
            fits = taken.get(int(now / window), 0) + calls <= limit * window
            if fits:
                taken[int(now / window)] = taken.get(int(now / window), 0) + calls
            sequence += 1
            heapq.heappush(under_way, (now + latency, sequence, pace.sent(now, calls), fits))
            continue
        next_turn = now + max(pace.pause(now), 1e-6) if len(under_way) < pace.at_once else end
        now = min(next_turn, under_way[0][0] if under_way else end)
        while under_way and under_way[0][0] <= now:
            _, _, ticket, fits = heapq.heappop(under_way)
            if fits:
                pace.answered(now, ticket)
                good += now > end / 2
            else:
                pace.refused(now, ticket, 0, None, jitter=0.1)
                bad += now > end / 2
    return Driven(good * calls / (limit * end / 2), bad / max(1, good + bad))


@settings(max_examples=examples(20), deadline=None)
@given(
    limit=st.sampled_from([1, 2, 3, 5, 10, 15, 25, 50, 100]),
    window=st.sampled_from([1.0, 10.0]),
    latency=st.floats(0.005, 0.2),
)
def test_any_provider_s_limit_is_found_used_well_and_seldom_met(limit: int, window: float, latency: float) -> None:
    driven = drive(limit, window, latency, calls=1)
    reachable = min(1.0, 8 / latency / limit)
    assert driven.used >= 0.4 * reachable
    assert driven.refused <= 0.1


@pytest.mark.parametrize("calls", [1, 5, 20])
def test_calls_of_a_batch_count_one_by_one(calls: int) -> None:
    driven = drive(100, 1.0, 0.02, calls)
    assert driven.used >= 0.4
    assert driven.refused <= 0.1
