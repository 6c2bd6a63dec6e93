"""How long a server asks to be left alone, read from its answer's headers: a node's and a webhook receiver's alike.

A header is written by a stranger. One that cannot be read asks for nothing, and none raises; what is asked for is
bounded by the caller.

Source: RFC 9110, 10.2.3 (Retry-After), 5.6.7 (dates).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = 30.0
"""Seconds that a server is granted at the most, whatever it asks for."""

_LONGEST_TEXT: Final = 64  # characters; a date has 29
_MOST_DIGITS: Final = 9  # of a number of seconds: more are more than LONGEST in any case


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header, from 0 to LONGEST; None without one that can be read.

    A date is measured from the answer's own Date header, so no clock of ours is asked.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text.lstrip("0")[:_MOST_DIGITS] or "0"), LONGEST)
    asked, now = _date(text), _date(headers.get("Date", ""))
    if asked is None or now is None:
        return None
    return min(max((asked - now).total_seconds(), 0.0), LONGEST)


def _date(text: str) -> datetime | None:
    """The moment that a date names; None for one that cannot be read, or names no offset."""
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        date = parsedate_to_datetime(text)
        return None if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):  # what email.utils raises on hostile dates
        return None
