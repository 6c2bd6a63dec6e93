"""How much was shown of an exchange's last report, or of one attestation, criterion by criterion, with what would raise
it.

On the exchange's own pages, and on no page where several exchanges stand together: a sum is no place in an order, and
has no colour. The words are those of the terminal (`report.score_words`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.report.cells import moment, plain
from scanner.report.element import Content, Element, el
from scanner.report.score_words import (
    JUDGEMENT,
    TITLES,
    UNVERIFIED,
    beside,
    figures,
    others,
    points_of,
    raising,
)
from scanner.report.site import shell
from scanner.report.site.permanent import score_id, to_itself
from scanner.report.site.shell import Site

_OTHER: Final = "This score is of another finding on its claim than the one whose verdict stands on top."


def score(site: Site, exchange: str, counted: Mapping[str, Any] | None) -> Content:
    """The section of the exchange's last report; None where there is no report to be scored. `counted`: the attestation
    whose verdict stands on top of the page."""
    found = _scores(site, exchange)
    if not found:
        return None
    last = [each for each in found if each["asOf"] == found[-1]["asOf"]]
    title, earlier = "How much was shown of the last report", _earlier(found[: -len(last)])
    return _section(site, title, last, earlier, lasting=True, counted=counted)


def score_of(site: Site, exchange: str, attestation: str) -> Content:
    """The section of one attestation, if the score of its claim is of its finding; else None."""
    found = [each for each in _scores(site, exchange) if attestation in each["attestations"]]
    return _section(site, "How much was shown of it", found) if found else None


def _scores(site: Site, exchange: str) -> Sequence[Mapping[str, Any]]:
    scores = (site.scores or {}).get("exchanges", ())
    return next((each["scores"] for each in scores if each["exchange"] == exchange), ())


def _section(
    site: Site,
    title: str,
    shown: Sequence[Mapping[str, Any]],
    *more: Content,
    lasting: bool = False,
    counted: Mapping[str, Any] | None = None,
) -> Element:
    """`lasting`: links may lead to each score here, which goes to another page never. `counted`: whose verdict stands
    above."""
    return el(
        "section",
        el("h2", title, id="score"),
        el(
            "p",
            "Six criteria, each 0, 1/2, 1 or NOT SHOWN by a stated formula; in each the lowest coin counts. It is a sum"
            " of what was shown, not of what is held: a shortfall that is shown in full counts as much as a surplus.",
            class_="soft",
        ),
        *(part for each in shown for part in _of_claim(each, score_id(each["claim"]) if lasting else None, counted)),
        *more,
        el("p", JUDGEMENT, class_="soft"),
        _auditors((site.scores or {}).get("auditors")),
        class_="score",
        aria_labelledby="score",
    )


def _of_claim(of: Mapping[str, Any], place: str | None, counted: Mapping[str, Any] | None) -> Iterator[Element]:
    claim, points = of["claim"].removeprefix("sha256:")[:12], points_of(of["sum"], of["of"])
    yield el(
        "p",
        el("strong", to_itself(place, points) if place else points),
        " as of ",
        el("time", moment(of["asOf"]), datetime=of["asOf"]),
        f", claim {claim}. {'' if of['verified'] else UNVERIFIED}",
        id=place,
    )
    if counted and counted["claim"] == of["claim"] and counted["attestation"] not in of["attestations"]:
        yield el("p", _OTHER)
    rows = [_criterion(number, each) for number, each in enumerate(of["criteria"], 1)]
    headings = ("Criterion", "Points", "Figures of the lowest coin", "What would raise it")
    yield shell.table(f"The six criteria, claim {claim}", headings, rows, ())
    yield el("h3", "Beside the sum, never in it")
    yield _list(beside(of))
    rubric = plain(of["others"][0]["rubric"])
    yield el("details", el("summary", f"{rubric}: what of it the same evidence decides"), _list(others(of)))


def _criterion(number: int, of: Mapping[str, Any]) -> Sequence[Content]:
    lacking = [*raising(of)]
    return (
        f"{number} {TITLES[of['criterion']]}",
        of["points"],
        figures(of) or "none",
        _list(iter(lacking)) if lacking else "nothing",
    )


def _earlier(scores: Sequence[Mapping[str, Any]]) -> Content:
    if not scores:
        return None
    rows = [
        (shell.day(each["asOf"]), points_of(each["sum"], each["of"]), *(one["points"] for one in each["criteria"]))
        for each in reversed(scores)
    ]
    headings = ("As of", "Sum", *(TITLES[each["criterion"]] for each in scores[0]["criteria"]))
    places = [score_id(each["claim"]) for each in reversed(scores)]
    table = shell.table("Earlier reports", headings, rows, (), places)
    return el("details", el("summary", f"Earlier reports: {len(scores):,}"), table)


def _auditors(keyids: Sequence[str] | None) -> Element:
    if not keyids:
        return el("p", "The maker of this site names no key as an auditor's.", class_="soft")
    named = [el("li", el("code", keyid)) for keyid in keyids]
    return el("div", el("p", "Keys that the maker of this site takes for auditors':", class_="soft"), el("ul", *named))


def _list(sentences: Iterator[str]) -> Element:
    return el("ul", *(el("li", *shell.prose(f"{each[0].upper()}{each[1:]}.")) for each in sentences))
