"""What a column of any history holds: the bytes or the moment that belongs there, or something else, which is a fault.

Who may write to the database may write anything into any column of a SQLite file.
"""

from __future__ import annotations

import re
from typing import Final

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def blob(value: object) -> bytes:
    """The bytes that a column holds; none where it holds something else, as any column of a SQLite file can."""
    return value if isinstance(value, bytes) else b""


def is_time(value: object) -> bool:
    """Whether a column holds a moment, as it is written here."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None
