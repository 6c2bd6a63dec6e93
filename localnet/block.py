"""A block of a local chain, as the planting code names it.

Not in here: what a scan knows of a block; this is what the test or the demo expects it to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Block:
    """`hash` in the chain's own spelling (hex digits; 0x before them on an EVM chain); `time` in Unix seconds."""

    height: int
    hash: str
    time: int

    @property
    def moment(self) -> str:
        """The time as claims write it."""
        return f"{datetime.fromtimestamp(self.time, UTC):%Y-%m-%dT%H:%M:%SZ}"
