"""What a server asks for in its headers is read, bounded, and never raises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.clients.jsonrpc import RpcError, requested_pause
from scanner.clients.retry_after import LONGEST, retry_after
from scanner.errors import Why
from tests.support.tables import each_of

NOW = "Wed, 22 Nov 2023 16:00:00 GMT"
FAR = [
    "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    "Wed, 21 Oct 2015 07:28:00 +9999999999",
    "Mon, 1 Jan 0001 00:00:00 +2359",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Wed, 32 Foo 2023 99:99:99 GMT",
    ", ,,,",
    "(",
    "0" * 100_000,
]


@each_of("far", FAR)
def test_a_date_beyond_all_calendars_is_no_pause_or_a_bounded_one_in_either_header(far: str) -> None:
    for headers in ({"Retry-After": far, "Date": NOW}, {"Retry-After": NOW, "Date": far}):
        assert retry_after(headers) in {None, 0.0, LONGEST}


def test_leading_zeros_are_no_larger_number() -> None:
    assert retry_after({"Retry-After": "000000000000007"}) == 7.0


_PARTS = st.sampled_from(["Wed, ", "21 ", "Oct ", "9" * 20 + " ", "07:28:00 ", "GMT", "+9999", "-", "(", ")", ",", "1"])
_TEXTS = st.one_of(st.text(max_size=80), st.lists(_PARTS, max_size=12).map("".join))


@given(_TEXTS, _TEXTS)
@example("9" * 4_301, "")
@example("²", "")
def test_whatever_stands_in_the_headers_a_pause_is_bounded_or_none(asked: str, now: str) -> None:
    seconds = retry_after({"Retry-After": asked, "Date": now})
    assert seconds is None or 0 <= seconds <= LONGEST


@pytest.mark.parametrize("seconds", [10**400, 2**1024, Decimal("9e99"), 31])
def test_the_seconds_in_an_errors_data_are_bounded_before_they_become_a_float(seconds: int | Decimal) -> None:
    for data in ({"backoff_seconds": seconds}, {"rate": {"backoff_seconds": seconds}}):
        assert requested_pause(RpcError(Why.RATE_LIMITED, "slow down", -32005, data)) == LONGEST
