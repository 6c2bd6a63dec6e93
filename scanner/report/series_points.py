"""How a unit stood to what is owed at each sampled moment of a series: what its charts and tables show.

The one input is what a series states, its key `series` (docs/series.md). What is owed is what the claim states for its
own moment, at every one. No verdict follows from any of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.core.amounts import parse_decimal, rounded_down
from scanner.report.cells import NOTHING, amount, percent
from scanner.weighing.standing import RatioStanding, standing_of

_PLACES: Final = 6  # of a ratio, as statements have them
_NEAREST: Final = 20  # moments on each side of the claim's


@dataclass(frozen=True, slots=True)
class SampledPoint:
    """A unit at one sampled moment."""

    at: str
    own: bool  # the claim's own moment
    held: str
    unread: bool  # nothing of it was read: `held` is no zero
    ratio: Fraction | None  # held over owed; None where no ratio means anything
    standing: RatioStanding
    at_least: bool  # there may be more

    @property
    def drawn(self) -> bool:
        """Whether it stands at the height of its ratio: what is only not shown to reach 100 % does not."""
        return self.ratio is not None and self.standing is not RatioStanding.NOT_SHOWN

    @property
    def held_in_figures(self) -> str:
        """ "1,230.5", "≥1,230.5"; what was not read is no zero."""
        if self.unread:
            return "not established"
        return f"{'≥' if self.at_least else ''}{amount(self.held)}"

    @property
    def ratio_in_figures(self) -> str:
        """ "103.08%", "≥97.20%", cut; "-" for none."""
        if self.ratio is None:
            return NOTHING
        return f"{'≥' if self.at_least else ''}{percent(rounded_down(self.ratio, _PLACES))}"


def units_of(series: Mapping[str, Any]) -> list[str]:
    """All units that were sampled, sorted."""
    return [each["unit"] for each in series["points"][0]["units"]]


def owed_of(series: Mapping[str, Any], unit: str) -> str | None:
    """What is owed of it; None where the claim does not state it, or where the series does not: one that lies on one
    side of the claim's moment alone states nothing of what lasted, and so not what that is measured by."""
    return next((each["owed"] for each in series["sustained"] if each["unit"] == unit), None)


def points_of(series: Mapping[str, Any], unit: str) -> list[SampledPoint]:
    """Of one unit, in the order of their moments."""
    stated = owed_of(series, unit)
    owed = None if stated is None else parse_decimal(stated)
    points = series["points"]
    place = [each["unit"] for each in points[0]["units"]].index(unit)  # of each point the same units, in order
    return [_point(series, point, point["units"][place], owed) for point in points]


def undrawn(series: Mapping[str, Any]) -> list[str]:
    """The middle of each stretch in which no moment could be drawn."""
    half = timedelta(seconds=series["schedule"]["every"]) / 2
    starts = [each["start"] for each in series["stretches"] if each["moment"] is None]
    return [f"{datetime.fromisoformat(start) + half:%Y-%m-%dT%H:%M:%SZ}" for start in starts]


def nearest(series: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The points at the claim's moment and nearest to it: as many as people look at one by one."""
    points: Sequence[Mapping[str, Any]] = series["points"]
    own = next(number for number, point in enumerate(points) if point["at"] == series["asOf"])
    return points[max(0, own - _NEAREST) : own + _NEAREST + 1]


def _point(
    series: Mapping[str, Any], point: Mapping[str, Any], found: Mapping[str, Any], owed: Fraction | None
) -> SampledPoint:
    more = bool(found["gaps"] or found["atLeast"] or not series["complete"] or series["share"])
    held = parse_decimal(found["held"])
    unread = not held and bool(found["gaps"])
    standing = standing_of(
        held=held, custody=Fraction(0), owed=owed, verdict="", withheld=found["apart"], whole=not more
    )
    means = owed and not found["apart"] and not unread
    ratio = held / owed if means and owed else None
    return SampledPoint(point["at"], point["at"] == series["asOf"], found["held"], unread, ratio, standing, more)
