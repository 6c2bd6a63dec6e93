"""A time as it stands in a predicate, and back: UTC, to the second.

Source: RFC 3339.
"""

from __future__ import annotations

from datetime import UTC, datetime


def written_time(time: datetime) -> str:
    """Such as 2023-11-22T16:00:00Z. Raises ValueError for a time without a zone."""
    if time.tzinfo is None:
        raise ValueError(f"the time {time} has no zone")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def read_time(time: str) -> datetime:
    """A time as it stands in a predicate. Raises ValueError."""
    return datetime.fromisoformat(time)
