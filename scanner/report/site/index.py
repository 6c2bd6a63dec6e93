"""The index: each exchange with its last report, and each unit's ratio and run of reports, at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanner.report.cells import moment
from scanner.report.element import Content, Element, el
from scanner.report.log_table import ratio_of, remarks
from scanner.report.site import shell
from scanner.report.site.chart import spark
from scanner.report.site.compare import compare_link
from scanner.report.site.nearest import Comparison
from scanner.report.site.permanent import unit_id
from scanner.report.site.shell import Site

_SHOWN: Final = 8  # units of one exchange
_LATEST: Final = 12  # series and claims together
_LEGEND: Final = (
    "In the small charts the line is 100% of what is owed. ● is the last report, if at or above it; ■ is any report"
    " below it on complete evidence, ◇ one not shown to be either; the curve breaks where a report is missing. ≥ stands"
    " before a ratio that may be higher."
)


def index(site: Site, compared: Sequence[Comparison] = ()) -> bytes:
    """The page. `compared`: the moments at which exchanges stand beside each other, in their order."""
    exchanges = site.summary["exchanges"]
    count = sum(exchange["reports"] for exchange in exchanges)
    return shell.page(
        site,
        shell.INDEX,
        site.title,
        el("h1", site.title),
        el(
            "p",
            f"{count:,} reports of {len(exchanges):,} exchanges: what each held of what it owed, read from the chains,"
            " signed, and kept.",
            class_="lead",
        ),
        compare_link(compared),
        el("div", *map(_card, exchanges), class_="cards") if exchanges else el("p", "No report has been added yet."),
        el("p", _LEGEND, class_="soft legend") if exchanges else None,
        _several(site),
    )


def _several(site: Site) -> Content:
    """Series and claims together: the latest, and every one that no exchange's page leads to."""
    paged = {exchange["exchange"] for exchange in site.summary["exchanges"]}
    several = site.summary["several"]
    shown = [each for each in several if each in several[-_LATEST:] or not paged & {*each["exchanges"]}]
    if not shown:
        return None
    items = [
        el(
            "li",
            el("a", " and ".join(map(shell.name, each["exchanges"])), href=shell.statement_file(each["statement"])),
            f": {_what(each)}",
        )
        for each in reversed(shown)
    ]
    more = len(several) - len(shown)
    return el(
        "section",
        el("h2", "Before, after, and together", id="several"),
        el("p", "What was held around a report, and what several exchanges held at the same moments.", class_="soft"),
        el("ul", *items),
        el("p", f"{more:,} more stand on the exchanges' pages.", class_="soft") if more else None,
        aria_labelledby="several",
    )


def _what(each: Mapping[str, Any]) -> str:
    if each["of"] == "series":
        return f"held before and after {moment(each['series']['asOf'])}"
    units = (f"{shell.name(unit['unit'])} {unit['verdict']}" for unit in each["together"]["units"])
    return f"together, {', '.join(units)}"


def last_counted(exchange: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The last attestation that counts; None where none does."""
    counted = [each for each in exchange["attestations"] if each["counts"]]
    return counted[-1] if counted else None


def _card(exchange: Mapping[str, Any]) -> Element:
    name, path = shell.name(exchange["exchange"]), shell.exchange_file(exchange["exchange"])
    last = last_counted(exchange)
    head: Sequence[Element] = (el("h2", el("a", name, href=path)),)
    if last is None:
        return el("article", *head, el("p", "None of its reports was verified yet.", class_="soft"), class_="card")
    notes = "; ".join(remarks(last))
    shown = exchange["units"][:_SHOWN]
    missing = shell.missing(exchange)
    rows = [
        el(
            "tr",
            el(
                "th",
                el("a", shell.name(unit["unit"]), href=f"{path}#{unit_id(unit['unit'])}"),
                scope="row",
                role="rowheader",
            ),
            el("td", spark(unit["series"], missing), class_="drawn", role="cell"),
            el("td", ratio_of(unit["series"][-1]), class_="figure", role="cell"),
            el("td", *_run(unit), class_="soft run", role="cell"),
            role="row",
        )
        for unit in shown
    ]
    more = len(exchange["units"]) - len(shown)
    headings = [
        el("th", "Coin", scope="col", role="columnheader"),
        el("th", "Over time, line at 100%", scope="col", role="columnheader"),
        el("th", "Last", scope="col", class_="figure", role="columnheader"),
        el("th", "At or above 100%", scope="col", role="columnheader"),
    ]
    return el(
        "article",
        *head,
        el(
            "p",
            shell.verdict(last["verdict"]),
            " as of ",
            shell.day(last["asOf"]),
            f". {exchange['reports']:,} report{'s' if exchange['reports'] != 1 else ''} since ",
            shell.day(exchange["first"]),
            ".",
            class_="soft",
        ),
        el("p", f"Note: {notes}", class_="soft") if notes else None,
        el(
            "div",
            el(
                "table",
                el("caption", f"{name}: last ratios", class_="aloud"),
                el("thead", el("tr", *headings, role="row"), role="rowgroup"),
                el("tbody", *rows, role="rowgroup"),
                class_="glance",
                role="table",
            ),
            class_="wide",
        ),
        el("p", el("a", f"and {more:,} more coins", href=path)) if more > 0 else None,
        class_="card",
    )


def _run(unit: Mapping[str, Any]) -> tuple[Content, ...]:
    run, last = unit["streak"], unit["series"][-1]
    if run is not None:
        narrow = el("span", " at or above 100%", class_="label", aria_hidden="true")  # the column's heading
        return f"{run['reports']:,} in a row", narrow, ", since ", shell.day(run["first"])
    if last["standing"] == "BELOW":
        return (el("strong", "below 100%", class_="short"),)
    return ("not shown" if last["standing"] == "NOT_SHOWN" else "a report is missing",)
