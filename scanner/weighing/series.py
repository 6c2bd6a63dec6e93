"""What was held at many moments, and how much of what was held at the claim's moment was there before and after it.

For a unit, T(t) is what was held of it on the claim's accounts at the last block of each chain at or before t; s is the
claim's moment, and W a window. The sustained reserve is

    S = min( T(s), max( least T in [s - W, s), least T in (s, s + W] ) )

and the transient amount is T(s) - S: so much lay on the accounts at the moment, and at some time in the window before
it, and at some time in the window after it, it did not. What came and stayed is none, and neither is a dip on one
side.

Only sampled moments are known, so each least is an upper bound, and the transient amount a lower one: that none was
found says nothing of the moments between. Coins that were moved through accounts which the claim does not declare look
the same as coins that were lent. Hence all of this stands beside a verdict and is never part of one. Losing evidence
never helps: a gap at one sampled moment of a window, or a stretch of it in which none could be drawn, makes it
NOT_SHOWN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding, Reserve
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import AFTERWARDS, Schedule, moments
from scanner.weighing.withheld import Withheld

_ROOM = 14_000_000  # bytes of a statement that are left for lists
_POINT_BYTES, _UNIT_BYTES, _UNIT_POINT_BYTES = 900, 6_500, 450  # that one of each takes at most


def has_room(*, points: int, units: int) -> bool:
    """Whether a statement has room for so many moments of so many units."""
    return points * (_POINT_BYTES + units * _UNIT_POINT_BYTES) + units * _UNIT_BYTES <= _ROOM


class Transience(StrEnum):
    """The names are part of the series' format."""

    FOUND = "FOUND"  # a transient amount: at least so much
    NONE_FOUND = "NONE_FOUND"  # at the sampled blocks
    NOT_SHOWN = "NOT_SHOWN"  # nothing can be said


class Lacking(StrEnum):
    """Why nothing can be said. The names are part of the series' format."""

    GAPS = "GAPS"  # at a sampled moment something was not read, or is known from below only, or is of no one moment
    NOT_DRAWN = "NOT_DRAWN"  # in a stretch of the window no moment could be drawn
    NO_BLOCKS = "NO_BLOCKS"  # on one side no other block than that of the moment itself was sampled


@dataclass(frozen=True, slots=True)
class UnitPoint:
    """One unit at one moment. `held` is in whole coins, and of all that was read alone."""

    held: Fraction
    gaps: int
    at_least: int  # holdings of which there may be more than counts
    apart: bool  # its blocks are no one moment
    blocks: tuple[str, ...]  # the hashes of those that could be pinned, by chain

    @classmethod
    def of(cls, reserve: Reserve, blocks: Sequence[str]) -> UnitPoint:
        apart = Withheld.MOMENTS_APART in reserve.withheld
        return cls(reserve.held, reserve.gaps, reserve.at_least, apart, tuple(blocks))

    @property
    def whole(self) -> bool:
        """Whether `held` is all that was held, at one moment."""
        return not (self.gaps or self.at_least or self.apart)


@dataclass(frozen=True, slots=True)
class Point:
    """What was held at one moment."""

    at: datetime
    statement: str  # SHA-256 of the statement that says so, in hex
    policy: Policy
    snapshots: Mapping[Chain, Snapshot]  # at which it was weighed
    units: Mapping[str, UnitPoint]

    @classmethod
    def of(cls, finding: Finding, statement: str) -> Point:
        """`statement`: the digest of the one that has this finding."""
        places = {chain: finding.snapshots.get(finding.claim.weighed_at(chain)) for chain in finding.claim.chains}
        snapshots = {chain: block for chain, block in places.items() if block is not None}
        units = {}
        for reserve in finding.reserves:
            chains = {each.asset.id.chain for each in finding.coverage if each.asset.backs == reserve.unit}
            blocks = [snapshots[chain].hash for chain in sorted(chains) if chain in snapshots]
            units[reserve.unit] = UnitPoint.of(reserve, blocks)
        return cls(finding.claim.as_of, statement, finding.policy, snapshots, units)


