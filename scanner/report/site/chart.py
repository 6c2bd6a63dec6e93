"""A unit's ratios over time as SVG: the reports in their place, and the line at 100 % of what is owed.

Shapes tell what colours tell: a dot is at or above 100 %, a square is below it on complete evidence, a hollow diamond
is not shown to be either, and stands on the ground, since what is known of its ratio is that it is no lower. What
belongs together is joined, and a report that is missing or not shown parts it. Those who cannot see it have the same in
words (`described`) and in the page's table.

Source: SVG 2; WAI-ARIA Graphics Module (`img` with a title and a description).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from scanner.core.amounts import parse_decimal
from scanner.report import axes
from scanner.report.axes import Scale
from scanner.report.cells import NOTHING, percent
from scanner.report.element import Content, Element, el
from scanner.report.log_table import ratio_of

_FLAT: Final = 3  # how much flatter it is at a glance
_WORDS: Final = {"ABOVE": "at or above 100%", "BELOW": "below 100%", "NOT_SHOWN": "not shown"}

Point = Mapping[str, Any]  # of a unit's series


def chart(name: str, unit: Mapping[str, Any], missing: Sequence[str], key: str, links: Mapping[str, str]) -> Element:
    """The chart of one of a history's units, which the page calls `name`. `missing` are moments at which a report was
    missing; `links` lead from an attestation's digest to its page; `key` makes its ids unique on the page."""
    series: Sequence[Point] = unit["series"]
    scale = _scale(series, missing)
    return el(
        "svg",
        el("title", f"{name}: what is held, in percent of what is owed", id=f"{key}-title"),
        el("desc", described(series, missing), id=f"{key}-described"),
        *axes.ground(scale),
        *axes.days(_moments(series, missing), scale),
        _streak(unit["streak"], scale),
        el("g", *(_absent(moment, scale) for moment in missing), class_="absent"),
        *(axes.line(run) for run in _runs(series, missing, scale) if len(run) > 1),
        *(_mark(point, scale, links) for point in series),
        _last(series, scale),
        viewBox=f"0 0 {axes.WIDTH} {axes.HEIGHT}",
        role="img",
        aria_labelledby=f"{key}-title {key}-described",
        class_="chart",
    )


