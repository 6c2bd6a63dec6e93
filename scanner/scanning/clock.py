"""This machine's clock, held against what is known of the time: no moment is to come, and no block of the future.

When a scan ended is what tells later how late a report came. A clock that is wrong would make it a false accusation, or
hide a true one, so a run with such a clock is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from scanner.core.evidence import Snapshot
from scanner.errors import InputError
from scanner.weighing.moments import CLOCK_TOLERANCE, dated_ahead

Clock = Callable[[], datetime]
"""The time now; aware."""


def system_clock() -> datetime:
    """What this machine takes for the time."""
    return datetime.now(UTC)


def is_to_come(moment: datetime, now: datetime) -> str | None:
    """Why a claim of this moment cannot be judged yet; None if it can."""
    if moment <= now + CLOCK_TOLERANCE:
        return None
    return f"{_utc(moment)} is still to come: this machine's clock says {_utc(now)}"


def require_past(moment: datetime, now: datetime) -> None:
    """Raises InputError for a claim of a moment to come."""
    if why := is_to_come(moment, now):
        raise InputError.at("as_of", why)


def require_dated_by(snapshot: Snapshot, now: datetime) -> None:
    """Raises InputError where the clock is behind a block that the chain has already."""
    if snapshot.time > now + dated_ahead(snapshot.chain):
        block = f"block {snapshot.height} of {snapshot.chain} is of {_utc(snapshot.time)}"
        raise InputError.at("clock", f"this machine's clock says {_utc(now)}, and {block}; set the clock right")


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
