"""What the page of claims together shows: the joint verdicts, and what was held at the moment of each claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.report.element import Content, Element, el
from scanner.report.page.headline import status, verdict_shown
from scanner.report.page.limits import limits
from scanner.report.page.lists import cell, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.page.terms import policy_terms, signers
from scanner.report.together_table import CAVEAT, JOINTLY, of_days, shared

_COLUMNS: Final = (
    ("Of", "word"),
    ("Coin", "word"),
    ("Held", "figure"),
    ("Owed", "figure"),
    ("With third parties", "figure"),
    ("In two claims", "figure"),
    ("Lacking", "word"),
    ("Verdict", "word"),
)
_SHOWS: Final = (
    "At the moment of each claim, the accounts of all of them held the stated amounts, an account in two claims once:"
    " as each moment's own statement and evidence have it, whose digests are signed here.",
    "How that compares with the sum of what the exchanges state that they owe.",
)
_DOES_NOT: Final = (
    "Who controls the accounts.",
    "Which of the exchanges lacks what lacks jointly, nor that any of them is insolvent.",
    "What was held at other moments. It is no audit, and no opinion on solvency.",
)


def title(predicate: Mapping[str, Any], name: str) -> str:
    """What the browser's window is called; `name` is the first exchange's."""
    others = len(predicate["together"]["claims"]) - 1
    return f"{name} and {others:,} more: reserves together"


def parts(said: SignedValue, means: Element) -> Iterator[Element | None]:
    """All of the page, in order."""
    together = said["together"]
    names = [part for claim in together["claims"] for part in (" and ", claim["exchange"].shown("name"))][1:]
    yield el(
        "header",
        el("p", "Reserves together", class_="kind"),
        el("h1", *names),
        *map(_overall, together["units"]),
        status(),
    )
    yield _points(together)
    yield means
    yield _terms(said)
    yield limits(_SHOWS, _DOES_NOT)


def _overall(unit: SignedValue) -> Element:
    verdict = unit["verdict"]
    return el("p", verdict_shown(verdict), unit.shown("jointly"), class_=f"overall {verdict.value.lower()}")


def _points(together: SignedValue) -> Element:
    return el(
        "section",
        el("h2", "Held at each moment", id="held"),
        el("p", of_days(together.value)),
        *(el("p", text) for text in shared(together.value)),
        *_shared(together),
        *(part for point in together["points"] for part in _point(point, together)),
        el("p", CAVEAT, class_="remark"),
        aria_labelledby="held",
    )


def _point(point: SignedValue, together: SignedValue) -> Iterator[Element]:
    names = {claim["claim"].value: claim["exchange"] for claim in together["claims"]}
    rows = [(names[alone["claim"].value].shown("name"), unit) for alone in point["alone"] for unit in alone["units"]]
    rows += [(el("strong", JOINTLY), unit) for unit in point["together"]]
    rows.sort(key=lambda row: str(row[1]["unit"].value))
    yield el("h3", point["at"].shown("moment"))
    yield table("In whole coins", _COLUMNS, [_row(name, unit) for name, unit in rows])
    yield el("p", "Its statement: ", el("code", point["statement"].shown("name")), class_="remark")


def _row(name: Element, unit: SignedValue) -> Element:
    verdict = unit["verdict"]
    twice: Content = unit["countedTwice"].shown("later") if "countedTwice" in unit.value else None
    return el(
        "tr",
        cell(name),
        cell(unit["unit"].shown("unit")),
        cell(unit.shown("sampled"), kind="figure"),
        cell(unit["owed"].shown("owed"), kind="figure"),
        cell(unit["custody"].shown("amount"), kind="figure"),
        cell(twice, kind="figure"),
        cell(unit.shown("lacks")),
        cell("–" if verdict.value is None else verdict_shown(verdict)),
    )


def _shared(together: SignedValue) -> Iterator[Element]:
    items = [
        el("li", el("code", each["asset"].shown("account")), ": ", each["accounts"].shown("number"))
        for each in together["shared"]
    ]
    if items:
        yield el("details", el("summary", "By asset"), el("ul", *items))


def _terms(said: SignedValue) -> Element:
    together, run = said["together"], said["run"]
    claims: list[tuple[Content, ...]] = [
        (
            *(claim["exchange"].shown("name"), ", as of ", claim["asOf"].shown("moment"), el("br")),
            *("All accounts that are declared: ", claim["complete"].shown("declared"), el("br")),
            el("code", claim["claim"].shown("name")),
        )
        for claim in together["claims"]
    ]
    terms: list[tuple[str, tuple[Content, ...]]] = [
        *policy_terms(together["policy"]),
        *(("Claim", text) for text in claims),
        ("Scanned", (run["scannedAt"].shown("moment"), " by reserve-scanner ", run["scanner"].shown("name"))),
        ("Signed by", signers(said)),
    ]
    return el(
        "section",
        el("h2", "How it was judged", id="terms"),
        el("dl", *(part for name, text in terms for part in (el("dt", name), el("dd", *text)))),
        aria_labelledby="terms",
    )
