"""A time as people write it in ISO form: one moment, whatever the form; what has no zone, or never was, is refused."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli.moment_argument import is_day, moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T00:00:00Z",
        "2026-11-30T00:00Z",
        "2026-11-30 00:00Z",
        "2026-11-30 00:00 UTC",
        "2026-11-30 00:00:00+00:00",
        "2026-11-30t00:00:00z",
        "2026-11-30T08:00:00+08:00",
        "2026-11-30 08:00+0800",
        "2026-11-30 08:00 +08",
        "2026-11-29T19:00-05:00",
        "2026-11-30T00:00:00.000Z",
        "2026-11-30",
    ],
)
def test_each_form_is_the_same_moment(text: str) -> None:
    assert moment(text) == datetime(2026, 11, 30, tzinfo=UTC)
    assert moment(text).utcoffset() == timedelta(0)
    assert is_day(text) == (text == "2026-11-30")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-30T00:00", "has no zone; end it with Z for UTC, or an offset such as +08:00"),
        ("2026-11-30 00:00:00", "has no zone"),
        ("2026-02-30", "there is no time '2026-02-30'"),
        ("2026-02-30T00:00Z", "there is no time"),
        ("2026-11-30T23:59:60Z", "there is no time"),
        ("2026-11-30T00:00+99:00", "there is no time"),
        ("0001-01-01T00:00+08:00", "there is no time"),
        ("2026-11-30T24:00Z", "expected a time such as"),
        ("2026-11-30T00:00:00.5Z", "expected a time such as"),
        ("30.11.2026", "expected a time such as"),
        ("11/30/2026", "expected a time such as"),
        ("2026-11", "expected a time such as"),
        ("20261130", "expected a time such as"),
        ("now", "expected a time such as"),
        ("２０２６-11-30", "expected a time such as"),
        ("2026-11-30\n", "expected a time such as"),
        ("", "expected a time such as"),
    ],
)
def test_what_is_no_moment_or_may_be_several_is_refused_with_what_is_expected(text: str, told: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        moment(text)
    assert told in str(raised.value)


@given(
    st.integers(1_230_940_800, 7_258_118_400),  # from 2009 to 2200
    st.integers(-23 * 60, 23 * 60),
)
def test_any_second_comes_back_in_utc_from_any_offset(seconds: int, minutes: int) -> None:
    there = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    assert moment(there.isoformat()) == moment(there.isoformat(" ")) == there
    assert f"{moment(there.isoformat()):%z}" == "+0000"


@given(st.text(max_size=30))
def test_any_other_text_is_refused(text: str) -> None:
    try:
        assert moment(text).tzinfo is UTC
    except argparse.ArgumentTypeError as error:
        assert str(error).isascii()  # noqa: PT017
