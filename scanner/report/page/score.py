"""How much was shown of the report, by the score that its maker worked out from a history: no part of what was signed.

A page knows no other report of the exchange and no key of its reader's, so it has a score only where one is given; else
one line says how to come by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.report.cells import moment
from scanner.report.element import Content, Element, el
from scanner.report.page.lists import cell, table
from scanner.report.score_words import JUDGEMENT, TITLES, beside, figures, points_of, raising

_COLUMNS: Final = (
    ("Criterion", "word"),
    ("Points", "word"),
    ("Figures of the lowest coin", "word"),
    ("What would raise it", "word"),
)
_HOW: Final = "scanner show attestation.dsse.json --html page.html --history FILE --auditor PUB"


@dataclass(frozen=True, slots=True)
class ShownScore:
    """The score of the claim, and whose signatures it counts as auditors'."""

    score: Mapping[str, Any]  # one of `scanner score --json`
    auditors: tuple[str, ...]  # SHA-256 of their keys; empty where none was named


def shown_score(scores: Mapping[str, Any], attestation: str) -> ShownScore | None:
    """The score of an attestation's claim, out of what `scanner score --json` prints; None if there is none,
    or if it is of another finding than the attestation's. By the SHA-256 of its envelope."""
    listed = (score for exchange in scores["exchanges"] for score in exchange["scores"])
    found = next((score for score in listed if attestation in score["attestations"]), None)
    return None if found is None else ShownScore(found, tuple(scores["auditors"] or ()))


def score_section(of: ShownScore) -> Element:
    """The sum, each criterion with its figures and what would raise it, and what stands beside it."""
    score = of.score
    return el(  # the class: the page's script then does not say that nothing was
        "section",
        el("h2", "How much was shown", id="score"),
        el(
            "p",
            el("strong", points_of(score["sum"], score["of"])),
            f" as of {moment(score['asOf'])}, by six criteria of stated formulas, in each of which the lowest coin"
            " counts. It is a sum of what was shown, not of what is held.",
        ),
        table("The six criteria", _COLUMNS, [_row(number, each) for number, each in enumerate(score["criteria"], 1)]),
        el("details", el("summary", "Beside the sum, never in it"), _list(beside(score))),
        el("p", JUDGEMENT, class_="remark"),
        *_auditors(of),
        el(
            "p",
            "It was worked out when the page was made, from a history of the exchange's reports that the page does not"
            " have, and is not checked in your browser.",
            class_="remark",
        ),
        aria_labelledby="score",
        class_="added",
    )


def how_to_score() -> tuple[Content, ...]:
    """How a page comes to have one."""
    return (
        "How much of it was shown is scored with a history of the exchange's reports and the auditors' keys that you"
        " name: ",
        el("code", _HOW, class_="command"),
    )


def _row(number: int, of: Mapping[str, Any]) -> Element:
    lacking = [*raising(of)]
    return el(
        "tr",
        el("th", f"{number} {TITLES[of['criterion']]}", scope="row"),
        cell(of["points"]),
        cell(figures(of) or "none"),
        cell(_list(lacking) if lacking else "nothing"),
    )


def _auditors(of: ShownScore) -> tuple[Element, ...]:
    if not of.auditors:
        return (el("p", "The maker of this page names no key as an auditor's.", class_="remark"),)
    named = [el("li", el("code", keyid)) for keyid in of.auditors]
    return (
        el("p", "Keys that the maker of this page takes for auditors':", class_="remark"),
        el("ul", *named),
    )


def _list(sentences: Iterable[str]) -> Element:
    return el("ul", *(el("li", f"{each[0].upper()}{each[1:]}.") for each in sentences))
