"""One thing that `scanner check` looked at, and how it is graded. What is looked at: `diagnosis`, `backing_points`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    OK = "ok"
    NOTE = "note"
    GAP = "gap"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at. `matters` and `todo` are empty where nothing follows, or nothing is to be done."""

    grade: Grade
    about: str  # "claim", a file's name, or a chain
    what: str
    matters: str = ""
    todo: str = ""
