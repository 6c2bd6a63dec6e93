"""What the page of a series shows: what lasted, coin by coin and drawn, and what was held at each moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.report.element import Content, Element, el
from scanner.report.page.headline import status
from scanner.report.page.limits import limits
from scanner.report.page.lists import cell, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.page.terms import policy_terms, signers
from scanner.report.series_chart import series_chart, series_legend
from scanner.report.series_table import CAVEAT

NO_DRAWING: Final = (
    "The charts are drawn from these figures where the page is made. Your browser works the figures out again, not the"
    " drawing."
)

_SHOWS: Final = (
    "At the sampled moments, the claim's accounts held the stated amounts: as each moment's own statement and evidence"
    " have it, whose digests are signed here.",
    "That the signers did not choose these moments, once the blocks that drew them are known to be the chain's.",
    "How much of what was held at the claim's moment was there at every sampled moment before it, or at every one"
    " after it.",
)
_DOES_NOT: Final = (
    "What was held between the sampled moments.",
    "Whose coins they were, or where they came from.",
    "What was owed at another moment than the claim's own: all are compared with what it states for that.",
    "That every liability is stated. It is no audit, and no opinion on solvency.",
)


def title(predicate: Mapping[str, Any], name: str) -> str:
    """What the browser's window is called; `name` is the exchange's."""
    return f"{name}: reserves before and after {predicate['series']['asOf'][:10]}"


def parts(said: SignedValue, means: Element) -> Iterator[Element | None]:
    """All of the page, in order."""
    series = said["series"]
    yield el(
        "header",
        el("p", "Reserves before and after a report", class_="kind"),
        el("h1", series["exchange"].shown("name")),
        el("p", "What was held around ", series["asOf"].shown("moment"), ", the claim's moment", class_="moment"),
        status(),
    )
    yield _lasting(series)
    yield _points(series)
    yield means
    yield _stretches(series)
    yield _terms(said)
    yield limits(_SHOWS, _DOES_NOT)


def _lasting(series: SignedValue) -> Element:
    own = next(point for point in series["points"] if point["at"].value == series["asOf"].value)
    units = [unit["unit"].value for unit in own["units"]]
    share = series["share"]
    return el(
        "section",
        el("h2", "What lasted", id="lasting"),
        el("p", series.shown("looked"), "."),
        el("p", el("strong", share.shown("part"))) if share.value is not None else None,
        *(_unit(series, unit, number) for number, unit in enumerate(own["units"])),
        series_legend(series.value, units) if units else None,
        el("p", NO_DRAWING, class_="remark") if units else None,
        *_later(series),
        el("p", CAVEAT, class_="remark"),
        aria_labelledby="lasting",
    )


def _unit(series: SignedValue, unit: SignedValue, number: int) -> Element:
    name = unit["unit"].value
    windows = [each for each in series["sustained"] if each["unit"].value == name]
    shown = unit["unit"].shown("unit")
    chart = series_chart(series.value, name, str(number), f"chart{number}")
    return el(
        "div",
        el("h3", shown),
        *(el("p", each.shown("lasting"), class_=f"lasting {each['shows'].value.lower()}") for each in windows),
        None if windows else el("p", "No window lies on both sides of the claim's moment: what lasted is unknown."),
        chart or el("p", "No chart: no ratio to what is owed could be established.", class_="remark"),
        class_="drawn",
    )


def _later(series: SignedValue) -> Iterator[Element]:
    rows = [
        el(
            "tr",
            cell(each["unit"].shown("unit")),
            cell(each["after"].shown("length")),
            cell(each["held"].shown("later"), kind="figure"),
            cell(each["change"].shown("change"), kind="figure"),
        )
        for each in series["later"]
    ]
    if rows:
        yield table(
            "After the claim's moment, in whole coins",
            (("Coin", "word"), ("After", "word"), ("Held", "figure"), ("Change", "figure")),
            rows,
        )


def _points(series: SignedValue) -> Element:
    rows = [
        el(
            "tr",
            cell(point["at"].shown("moment"), " *" if point["at"].value == series["asOf"].value else None),
            cell(unit["unit"].shown("unit")),
            cell(unit.shown("sampled"), kind="figure"),
            cell(unit.shown("lacks")),
        )
        for point in series["points"]
        for unit in point["units"]
    ]
    columns = (("Moment", "word"), ("Coin", "word"), ("Held", "figure"), ("Lacking", "word"))
    digests = [
        el("li", point["at"].shown("moment"), el("br"), el("code", point["statement"].shown("name")))
        for point in series["points"]
    ]
    return el(
        "section",
        el("h2", "Held at each moment", id="points-held"),
        el("p", "≥ stands before an amount of which there may be more. What was not read is no zero."),
        el(
            "details",
            el("summary", f"{len(series['points'].value):,} moments"),
            table("In whole coins; * the claim's own moment", columns, rows),
        ),
        el("details", el("summary", "Their statements, by digest"), el("ul", *digests)),
        aria_labelledby="points-held",
    )


def _stretches(series: SignedValue) -> Element:
    rows = [_stretch(each) for each in series["stretches"]]
    columns = (("Stretch from", "word"), ("Moment", "word"), ("Drawn by block", "word"))
    return el(
        "section",
        el("h2", "How the moments were drawn", id="drawn"),
        el(
            "p",
            "In each stretch one moment is drawn by the hash of the last block at or before its end: before the stretch"
            " is over no one knows it. Compare these hashes with a node's or an explorer's: they decide where was"
            " looked.",
        ),
        el(
            "details",
            el("summary", f"{len(rows):,} stretches"),
            table("Blocks of the chain that draws", columns, rows),
        ),
        aria_labelledby="drawn",
    )


def _stretch(stretch: SignedValue) -> Element:
    block = stretch["block"]
    named: tuple[Content, ...] = ("operators did not agree on it",)
    if block.value is not None:
        named = (block["height"].shown("number"), el("br"), el("code", block["hash"].shown("account")))
    return el("tr", cell(stretch["start"].shown("moment")), cell(stretch["moment"].shown("drawn")), cell(*named))


def _terms(said: SignedValue) -> Element:
    series, run = said["series"], said["run"]
    terms: list[tuple[str, tuple[Content, ...]]] = [
        *policy_terms(series["policy"]),
        ("All accounts that are declared", (series["complete"].shown("declared"),)),
        ("Drawn by", (el("code", series["schedule"]["chain"].shown("name")),)),
        ("Scanned", (run["scannedAt"].shown("moment"), " by reserve-scanner ", run["scanner"].shown("name"))),
        ("Claim", (el("code", series["claim"].shown("name")),)),
        ("Signed by", signers(said)),
    ]
    return el(
        "section",
        el("h2", "How it was judged", id="terms"),
        el("dl", *(part for name, text in terms for part in (el("dt", name), el("dd", *text)))),
        aria_labelledby="terms",
    )
