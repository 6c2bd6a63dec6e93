"""A time on the command line, in the forms of ISO 8601 that people write. Imports nothing heavy.

A day alone is its start in UTC. A time of day without a zone is refused: it may be hours away from what is meant.
"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from typing import Final

FORMS: Final = "such as 2023-11-22T16:00:00Z, 2023-11-22 16:00+08:00 or 2023-11-22 (its start in UTC)"

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME: Final = re.compile(
    rf"(?P<day>{_DAY.pattern})[Tt ](?P<time>([01][0-9]|2[0-3]):[0-9]{{2}}(:[0-9]{{2}}(\.0{{1,9}})?)?)"
    r" ?(?P<zone>[Zz]|UTC|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?",
    re.ASCII,
)


def moment(text: str) -> datetime:
    """The time in UTC, to the second. Raises ArgumentTypeError for any other text."""
    if _DAY.fullmatch(text):
        return _read(f"{text}T00:00:00+00:00", text)
    parts = _TIME.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError(f"expected a time {FORMS}, not {text!a}")
    zone = parts["zone"]
    if zone is None:
        raise argparse.ArgumentTypeError(f"{text!a} has no zone; end it with Z for UTC, or an offset such as +08:00")
    offset = "+00:00" if zone in ("Z", "z", "UTC") else zone
    return _read(f"{parts['day']}T{parts['time'].partition('.')[0]}{offset}", text)


def is_day(text: str) -> bool:
    """Whether the text is a day alone, of which no hour is said."""
    return _DAY.fullmatch(text) is not None


def _read(spelled: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(spelled).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"there is no time {text!a}") from None