@dataclass(frozen=True, slots=True)
class Sustained:
    """How much of a unit was there before and after the claim's moment too. Amounts in whole coins."""

    unit: str
    window: timedelta
    before: int  # blocks that were sampled on this side: other ones than those at the moment
    after: int
    held: Fraction  # at the moment
    least_before: Fraction | None = None  # None where nothing can be said
    least_after: Fraction | None = None
    owed: Fraction | None = None  # as the claim states it
    lacking: tuple[Lacking, ...] = ()

    @property
    def sustained(self) -> Fraction | None:
        if self.least_before is None or self.least_after is None:
            return None
        return min(self.held, max(self.least_before, self.least_after))

    @property
    def transient(self) -> Fraction | None:
        sustained = self.sustained
        return None if sustained is None else self.held - sustained

    @property
    def ratio(self) -> Fraction | None:
        """Of what is owed; None where that was not published, too."""
        sustained = self.sustained
        return sustained / self.owed if sustained is not None and self.owed else None

    @property
    def shows(self) -> Transience:
        if self.transient is None:
            return Transience.NOT_SHOWN
        return Transience.FOUND if self.transient else Transience.NONE_FOUND


@dataclass(frozen=True, slots=True)
class Later:
    """A unit some time after the claim's moment. Amounts in whole coins; None where something was not read at one of
    the two moments."""

    unit: str
    after: timedelta
    held: Fraction | None
    change: Fraction | None  # since the claim's moment


@dataclass(frozen=True, slots=True)
class Share:
    """That only accounts with a share of what was held at the claim's moment were read at the others. All points are of
    these alone, that of the claim's moment too: what moved to an account that was left out is then a transient amount
    that is none."""

    of: Fraction  # of what was believed of each asset
    rows: int  # that were read
    among: int
    held: Mapping[str, Fraction]  # by unit, in whole coins: by all accounts, at the claim's moment


@dataclass(frozen=True, slots=True)
class Series:
    """What a claim's accounts held at all moments of a schedule."""

    claim: Claim
    schedule: Schedule
    blocks: Mapping[int, Snapshot]  # by stretch, the last one of the seed chain at or before its end
    points: tuple[Point, ...]  # in order, one for each of the schedule's moments
    share: Share | None = None  # where only the largest accounts were read at the other moments; None for all

    def __post_init__(self) -> None:
        expected = moments(self.schedule, self.blocks)
        if tuple(point.at for point in self.points) != expected:
            raise ValueError("points at other moments than those of the schedule")

    @property
    def policy(self) -> Policy:
        """Under which everything was weighed."""
        return self.points[0].policy

    @property
    def sustained(self) -> tuple[Sustained, ...]:
        """Of each unit that the claim owes, over each window; sorted."""
        units = sorted(self.claim.liabilities)
        return tuple(self._sustained(unit, window) for unit in units for window in self.schedule.windows)

    @property
    def later(self) -> tuple[Later, ...]:
        """Of each unit, after each of the stated times that the series reaches; sorted."""
        reached = [after for after in AFTERWARDS if self.schedule.as_of + after <= self.schedule.end]
        return tuple(self._later(unit, after) for unit in sorted(self.claim.liabilities) for after in reached)

    def at(self, moment: datetime) -> Point:
        """The point of a moment. Raises KeyError."""
        return {point.at: point for point in self.points}[moment]

    def _sustained(self, unit: str, window: timedelta) -> Sustained:
        moment = self.schedule.as_of
        now = self.at(moment).units[unit]
        before = [each.units[unit] for each in self.points if moment - window <= each.at < moment]
        after = [each.units[unit] for each in self.points if moment < each.at <= moment + window]
        owed = self.claim.liabilities[unit].owed
        sides = [len({each.blocks for each in side} - {now.blocks}) for side in (before, after)]
        found = Sustained(unit, window, before=sides[0], after=sides[1], held=now.held, owed=owed)
        reasons = {
            Lacking.GAPS: not all(each.whole for each in (now, *before, *after)),
            Lacking.NOT_DRAWN: self._undrawn(window),
            Lacking.NO_BLOCKS: not all(sides),
        }
        if lacking := tuple(why for why, lacks in reasons.items() if lacks):
            return replace(found, lacking=lacking)
        least_before, least_after = (min(each.held for each in side) for side in (before, after))
        return replace(found, least_before=least_before, least_after=least_after)

    def _undrawn(self, window: timedelta) -> bool:
        """Whether in a stretch that lies in the window, or reaches into it, no moment was drawn."""
        return any(number not in self.blocks for number in self.schedule.within(window))

    def _later(self, unit: str, after: timedelta) -> Later:
        now = self.at(self.schedule.as_of).units[unit]
        then = self.at(self.schedule.as_of + after).units[unit]
        held = then.held if then.whole else None
        return Later(unit, after, held, None if held is None or not now.whole else held - now.held)
