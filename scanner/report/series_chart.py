"""A unit's series as SVG: what was held at each sampled moment, in percent of what is owed, and how much of it lasted.

Shapes tell what colours tell. A dot is at or above 100 %, a ring is that too and there may be more, a square is below
it on complete evidence, a hollow diamond is not shown to be either, and stands on the ground; a cross is a stretch in
which no moment could be drawn. What belongs together is joined, and all that is not complete parts it: a gap is a gap,
never a zero. The upright line is the claim's own moment; each level, broken line is the sustained ratio of a window, as
long as that. Those who cannot see it have the same in words (`described`), in sentences and in a table beside it.

Source: SVG 2; WAI-ARIA Graphics Module (`img` with a title and a description).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from scanner.core.amounts import parse_decimal
from scanner.report import axes
from scanner.report.axes import Scale
from scanner.report.cells import moment, percent
from scanner.report.element import Content, Element, el
from scanner.report.series_points import SampledPoint, points_of, undrawn
from scanner.weighing.moments import duration
from scanner.weighing.standing import RatioStanding

_WORDS: Final = {
    RatioStanding.ABOVE: "at or above 100%",
    RatioStanding.BELOW: "below 100%",
    RatioStanding.NOT_SHOWN: "not shown",
}
_CROWDED: Final = 60  # points from which on marks are smaller
_NAMED: Final = 6
_MARKS: Final = {
    "above": "held at or above 100% of what is owed",
    "at-least": "held at or above 100%, and there may be more: not all was read",
    "below": "held below 100%, on complete evidence; what third parties hold is in no series",
    "not-shown": "not shown to be either: not all was read",
    "absent": "a stretch in which no moment could be drawn",
    "own": "the claim's own moment",
    "sustained": "sustained ratio: was there on at least one side all the while, as far as was looked",
}


def series_chart(series: Mapping[str, Any], unit: str, name: str, key: str) -> Element | None:
    """The chart of one unit; None where no ratio can be drawn. `name`: the unit as the page writes it; `key` makes its
    ids unique on the page."""
    points, absent = points_of(series, unit), undrawn(series)
    if not any(point.ratio is not None for point in points):
        return None
    lasting = _lasting(series, unit)
    ratios = [point.ratio for point in points if point.drawn and point.ratio is not None]
    ends = (series["schedule"]["start"], series["schedule"]["end"])
    scale = Scale.fitting(
        [*ratios, *(parse_decimal(each["ratio"]) for each in lasting)], [*(point.at for point in points), *ends]
    )
    return el(
        "svg",
        el("title", f"{name}: what was held at sampled blocks, in percent of what is owed", id=f"{key}-title"),
        el("desc", described(series, unit), id=f"{key}-described"),
        *axes.ground(scale),
        *axes.days(ends, scale),
        *_own(series["asOf"], scale),
        *(axes.line(run) for run in _runs(points, absent, scale) if len(run) > 1),
        *(_sustained(each, series["asOf"], scale) for each in lasting),
        *(_absent(each, scale) for each in absent),
        *(_mark(point, scale, crowded=len(points) > _CROWDED) for point in points),
        *_labelled(lasting[-1:], scale),
        viewBox=f"0 0 {axes.WIDTH} {axes.HEIGHT}",
        role="img",
        aria_labelledby=f"{key}-title {key}-described",
        class_="chart",
    )


def described(series: Mapping[str, Any], unit: str) -> str:
    """The chart in words."""
    points, absent = points_of(series, unit), undrawn(series)
    own = next(point for point in points if point.own)
    parts = [
        f"{len(points):,} sampled moments, {moment(points[0].at)} to {moment(points[-1].at)}",
        f"{own.ratio_in_figures if own.ratio is not None else 'no ratio'} at the claim's own",
    ]
    known = [(point.ratio, point) for point in points if point.drawn and point.ratio is not None]
    if known:
        lowest = min(known, key=lambda pair: pair[0])[1]
        parts.append(f"lowest {lowest.ratio_in_figures} at {moment(lowest.at)}")
    for standing in (RatioStanding.BELOW, RatioStanding.NOT_SHOWN):
        moments = [moment(point.at) for point in points if point.standing is standing]
        if moments:
            more = f" and {len(moments) - _NAMED:,} more" if len(moments) > _NAMED else ""
            parts.append(f"{_WORDS[standing]} at {', '.join(moments[:_NAMED])}{more}")
    if all(point.standing is RatioStanding.ABOVE for point in points):
        parts.append("at or above 100% at each")
    if absent:
        parts.append(f"{len(absent):,} {'stretch' if len(absent) == 1 else 'stretches'} without a moment")
    return "; ".join(parts) + "."


def series_legend(series: Mapping[str, Any], units: Sequence[str]) -> Element:
    """What the marks of these units' charts mean: each one that is drawn, and no other."""
    drawn = {"own"} | ({"absent"} if undrawn(series) else set())
    for unit in units:
        points = points_of(series, unit)
        if any(point.ratio is not None for point in points):
            drawn |= {_kind(point) for point in points}
            drawn |= {"sustained"} if _lasting(series, unit) else set()
    keys = [part for kind, words in _MARKS.items() if kind in drawn for part in (_key(kind, words), " ")]
    return el("p", "The heavy line is 100% of what is owed. ", *keys, class_="legend keys")


