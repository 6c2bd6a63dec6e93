"""Where a chart of ratios over time draws them: moments from left to right, ratios from below, the line at 100 %.

All is worked out in whole tenths of a unit of SVG, from fractions. What is drawn there is each chart's own.

Source: SVG 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

from scanner.report.element import Element, el

WIDTH, HEIGHT = 3600, 1720
LEFT, RIGHT, TOP, BOTTOM = 470, 2860, 130, 1420  # where ratios are drawn
GROUND: Final = BOTTOM + 60
"""The height of what has no ratio to be drawn at."""

_MOST: Final = Fraction(5)  # a ratio above is drawn as this much
_STEPS: Final = tuple(Fraction(step, 1000) for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
_MOST_TICKS: Final = 5
_FEW_DAYS: Final = 3 * 86_400  # seconds
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scale:
    """From moments and ratios to tenths of a unit."""

    first: int  # seconds
    seconds: int
    low: Fraction
    high: Fraction
    step: Fraction  # between two lines of the ground

    @classmethod
    def fitting(cls, ratios: Iterable[Fraction], moments: Iterable[str]) -> Scale:
        """Room for all ratios and for 100 %, in whole steps, and for all moments, of which there is one at least."""
        known = [min(ratio, _MOST) for ratio in ratios]
        low, high = min([*known, Fraction(1)]), max([*known, Fraction(1)])
        steps = _STEPS if known else _STEPS[3:]
        step = next((step for step in steps if (high - low) / step <= _MOST_TICKS - 1), steps[-1])
        low, high = (low // step) * step, -(-high // step) * step
        if low == 1:
            low -= step
        if high == 1:
            high += step
        times = [*map(seconds, moments)]
        return cls(min(times), max(times) - min(times), low, high, step)

    def x(self, moment: str) -> int:
        if not self.seconds:
            return (LEFT + RIGHT) // 2
        return LEFT + (RIGHT - LEFT) * (seconds(moment) - self.first) // self.seconds

    def y(self, ratio: Fraction) -> int:
        share = (min(ratio, _MOST) - self.low) / (self.high - self.low)
        return BOTTOM - int(share * (BOTTOM - TOP))


def ground(scale: Scale) -> Iterator[Element]:
    """Lines for whole steps, and the one that matters."""
    for number in range(-(-scale.low // scale.step), scale.high // scale.step + 1):
        ratio = number * scale.step
        y = str(scale.y(ratio))
        kind = "full" if ratio == 1 else "step"
        yield el("line", x1=str(LEFT), x2=str(RIGHT), y1=y, y2=y, class_=kind)
        yield el("text", _label(ratio), x=str(LEFT - 60), y=str(int(y) + 38), text_anchor="end", class_=kind)
    yield el("line", x1=str(LEFT), x2=str(RIGHT), y1=str(GROUND), y2=str(GROUND), class_="ground")


def days(moments: Iterable[str], scale: Scale) -> Iterator[Element]:
    """The days of the first moment and of the last one, below the ground; with the time of day where they are few."""
    found, shown = sorted(set(moments)), 16 if 0 < scale.seconds < _FEW_DAYS else 10
    ends = {found[0]: "start", found[-1]: "end"} if len(found) > 1 else {found[0]: "middle"}
    for moment, anchor in ends.items():
        yield el(
            "text",
            moment[:shown].replace("T", " "),
            x=str(scale.x(moment)),
            y=str(BOTTOM + 250),
            text_anchor=anchor,
            class_="step",
        )


def line(points: Iterable[tuple[int, int]], kind: str = "run") -> Element:
    """What is joined."""
    return el("polyline", points=" ".join(f"{x},{y}" for x, y in points), class_=kind)


def cross(x: int, y: int, half: int = 40) -> str:
    """The path of a cross: of what is not there."""
    return f"M{x - half} {y - half}L{x + half} {y + half}M{x - half} {y + half}L{x + half} {y - half}"


def diamond(x: int, y: int, half: int) -> str:
    """The path of a diamond: of what is not shown."""
    return f"M{x} {y - half}L{x + half} {y}L{x} {y + half}L{x - half} {y}Z"


def seconds(moment: str) -> int:
    """Since 1970."""
    return (datetime.fromisoformat(moment) - _EPOCH) // timedelta(seconds=1)


def _label(ratio: Fraction) -> str:
    tenths = ratio * 1000
    whole, rest = divmod(tenths.numerator // tenths.denominator, 10)
    return f"{whole}.{rest}%" if rest else f"{whole}%"
