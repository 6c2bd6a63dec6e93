"""The first screen: whose reserves, as of when, the verdict, whether the page was checked, and the units weighed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.report.element import Content, Element, el
from scanner.report.page.bars import bar
from scanner.report.page.legend import legend
from scanner.report.page.links import NONE, Links, report
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import MEANINGS, low_threshold, not_covered

UNCHECKED: Final = (
    "Nothing on this page was checked. It can check itself in your browser, with JavaScript, which does not run here."
)

_COLUMNS: Final = ("Coin", "Held", "Owed", "Ratio", "Verdict", "Stated", "Basis", "Control", "Read")
_SYMBOLS: Final = {"COVERED": "✓", "SHORT": "✗", "UNKNOWN": "?"}


def header(said: SignedValue, links: Links = NONE) -> Element:
    """Exchange, moment, verdict with the answer in one sentence, and the line that says what became of the check."""
    finding = said["finding"]
    verdict = finding["verdict"]
    return el(
        "header",
        el("p", "Proof of reserves", class_="kind"),
        el("h1", finding["exchange"].shown("name")),
        el("p", *_as_of(finding), class_="moment"),
        el(
            "p",
            verdict_shown(verdict),
            el("span", finding.shown("answer")),
            class_=f"overall {verdict.value.lower()}",
        ),
        *_low_threshold(finding),
        *report(links),
        status(),
    )


def status() -> Element:
    """The line that says what became of the checks."""
    return el(
        "p",
        el("strong", "Not checked.", id="status-word"),
        " ",
        el("span", UNCHECKED, id="status-text"),
        " ",
        el("a", "What was checked", href="#checking"),
        id="status",
        class_="status open",
        role="status",
    )


def _as_of(finding: SignedValue) -> tuple[Content, ...]:
    """Of when it is; of what is owed too, where that was stated of an earlier moment."""
    if finding["owedAsOf"].value == finding["asOf"].value:
        return "What was held and owed as of ", finding["asOf"].shown("moment")
    return (
        *("What was held as of ", finding["asOf"].shown("moment"), ", when it was scanned between two reports,"),
        *(" and what was owed as of ", finding["owedAsOf"].shown("moment")),
    )


def _low_threshold(finding: SignedValue) -> Iterator[Element]:
    """What COVERED means here, where it means less than all."""
    sentence = low_threshold(finding.value)
    if sentence is not None:
        yield el("p", el("strong", sentence), class_="remark")


def units(said: SignedValue) -> Element:
    """One row a unit. On narrow screens rows become cards, so every cell says what it is."""
    finding = said["finding"]
    threshold = finding["policy"]["threshold"]
    complete = finding["complete"].value
    rows = [_row(reserve, threshold.value, complete=complete) for reserve in finding["reserves"]]
    return el(
        "section",
        el("h2", "Held and owed, coin by coin", id="units"),
        el(
            "div",
            el(
                "table",
                el("caption", "Each coin that the exchange owes. Figures are cut, never rounded up.", class_="aloud"),
                el("thead", el("tr", *map(_heading, _COLUMNS), role="row"), role="rowgroup"),
                el("tbody", *rows, role="rowgroup"),
                class_="units",
                role="table",
            ),
            class_="sheet",
        ),
        legend(finding),
        *_rests(finding),
        *_moments(finding),
        *_gaps_matter(finding),
        *_bounds_matter(finding),
        aria_labelledby="units",
    )


def exact(said: SignedValue) -> Element:
    """The same amounts with every decimal, folded away."""
    columns = ("held", "owed", "proven", "quorum", "own", "claimed", "custody")
    rows = [
        el("tr", el("th", reserve["unit"].shown("unit"), scope="row"), *(_exact(reserve[name]) for name in columns))
        for reserve in said["finding"]["reserves"]
    ]
    heads = [el("th", name.capitalize(), scope="col", class_="figure") for name in columns]
    return el(
        "details",
        el("summary", "The same figures with every decimal"),
        el(
            "div",
            el(
                "table",
                el(
                    "caption",
                    "Whole coins. Held is the sum of what is proven, what a quorum of operators agreed on, and what the"
                    " auditor's own nodes reported.",
                ),
                el("thead", el("tr", el("th", "Coin", scope="col"), *heads)),
                el("tbody", *rows),
            ),
            class_="wide",
            role="region",
            tabindex="0",
            aria_label="Exact figures",
        ),
    )


def verdict_shown(verdict: SignedValue) -> Element:
    """A verdict, by a word and a sign."""
    return el(
        "strong",
        el("span", _SYMBOLS[verdict.value], aria_hidden="true", class_="symbol"),
        " ",
        verdict.shown("name"),
        class_=f"verdict {verdict.value.lower()}",
    )


def _heading(name: str) -> Element:
    figures = {"Held", "Owed"}
    ticks: tuple[Content, ...] = ()
    if name == "Ratio":
        ticks = tuple(el("span", f"{tick}%", class_=f"tick at{tick}", aria_hidden="true") for tick in (90, 100))
    kind = "figure" if name in figures else name.lower()
    return el("th", name, *ticks, scope="col", class_=kind, role="columnheader")


def _row(reserve: SignedValue, threshold: str, *, complete: bool) -> Element:
    because = _because(reserve, complete=complete)
    cells: dict[str, tuple[str, tuple[Content, ...]]] = {
        "Held": ("figure", (reserve.shown("held"),)),
        "Owed": ("figure", (reserve["owed"].shown("owed"),)),
        "Ratio": ("ratio", (reserve.shown("ratio"), bar(reserve, threshold), because)),
        "Verdict": ("judged", (verdict_shown(reserve["verdict"]),)),
        "Stated": ("word", (reserve.shown("stated"),)),
        "Basis": ("word", (reserve.shown("basis"),)),
        "Control": ("word", (reserve.shown("control"),)),
        "Read": ("word read", (reserve.shown("established"),)),
    }
    return el(
        "tr",
        el("th", reserve["unit"].shown("unit"), scope="row", role="rowheader"),
        *(_cell(name, kind, content) for name, (kind, content) in cells.items()),
        role="row",
        class_=reserve["verdict"].value.lower(),
    )


def _because(reserve: SignedValue, *, complete: bool) -> Content:
    """Why a unit is not covered, where the figures alone do not say."""
    reason = not_covered(reserve.value, complete=complete)
    word = "Short" if reserve.value["verdict"] == "SHORT" else "No verdict"
    return reason and el("span", f"{word}: {reason}.", class_="because")


def _cell(name: str, kind: str, content: tuple[Content, ...]) -> Element:
    """The name is drawn by the style sheet on narrow screens; readers aloud have it from the column."""
    return el("td", el("span", name, class_="label", aria_hidden="true"), *content, class_=kind, role="cell")


def _exact(amount: SignedValue) -> Element:
    return el("td", amount.shown("exact"), class_="figure")


def _rests(finding: SignedValue) -> Iterator[Element]:
    """What both halves of each unit's ratio rest on."""
    sentences = [
        el("li", reserve["unit"].shown("unit"), " ", reserve.shown("rests"), ".") for reserve in finding["reserves"]
    ]
    if sentences:
        yield el("ul", *sentences, class_="rests")
    meanings = [
        text for basis, text in MEANINGS.items() if any(reserve[basis].value != "0" for reserve in finding["reserves"])
    ]
    if meanings:
        yield el("p", " ".join(meanings), class_="remark")


