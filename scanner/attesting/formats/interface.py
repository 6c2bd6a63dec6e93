"""What a version of the predicate is: its name, its shape, how it is written and how it is read.

A version that has been released is never changed: a statement says by its `predicateType` which one it was made in, and
verification writes the finding anew in that one. What two versions write of the same finding may differ in every
field; what a finding is (`weighing.finding`) they have in common. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scanner.attesting.run import Run
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.shape import Shape
from scanner.core.two_passes import Between
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving

Predicate = Mapping[str, Any]
"""{"finding": ..., "run": ...} as JSON values."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What verification goes by, as a predicate states it: well-formed, and not yet believed in any point."""

    claim: str  # sha256 of the claim's file, hex
    as_of: datetime  # the moment at which the claim was weighed
    policy: Policy
    snapshots: Mapping[ChainHeight, Snapshot]
    passes: Mapping[Chain, Between]  # the blocks between which chains were read in two passes
    proving: Proving
    tables: int  # revision of the tables that the finding follows from
    run: Run


@dataclass(frozen=True, slots=True)
class Format:
    """One version of the predicate."""

    version: int
    type: str  # the statement's predicateType
    shape: Shape  # of a predicate
    write_finding: Callable[[Finding], dict[str, Any]]  # raises ValueError for what cannot be written
    write_run: Callable[[Run], dict[str, Any]]  # likewise
    read: Callable[[Predicate], Stated]  # of a predicate that has the shape; raises ValueError
    view: Callable[[Predicate], Predicate]  # of a predicate that has the shape: in the keys of the newest version

    def write(self, finding: Finding, run: Run) -> dict[str, Any]:
        """The predicate. Raises ValueError where finding or run cannot be written."""
        return {"finding": self.write_finding(finding), "run": self.write_run(run)}
