"""What a version of the series predicate is: its name, its shape, how it is written and how it is read.

A version that has been released is never changed (docs/adr/0026-formats.md). Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from scanner.attesting.points import MomentsRun
from scanner.core.evidence import Snapshot
from scanner.core.shape import Shape
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule
from scanner.weighing.series import Series

Predicate = Mapping[str, Any]
"""{"series": ..., "run": ...} as JSON values."""


@dataclass(frozen=True, slots=True)
class StatedSeries:
    """What verification goes by, as a predicate states it: well-formed, and not yet believed in any point."""

    claim: str  # sha256 of the claim's file, hex
    schedule: Schedule
    blocks: Mapping[int, Snapshot]  # by stretch
    points: Mapping[datetime, str]  # by moment, the sha256 of its statement, hex
    policy: Policy
    share: Fraction | None  # of what was held, with which accounts were read at the other moments; None for all
    run: MomentsRun


@dataclass(frozen=True, slots=True)
class SeriesFormat:
    """One version of the predicate."""

    version: int
    type: str  # the statement's predicateType
    shape: Shape  # of a predicate
    write: Callable[[Series, MomentsRun], dict[str, Any]]  # raises ValueError for what cannot be written
    read: Callable[[Predicate], StatedSeries]  # of a predicate that has the shape; raises ValueError