def _moments(finding: SignedValue) -> Iterator[Element]:
    """Why no verdict is given on a unit, and how far the blocks of the others lie apart."""
    for reserve in finding["reserves"]:
        for reason in reserve["withheld"]:
            yield el(
                "p",
                reserve["unit"].shown("unit"),
                ": ",
                reason["why"].shown("name"),
                ", ",
                reason["detail"].shown("text"),
                ".",
                class_="remark",
            )
        blocks = reserve["blocks"]
        if blocks.value is not None and blocks["first"].value != blocks["last"].value:
            yield el(
                "p",
                reserve["unit"].shown("unit"),
                " is weighed at blocks from ",
                blocks["first"].shown("moment"),
                " to ",
                blocks["last"].shown("moment"),
                ". Coins that crossed from one chain to another in between may stand twice, or not at all.",
                class_="remark",
            )


def _gaps_matter(finding: SignedValue) -> tuple[Content, ...]:
    if not finding["gapCounts"].value:
        return ()
    return (
        el(
            "p",
            finding["gapCounts"].shown("total"),
            " of ",
            finding["coverage"].shown("holdings"),
            " balances could not be established. Nothing is counted for them, so what is held may be more. ",
            el("a", "Which, and why", href="#gaps"),
            class_="remark",
        ),
    )


def _bounds_matter(finding: SignedValue) -> Iterator[Element]:
    for reserve in finding["reserves"]:
        if reserve["atLeast"].value:
            yield el(
                "p",
                reserve["unit"].shown("unit"),
                ": of ",
                reserve["atLeast"].shown("number"),
                " of the balances only a lower bound is known, so what is held may be more.",
                class_="remark",
            )
