"""A whole scan against providers with limits, in virtual time: near what the limit allows, and seldom refused.

What was never met here: a real provider. Their texts and codes are in tests/support/node_errors.py; how they count is
known from their documentation alone.
"""

from __future__ import annotations

import pytest

from tests.support.simulated.paced import paced
from tests.support.simulated.provider import Counts, Provider, Refuses, Window
from tests.support.strength import FULL
from tests.support.tables import each_of

ROWS = {10: 2_000, 25: 2_000, 50: 4_000, 100: 8_000, 300: 20_000}
LIMITS = tuple(ROWS) if FULL else (50,)
MOST = 1.25  # times the floor
MOST_IF_SLIDING = 1.3  # times: a first burst is answered with a second of silence
STEADY = (Window.BUCKET, Window.CLOCK)
REFUSED = 0.05  # of the requests, once the pace is found


# Every limit with either way of refusing and in either window: each with each at one limit, and at the others in turn.
CALLS = [
    (limit, refuses, window)
    for at, limit in enumerate(LIMITS)
    for way, refuses in enumerate(Refuses)
    for number, window in enumerate(STEADY)
    if limit == 50 or (at + way + number) % 2
]


@pytest.mark.parametrize(("limit", "refuses", "window"), CALLS)
def test_a_limit_of_calls_a_second_is_used_well_and_seldom_met(limit: int, refuses: Refuses, window: Window) -> None:
    went = paced(Provider(limit, Counts.CALLS, refuses, window), ROWS[limit])
    assert (went.times_the_floor <= MOST, went.refused <= REFUSED) == (True, True), went


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("into_second", [0.6])
def test_at_which_moment_of_the_provider_s_second_a_run_begins_makes_little_difference(
    limit: int, into_second: float
) -> None:
    provider = Provider(limit, window=Window.CLOCK, seed=int(10 * into_second), into_second=into_second)
    went = paced(provider, ROWS[limit])
    assert (went.times_the_floor <= MOST, went.refused <= REFUSED) == (True, True), went


@each_of("limit", [25, 100, 300] if FULL else [100])
@each_of("refuses", Refuses)
@each_of("window", STEADY)
@each_of("trip", [(0.02, 0.02), (0.02, 0.08)])
def test_a_limit_is_found_soon_enough_for_a_short_run(
    limit: int, refuses: Refuses, window: Window, trip: tuple[float, float]
) -> None:
    """Also one of a hundred calls a second, in which no whole batch fits."""
    went = paced(Provider(limit, Counts.CALLS, refuses, window, round_trip=trip), 2_000)
    assert went.times_the_floor <= MOST, went


@pytest.mark.parametrize("refuses", Refuses)
def test_a_limit_of_the_second_that_ends_now_is_used_nearly_as_well(refuses: Refuses) -> None:
    went = paced(Provider(50, Counts.CALLS, refuses, Window.SLIDING), 2_000)
    assert (went.times_the_floor <= MOST_IF_SLIDING, went.refused <= REFUSED) == (True, True), went


@pytest.mark.parametrize("limit", [3, 10, 12, 14, 15, 25, 100, 300] if FULL else [12, 15])
@pytest.mark.parametrize("window", Window)
def test_a_limit_of_requests_a_second_is_not_taken_for_one_of_calls(limit: int, window: Window) -> None:
    went = paced(Provider(limit, Counts.REQUESTS, Refuses.WHOLE, window), 20_000)
    assert (went.times_the_floor <= MOST, went.refused <= REFUSED) == (True, True), went


@pytest.mark.parametrize("limit", LIMITS[-2:] if FULL else LIMITS)
@pytest.mark.parametrize("refuses", Refuses)
def test_a_limit_of_units_is_used_as_well(limit: int, refuses: Refuses) -> None:
    went = paced(Provider(limit, Counts.UNITS, refuses), ROWS[limit])
    assert (went.times_the_floor <= MOST, went.refused <= REFUSED) == (True, True), went
