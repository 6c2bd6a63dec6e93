"""Whether the blocks at which one unit is weighed can be called one moment.

A coin that crosses a bridge is on one chain now and on another soon after: blocks of different times, added up, may
count it twice. So a policy bounds how far they may lie apart (`Policy.max_skew`): any two heights that a claim names,
and each of them and the claim's moment. Beyond the bound no verdict is given on the unit.

The last block at or before the claim's moment holds the chain's state at that moment, however slow the chain was: it
counts as of the moment itself, unless it is older than any chain of its kind has ever stood still.

Nothing here knows what is held, and nothing here asks a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.chains.registry import family
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain

MAX_SKEW: Final = timedelta(hours=2)
LONGEST_SKEW: Final = 10**9
"""Seconds that a policy may allow, some thirty years."""

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""By how much the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A block at which holdings of a unit are weighed; `named` if it is not looked for as the last by the claim's
    moment: its height is the claim's word, or it was the newest one during the scan."""

    block: Snapshot
    named: bool

    @classmethod
    def at(cls, block: Snapshot, height: int | None, *, of_scan: bool = False) -> Weighed:
        """`height`: the one that the claim names, if it does. `of_scan`: the moment is that of the scan itself, at
        which the newest final blocks are read."""
        return cls(block, of_scan or height is not None or reads_only_tip(block.chain))


@dataclass(frozen=True, slots=True)
class Span:
    """The times of the first and the last of a unit's blocks. Aware, UTC."""

    first: datetime
    last: datetime

    @classmethod
    def of(cls, blocks: Iterable[Weighed]) -> Span | None:
        """None where there is no block."""
        times = [each.block.time for each in blocks]
        return cls(min(times), max(times)) if times else None

    @property
    def length(self) -> timedelta:
        return self.last - self.first


def apart(blocks: Iterable[Weighed], as_of: datetime, max_skew: timedelta) -> str | None:
    """Why these blocks are no one moment, with both times of what lies furthest apart; None if they are one."""
    distances = sorted(_distances(sorted(blocks, key=lambda each: each.block.chain), as_of, max_skew), reverse=True)
    return distances[0][1] if distances else None


def standstill(chain: Chain) -> timedelta:
    """How old the last block of such a chain before a moment may be."""
    return family(chain).longest_standstill


def dated_ahead(chain: Chain) -> timedelta:
    """By how much the time of a block of such a chain may be ahead of a true clock, and that clock of another."""
    return family(chain).dated_ahead + CLOCK_TOLERANCE


def duration(length: timedelta, most: int = 2) -> str:
    """A length of time for people, cut to its two (`most`) largest parts: `30 d`, `2 h 5 min`, `45 s`."""
    seconds = abs(length) // timedelta(seconds=1)
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:most] if count) or "0 s"


def _distances(blocks: list[Weighed], as_of: datetime, max_skew: timedelta) -> Iterator[tuple[timedelta, str]]:
    """What lies too far apart, each with how it is described."""
    for each in blocks:
        distance = abs(each.block.time - as_of)
        bound = max_skew if each.named else standstill(each.block.chain)
        if distance > bound:
            yield distance, f"{_dated(each)}, the claim as of {_utc(as_of)}: {_beyond(distance, bound)}"
    for one, other in combinations([each for each in blocks if each.named], 2):
        distance = abs(one.block.time - other.block.time)
        if distance > max_skew:
            yield distance, f"{_dated(one)}, {_dated(other)}: {_beyond(distance, max_skew)}"


def _dated(weighed: Weighed) -> str:
    return f"block {weighed.block.height} of {weighed.block.chain} is of {_utc(weighed.block.time)}"


def _beyond(distance: timedelta, bound: timedelta) -> str:
    apart, allowed = duration(distance), duration(bound)
    if apart == allowed:  # cut to two parts, the longer one would read as one that is allowed
        apart, allowed = duration(distance, most=4), duration(bound, most=4)
    return f"{apart} apart, at most {allowed} are allowed"


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
