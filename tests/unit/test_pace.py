"""How hard a node is driven follows from its asking for fewer: halved then, and grown back while it answers."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.pace import FIRST_PAUSE, LONGEST_PAUSE, Pace


def answered(pace: Pace, times: int, now: float = 0.0, calls: int = 1) -> None:
    for _ in range(times):
        pace.sent(now, calls)
        pace.answered(now, calls)


def refused(pace: Pace, now: float = 0.0, after: float | None = None, calls: int = 1) -> None:
    pace.refused(now, pace.sent(now, calls), calls, after, jitter=0.0)


def test_a_node_that_never_asks_for_fewer_is_never_waited_for() -> None:
    pace = Pace(8)
    answered(pace, 1_000)
    assert (pace.at_once, pace.rate, pace.pause(0.0)) == (8, None, 0.0)


def test_asked_for_fewer_it_sends_half_as_many_at_once_and_never_none() -> None:
    pace = Pace(8)
    seen = []
    for _ in range(5):
        refused(pace)
        seen.append(pace.at_once)
    assert seen == [4, 2, 1, 1, 1]


def test_requests_that_were_under_way_together_are_one_refusal() -> None:
    pace = Pace(8)
    tickets = [pace.sent(0.0, 1) for _ in range(8)]
    for ticket in tickets:
        pace.refused(1.0, ticket, 1, None, 0.0)
    assert (pace.at_once, pace.refusals) == (4, 1)
    assert pace.pause(1.0) == FIRST_PAUSE


def test_the_longest_peace_that_any_of_them_was_told_holds_for_all() -> None:
    pace = Pace(8)
    tickets = [pace.sent(0.0, 1) for _ in range(3)]
    for ticket, after in zip(tickets, (None, 20.0, 5.0), strict=True):
        pace.refused(1.0, ticket, 1, after, 0.0)
    assert pace.pause(1.0) == 20.0
    assert pace.pause(11.0) == 10.0
    assert pace.pause(22.0) == 0.0


def test_pauses_that_nobody_told_double_until_the_node_answers() -> None:
    pace, now, pauses = Pace(1), 0.0, []
    for _ in range(10):
        refused(pace, now)
        pauses.append(pace.pause(now))
        now += pauses[-1]
    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    answered(pace, 1, now)
    assert pace.refusals == 0
    now += pace.pause(now)
    refused(pace, now)
    assert pace.pause(now) == FIRST_PAUSE


@pytest.mark.parametrize(("told", "pause"), [(7.0, 7.0), (86_400.0, LONGEST_PAUSE), (0.0, FIRST_PAUSE)])
def test_a_pause_that_was_told_is_kept_within_reason(told: float, pause: float) -> None:
    pace = Pace(4)
    refused(pace, after=told)
    assert pace.pause(0.0) == pause


def test_jitter_is_added_to_a_pause() -> None:
    pace = Pace(4)
    pace.refused(0.0, pace.sent(0.0, 1), 1, 7.0, jitter=0.125)
    assert pace.pause(0.0) == 7.125


def test_the_rate_is_half_of_what_the_node_took_until_it_asked_for_fewer() -> None:
    pace = Pace(4)
    for tenth in range(20):
        answered(pace, 1, tenth / 10, calls=3)
    refused(pace, 2.0)
    assert pace.rate == 15.0  # half of 60 calls in two seconds


def test_a_burst_shorter_than_a_second_is_no_higher_rate_than_its_calls() -> None:
    pace = Pace(4)
    answered(pace, 10, 0.0)
    refused(pace, 0.01)
    assert pace.rate == 5.0


def test_at_a_rate_requests_are_as_far_apart_as_their_calls_weigh() -> None:
    pace = Pace(4)
    answered(pace, 10)
    refused(pace, 0.0)
    now = pace.pause(0.0)
    pace.sent(now, 1)
    assert pace.pause(now) == pytest.approx(1 / 5)
    now += pace.pause(now)
    pace.sent(now, 20)
    assert pace.pause(now) == pytest.approx(20 / 5)
    now += pace.pause(now)
    pace.sent(now, 10**6)
    assert pace.pause(now) == pytest.approx(LONGEST_PAUSE)


def test_a_refusal_that_drags_on_does_not_halve_the_rate_again() -> None:
    pace = Pace(4)
    answered(pace, 10)
    for second in range(1, 5):
        refused(pace, float(second))
    assert pace.rate == 5.0


def test_a_batch_that_is_refused_again_and_again_holds_fewer_calls_each_time() -> None:
    pace = Pace(4)
    held, now = [], 0.0
    for _ in range(8):
        calls = min(100, pace.calls_at_once)
        held.append(calls)
        refused(pace, now, calls=calls)
        now += pace.pause(now)
    assert held == [100, 100, 50, 50, 25, 12, 6, 3]


def test_a_single_call_that_is_refused_again_and_again_shows_no_rate() -> None:
    pace = Pace(4)
    for second in range(8):
        refused(pace, float(second))
    assert pace.rate is None


def test_a_request_holds_as_many_calls_as_go_in_a_second() -> None:
    pace = Pace(4)
    assert pace.calls_at_once > 10**6
    answered(pace, 50)
    refused(pace)
    assert (pace.rate, pace.calls_at_once) == (25.0, 25)


def test_answers_bring_back_the_rate_and_then_requests_at_once() -> None:
    pace = Pace(4)
    answered(pace, 80)
    refused(pace)
    refused(pace)
    assert (pace.at_once, pace.rate) == (1, 40.0)
    grown = [pace.rate]
    while pace.rate is not None and len(grown) < 100:
        answered(pace, 8)
        grown.append(pace.rate or 0)
    assert grown[1] == 45.0
    assert len(grown) == 13  # from half the rate that was refused to twice that rate, where there is no limit any more
    assert pace.at_once == 1
    answered(pace, 8)
    assert pace.at_once == 2
    answered(pace, 15)
    assert pace.at_once == 2
    answered(pace, 1 + 24 + 1_000)
    assert pace.at_once == 4


@pytest.mark.parametrize("most", [0, -1])
def test_no_requests_at_all_is_no_pace(most: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Pace(most)


@settings(max_examples=200, deadline=None)
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
    pace, now, tickets = Pace(most), 0.0, [0]
    for event, passed, calls, after in events:
        now += passed
        if event == "sent":
            now += pace.pause(now)
            tickets.append(pace.sent(now, calls))
        elif event == "answered":
            pace.answered(now, calls)
        else:
            pace.refused(now, tickets[-1], calls, after, jitter=0.25)
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
    pace, now, end, sequence = Pace(most), 0.0, 120.0, 0
    taken: dict[int, int] = {}
    under_way: list[tuple[float, int, int, bool]] = []
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
                pace.answered(now, calls)
                good += now > end / 2
            else:
                pace.refused(now, ticket, calls, None, jitter=0.1)
                bad += now > end / 2
    return Driven(good * calls / (limit * end / 2), bad / max(1, good + bad))


@settings(max_examples=20, deadline=None)
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
