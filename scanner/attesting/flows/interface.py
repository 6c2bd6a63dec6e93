"""What a version of the flows predicate is: its name, its shape, how it is written and how it is read.

A version that has been released is never changed (docs/adr/0026-formats.md). Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scanner.attesting.points import MomentsRun
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId
from scanner.core.shape import Shape
from scanner.weighing.flows import Flows
from scanner.weighing.policy import Policy
from scanner.weighing.transfer_lists import AgreedList

Predicate = Mapping[str, Any]
"""{"flows": ..., "run": ...} as JSON values."""


@dataclass(frozen=True, slots=True)
class StatedFlows:
    """What verification goes by, as a predicate states it: well-formed, and not yet believed in any point."""

    claim: str  # sha256 of the claim's file, hex
    as_of: datetime
    window: timedelta
    points: Mapping[datetime, str]  # by moment, the sha256 of its statement, hex
    transfers: str  # sha256 of the file of transfers, hex
    listings: Mapping[AssetId, AgreedList | Gap]  # whose word transfers are, or why there are none: the signers' word
    policy: Policy
    run: MomentsRun


@dataclass(frozen=True, slots=True)
class FlowsFormat:
    """One version of the predicate."""

    version: int
    type: str  # the statement's predicateType
    shape: Shape  # of a predicate
    write: Callable[[Flows, str, MomentsRun], dict[str, Any]]  # with the digest of the file of transfers
    read: Callable[[Predicate], StatedFlows]  # of a predicate that has the shape; raises ValueError
