"""A unit's ratio as a bar, on one scale for all units, with a line at 100 % of what is owed.

A bar begins at zero, as an honest one does, and ends at 115 %; what goes beyond is marked as going beyond. Ratios that
exchanges publish lie between 100 and 105 %, where one scale from end to end would make all bars alike: from 90 % on the
scale is some ten times wider, and a gap in the bar tells that it changes there. Where things stand is worked out in
whole thousandths of the bar's width from the signed amounts, rounded down, here and again by `bars.js`; where a figure
stands beside a bar, the bar says nothing that the figure does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from scanner.report.element import Element, el
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import has_ratio

WIDTH: Final = 1000
_BREAK: Final = 250  # where the scale changes
_BREAK_RATIO: Final = Fraction(9, 10)
_BY_PERCENT: Final = 30  # from there on; below it is less than three
_OWED: Final = 550  # where 100 % is
_HEIGHT: Final = 24
_BEYOND: Final = 16  # how much of the end marks that a bar goes on

Segment = tuple[str, int, int]  # what it is, where it begins, how wide it is; lines have no width


def segments(reserve: Mapping[str, Any], threshold: str) -> Iterator[Segment]:
    """The parts of a bar from bottom to top. None at all where no ratio may be shown."""
    if not has_ratio(reserve) or reserve["owed"] in (None, "0"):  # the second would be false: nothing was checked yet
        return
    held, owed, custody = (Fraction(reserve[key]) for key in ("held", "owed", "custody"))
    end, full = _at(held / owed), _at((held + custody) / owed)
    yield "missing", 0, _OWED
    yield "held", 0, min(end, _OWED)
    yield "above", _OWED, max(end - _OWED, 0)
    yield "custody", end, full - end
    yield "beyond", WIDTH - _BEYOND, _BEYOND if _exactly_at(held / owed) > WIDTH else 0
    yield "break", _BREAK, 0
    yield "owed", _OWED, 0
    demanded = _at(Fraction(threshold))
    if demanded != _OWED:
        yield "demanded", demanded, 0


def bar(reserve: SignedValue, threshold: str) -> Element | None:
    """The bar of one unit. Its ratio has to stand beside it in figures: a bar is hidden from those who have it read."""
    drawn = [_drawn(*segment) for segment in segments(reserve.value, threshold)]
    if not drawn:
        return None
    return el(
        "svg",
        *drawn,
        class_=f"bar {reserve.value['verdict'].lower()}",
        data_is=f"bar {reserve.pointer}",
        viewBox=f"0 0 {WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _drawn(what: str, at: int, width: int) -> Element:
    x = str(at)
    if what in ("break", "owed", "demanded"):
        return el("line", class_=what, x1=x, x2=x, y1="0", y2=str(_HEIGHT))
    return el("rect", class_=what, x=x, y="4", width=str(width), height=str(_HEIGHT - 8))


def _at(ratio: Fraction) -> int:
    return min(int(_exactly_at(ratio)), WIDTH)


def _exactly_at(ratio: Fraction) -> Fraction:
    if ratio < _BREAK_RATIO:
        return ratio / _BREAK_RATIO * _BREAK
    return _BREAK + (ratio - _BREAK_RATIO) * 100 * _BY_PERCENT
