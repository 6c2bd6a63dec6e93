"""What a version of the predicate for several claims together is: its name, its shape, how it is written and read.

A version that has been released is never changed (docs/adr/0026-formats.md). Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scanner.attesting.points import MomentsRun
from scanner.core.shape import Shape
from scanner.weighing.policy import Policy
from scanner.weighing.together import Joint

Predicate = Mapping[str, Any]
"""{"together": ..., "run": ...} as JSON values."""


@dataclass(frozen=True, slots=True)
class StatedJoint:
    """What verification goes by, as a predicate states it: well-formed, and not yet believed in any point."""

    claims: tuple[str, ...]  # sha256 of the claims' files, hex
    points: Mapping[datetime, str]  # by moment, the sha256 of its statement, hex
    policy: Policy
    run: MomentsRun


@dataclass(frozen=True, slots=True)
class JointFormat:
    """One version of the predicate."""

    version: int
    type: str  # the statement's predicateType
    shape: Shape  # of a predicate
    write: Callable[[Joint, MomentsRun], dict[str, Any]]  # raises ValueError for what cannot be written
    read: Callable[[Predicate], StatedJoint]  # of a predicate that has the shape; raises ValueError