def spark(series: Sequence[Point], missing: Sequence[str] = ()) -> Element:
    """The same at a glance, flat, beside the figures: the line at 100 %, the runs, every report that was not at or
    above it, and the last one. What is missing parts the runs."""
    scale = _scale(series, missing)
    full = str(scale.y(Fraction(1)) // _FLAT)
    runs = [[(x, y // _FLAT) for x, y in run] for run in _runs(series, missing, scale) if len(run) > 1]
    return el(
        "svg",
        el("line", x1=str(axes.LEFT), x2=str(axes.RIGHT), y1=full, y2=full, class_="full"),
        *(axes.line(run) for run in runs),
        *(_mark(point, scale, {}, flat=_FLAT) for point in series[:-1] if point["standing"] != "ABOVE"),
        _mark(series[-1], scale, {}, flat=_FLAT),
        viewBox=f"{axes.LEFT - 60} -20 {axes.RIGHT - axes.LEFT + 120} {axes.BOTTOM // _FLAT + 80}",
        aria_hidden="true",
        class_="spark",
    )


def described(series: Sequence[Point], missing: Sequence[str]) -> str:
    """The chart in words."""
    known = [(parse_decimal(point["ratio"]), point) for point in series if _drawn(point)]
    parts = [f"{len(series):,} report{'s' if len(series) != 1 else ''}, {_day(series[0])} to {_day(series[-1])}"]
    if known:
        least, most = min(known, key=_ratio)[1], max(known, key=_ratio)[1]
        parts.append(f"lowest {percent(least['ratio'])} on {_day(least)}")
        parts.append(f"highest {percent(most['ratio'])} on {_day(most)}")
        parts.append(f"last known {percent(known[-1][1]['ratio'])} on {_day(known[-1][1])}")
    for standing in ("BELOW", "NOT_SHOWN"):
        days = [_day(point) for point in series if point["standing"] == standing]
        if days:
            shown = ", ".join(days[:6]) + (f" and {len(days) - 6:,} more" if len(days) > 6 else "")
            parts.append(f"{_WORDS[standing]} on {shown}")
    if all(point["standing"] == "ABOVE" for point in series):
        parts.append("each at or above 100%")
    if missing:
        parts.append(f"{len(missing):,} missing")
    return "; ".join(parts) + "."


def _moments(series: Sequence[Point], missing: Sequence[str]) -> list[str]:
    return [*(point["asOf"] for point in series), *missing]


def _runs(series: Sequence[Point], missing: Sequence[str], scale: Scale) -> Iterator[list[tuple[int, int]]]:
    """What is to be joined: neighbours that both have a ratio on complete enough evidence, and no report missing."""
    run: list[tuple[int, int]] = []
    moments = [*((point["asOf"], point) for point in series), *((moment, None) for moment in missing)]
    for moment, point in sorted(moments, key=lambda pair: pair[0]):
        if point is None or not _drawn(point):
            yield run
            run = []
        else:
            run.append((scale.x(moment), scale.y(parse_decimal(point["ratio"]))))
    yield run


def _mark(point: Point, scale: Scale, links: Mapping[str, str], flat: int = 1) -> Element:
    ratio, standing = point["ratio"], point["standing"]
    x, y = scale.x(point["asOf"]), scale.y(parse_decimal(ratio)) if _drawn(point) else axes.GROUND
    y, grown = y // flat, 1 + (flat > 1)
    known = ratio_of(point)
    tells = f"{_day(point)}: {'no ratio' if known == NOTHING else known}, {_WORDS[standing]}"
    shape: dict[str, str] = {}
    match standing:
        case "ABOVE":
            kind, shape = "circle", {"cx": str(x), "cy": str(y), "r": str(36 * grown)}
        case "BELOW":
            kind, side = "rect", 84 * grown
            shape = {"x": str(x - side // 2), "y": str(y - side // 2), "width": str(side), "height": str(side)}
        case _:
            kind, half = "path", 58 * grown
            shape = {"d": axes.diamond(x, y, half)}
    mark = el(kind, el("title", tells), class_=f"mark {standing.lower().replace('_', '-')}", **shape)
    link = links.get(point["attestation"] or "")
    return el("a", mark, href=link, aria_label=tells) if link else mark


def _absent(moment: str, scale: Scale) -> Element:
    """A cross on the ground."""
    path = axes.cross(scale.x(moment), axes.GROUND)
    return el("path", el("title", f"no report by {moment[:10]}"), d=path)


def _streak(streak: Mapping[str, Any] | None, scale: Scale) -> Content:
    """The run that nothing has ended yet, as a band on the ground."""
    if streak is None:
        return None
    reports = f"{streak['reports']:,} report{'s' if streak['reports'] != 1 else ''}"
    y = str(axes.GROUND)
    return el(
        "line",
        el("title", f"{reports} at or above 100%, {streak['first'][:10]} to {streak['last'][:10]}"),
        x1=str(scale.x(streak["first"])),
        x2=str(scale.x(streak["last"])),
        y1=y,
        y2=y,
        class_="streak",
    )


def _last(series: Sequence[Point], scale: Scale) -> Content:
    """The last report's ratio in figures, at its height."""
    point = series[-1]
    if not _drawn(point):
        return None
    y = scale.y(parse_decimal(point["ratio"]))
    return el("text", percent(point["ratio"]), x=str(axes.RIGHT + 70), y=str(y + 38), class_="last")


def _scale(series: Sequence[Point], missing: Sequence[str]) -> Scale:
    return Scale.fitting(
        (parse_decimal(point["ratio"]) for point in series if _drawn(point)), _moments(series, missing)
    )


def _drawn(point: Point) -> bool:
    """Whether it stands at the height of its ratio."""
    return point["standing"] != "NOT_SHOWN" and point["ratio"] is not None


def _day(point: Point) -> str:
    day: str = point["asOf"][:10]
    return day


def _ratio(known: tuple[Fraction, Point]) -> Fraction:
    return known[0]