def _lasting(series: Mapping[str, Any], unit: str) -> list[Mapping[str, Any]]:
    """The windows of which a sustained ratio is known, the shortest first."""
    return [each for each in series["sustained"] if each["unit"] == unit and each["ratio"] is not None]


def _runs(points: Sequence[SampledPoint], absent: Sequence[str], scale: Scale) -> Iterator[list[tuple[int, int]]]:
    """What is to be joined: neighbours that are both known completely, and no stretch without a moment between them."""
    run: list[tuple[int, int]] = []
    moments = [*((point.at, point) for point in points), *((at, None) for at in absent)]
    for at, point in sorted(moments, key=lambda pair: pair[0]):
        if point is None or point.at_least or not point.drawn or point.ratio is None:
            yield run
            run = []
        else:
            run.append((scale.x(at), scale.y(point.ratio)))
    yield run


def _kind(point: SampledPoint) -> str:
    if point.standing is RatioStanding.ABOVE and point.at_least:
        return "at-least"
    return point.standing.value.lower().replace("_", "-")


def _mark(point: SampledPoint, scale: Scale, *, crowded: bool) -> Element:
    x = scale.x(point.at)
    y = scale.y(point.ratio) if point.drawn and point.ratio is not None else axes.GROUND
    figures = "no ratio" if point.ratio is None else point.ratio_in_figures
    own = ", the claim's own moment" if point.own else ""
    tells = f"{moment(point.at)}: {figures}, {_WORDS[point.standing]}{own}"
    return _shape(_kind(point), x, y, 18 if crowded and not point.own else 36, el("title", tells))


def _shape(kind: str, x: int, y: int, radius: int, title: Content = None) -> Element:
    """A mark around a place."""
    match kind:
        case "above" | "at-least":
            return el("circle", title, cx=str(x), cy=str(y), r=str(radius), class_=f"mark {kind}")
        case "below":
            side = radius * 7 // 3
            place = {"x": str(x - side // 2), "y": str(y - side // 2), "width": str(side), "height": str(side)}
            return el("rect", title, class_="mark below", **place)
        case _:
            return el("path", title, d=axes.diamond(x, y, radius * 8 // 5), class_="mark not-shown")


def _own(at: str, scale: Scale) -> Iterator[Element]:
    """The claim's own moment: a line from top to ground."""
    x = str(scale.x(at))
    yield el("line", x1=x, x2=x, y1=str(axes.TOP - 20), y2=str(axes.GROUND), class_="own")
    yield el("text", "the claim's moment", x=x, y=str(axes.TOP - 40), text_anchor="middle", class_="own")


def _absent(at: str, scale: Scale) -> Element:
    path = axes.cross(scale.x(at), axes.GROUND)
    title = el("title", f"no moment was drawn around {moment(at)}")
    return el("g", el("path", title, d=path), class_="absent")


def _sustained(each: Mapping[str, Any], as_of: str, scale: Scale) -> Element:
    """Its window, at the height of the ratio."""
    middle, window = datetime.fromisoformat(as_of), timedelta(seconds=each["window"])
    first, last = (f"{middle + side * window:%Y-%m-%dT%H:%M:%SZ}" for side in (-1, 1))
    y = str(scale.y(parse_decimal(each["ratio"])))
    title = el("title", f"{percent(each['ratio'])} sustained, {duration(window)} before and after")
    return el("line", title, x1=str(scale.x(first)), x2=str(scale.x(last)), y1=y, y2=y, class_="sustained")


def _labelled(widest: Sequence[Mapping[str, Any]], scale: Scale) -> Iterator[Element]:
    """The sustained ratio of the widest window in figures, at its height."""
    for each in widest:
        y = scale.y(parse_decimal(each["ratio"]))
        yield el("text", percent(each["ratio"]), x=str(axes.RIGHT + 70), y=str(y), class_="last")
        yield el("text", "sustained", x=str(axes.RIGHT + 70), y=str(y + 120), class_="step")
        window = f"± {duration(timedelta(seconds=each['window']))}"
        yield el("text", window, x=str(axes.RIGHT + 70), y=str(y + 240), class_="step")


def _key(kind: str, words: str) -> Element:
    """A mark as it is drawn, and what it means."""
    match kind:
        case "own":
            mark = el("line", x1="80", x2="80", y1="0", y2="160", class_="own")
        case "sustained":
            mark = el("line", x1="0", x2="160", y1="80", y2="80", class_="sustained")
        case "absent":
            mark = el("g", el("path", d=axes.cross(80, 80)), class_="absent")
        case _:
            mark = _shape(kind, 80, 80, 36)
    return el("span", el("svg", mark, viewBox="0 0 160 160", aria_hidden="true", class_="sample"), f" {words}")
