"""A series on the site: what lasted in sentences, a chart for each unit, and what was held at each moment.

The words and figures are those of the terminal's table (`report.series_table`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from scanner.report.cells import NOTHING, amount, moment, signed
from scanner.report.element import Content, Element, el
from scanner.report.series_chart import series_chart, series_legend
from scanner.report.series_points import nearest, owed_of, points_of, units_of
from scanner.report.series_table import CAVEAT, looked_at, of_share, sentence, sentences
from scanner.report.site import shell
from scanner.report.site.permanent import to_itself, unit_id
from scanner.report.site.shell import Site
from scanner.weighing.moments import duration

_WITH_CHARTS: Final = 3  # series of one moment


def series_section(site: Site, exchange: str) -> Content:
    """The series around the exchange's last moment that has any, and all others in a list; None where there is none."""
    found = shell.series_of(site, exchange)
    if not found:
        return None
    last = [each for each in found if each["series"]["asOf"] == found[0]["series"]["asOf"]][:_WITH_CHARTS]
    return el(
        "section",
        el("h2", "Held before and after a report", id="series"),
        el(
            "p",
            "The same accounts, read at moments that neither the exchange nor the signer could choose. It stands beside"
            " the verdicts, and changes none.",
            class_="soft",
        ),
        *(part for each in last for part in _of_one(each)),
        _others([each for each in found if each not in last]),
        aria_labelledby="series",
    )


def series_note(site: Site, exchange: str) -> Content:
    """What has to be known beside the last verdict: that a part of what was held did not last; None where none was
    found, or no series is of that report."""
    last = [each["series"] for each in shell.series_of(site, exchange)]
    found = [
        (one["unit"], series)
        for series in last
        if series["asOf"] == last[0]["asOf"]
        for one in series["sustained"]
        if one["shows"] == "FOUND"
    ]
    if not found:
        return None
    units = ", ".join(shell.name(unit) for unit in dict.fromkeys(unit for unit, _ in found))
    of_parts = dict.fromkeys(text for _, series in found for text in of_share(series["share"]))
    return el(
        "p",
        f"{units}: a part of what was held at {moment(last[0]['asOf'])} was not there at sampled blocks before it, nor"
        " after it. ",
        *(f"{text} " for text in of_parts),
        el("a", "Held before and after a report", href="#series"),
        class_="warned",
    )


def series_parts(series: Mapping[str, Any], key: str = "") -> Iterator[Content]:
    """All of one series. `key` stands before the ids, which it makes unique where several series are on the page."""
    yield el("p", *shell.prose(f"{looked_at(series)}."))
    yield from (el("p", text, class_="warned") for text in of_share(series["share"]))
    units = units_of(series)
    yield el("div", *(_figure(series, unit, f"{key}{unit_id(unit)}") for unit in units), class_="charts")
    if any(series_chart(series, unit, "", "") is not None for unit in units):
        yield series_legend(series, units)
    yield _moments(series, units)
    yield _later(series)
    yield el("p", CAVEAT, class_="soft")


def _of_one(each: Mapping[str, Any]) -> Iterator[Content]:
    series = each["series"]
    yield el("h3", "Around ", _link(each))
    yield from series_parts(series, f"series-{each['statement']}-")


def _figure(series: Mapping[str, Any], unit: str, key: str) -> Element:
    windows = [each for each in series["sustained"] if each["unit"] == unit]
    name = shell.name(unit)
    drawn = series_chart(series, unit, name, key)
    owed = owed_of(series, unit)
    return el(
        "figure",
        el(
            "figcaption",
            el("h4", to_itself(key, name)),
            *(el("p", sentence(each), class_="warned" if each["shows"] == "FOUND" else None) for each in windows),
            None if windows else el("p", "No window lies on both sides of the claim's moment: what lasted is unknown."),
            el("p", f"No chart: {_undrawn(owed)}.") if drawn is None else None,
        ),
        drawn,
        id=key,
    )


def _undrawn(owed: str | None) -> str:
    if owed is None:
        return "what is owed is not stated"
    return "nothing is owed" if owed == "0" else "no ratio could be established"


def _moments(series: Mapping[str, Any], units: Sequence[str]) -> Element:
    shown = {point["at"] for point in nearest(series)}
    points = {unit: {each.at: each for each in points_of(series, unit)} for unit in units}
    rows: list[Sequence[Content]] = []
    for at in sorted(shown):
        own = el("strong", f"{moment(at)} *") if at == series["asOf"] else el("time", moment(at), datetime=at)
        rows.append((own, *(part for unit in units for part in _held(points[unit][at]))))
    headings = ("Moment", *(part for unit in units for part in (f"{shell.name(unit)} held", "Of owed")))
    more = len(series["points"]) - len(shown)
    remark = f"* the claim's own moment.{f' {more:,} more moments stand in the statement.' if more else ''}"
    table = shell.table("Held at each moment, in whole coins", headings, rows, range(1, len(headings)))
    summary = el("summary", f"Held at each of {len(shown):,} moments")
    return el("details", summary, table, el("p", remark, class_="soft"))


def _held(point: Any) -> tuple[str, str]:
    return point.held_in_figures, point.ratio_in_figures


def _later(series: Mapping[str, Any]) -> Content:
    if not series["later"]:
        return None
    rows = [
        (
            shell.name(each["unit"]),
            duration(timedelta(seconds=each["after"])),
            NOTHING if each["held"] is None else amount(each["held"]),
            NOTHING if each["change"] is None else signed(each["change"]),
        )
        for each in series["later"]
    ]
    return shell.table("After the claim's moment", ("Coin", "After", "Held", "Change"), rows, range(2, 4))


def _others(others: Sequence[Mapping[str, Any]]) -> Content:
    if not others:
        return None
    items = [el("li", _link(each), *(el("p", text) for text in sentences(each["series"]))) for each in others]
    return el("details", el("summary", f"Other series: {len(others):,}"), el("ul", *items, class_="changes"))


def _link(each: Mapping[str, Any]) -> Element:
    return el("a", moment(each["series"]["asOf"]), href=f"../{shell.statement_file(each['statement'])}")
