"""How much was shown of several reports: the six criteria of each score beside each other, and what stands beside it.

The sums do not stand there: a sum is no place in an order, and has no colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from scanner.report.cells import NOTHING
from scanner.report.element import Content, Element, el
from scanner.report.score_words import TITLES, UNVERIFIED, beside
from scanner.report.site import shell
from scanner.report.site.nearest import Comparison, DatedReport
from scanner.report.site.permanent import score_id
from scanner.report.site.shell import Site
from scanner.weighing.moments import duration


def criteria(site: Site, of: Comparison) -> Content:
    """The section; None where the site has no scores."""
    scores = {
        (exchange["exchange"], score["claim"]): score
        for exchange in (site.scores or {}).get("exchanges", ())
        for score in exchange["scores"]
    }
    found = [
        (report, each["attestation"], scores[report.exchange, each["claim"]])
        for report in of.near
        for each in report.attestations
        if (report.exchange, each["claim"]) in scores
    ]
    if not found:
        return None
    scored = [(report, score) for report, attestation, score in found if attestation in score["attestations"]]
    others = [report for report, attestation, score in found if attestation not in score["attestations"]]
    headings = ("Exchange", *(f"{number} {title}" for number, title in enumerate(TITLES.values(), 1)), "Blocks apart")
    rows = [_criteria(report, score) for report, score in scored]
    return el(
        "section",
        el("h2", "How much was shown of each", id="shown"),
        el(
            "p",
            "Six criteria of what was shown, not of what is held; in each the lowest coin counts. Their sum stands on"
            " each exchange's own page and not here: it is no place in an order.",
            class_="soft",
        ),
        shell.table("The criteria of each report", headings, rows, ()) if rows else None,
        *(
            el(
                "p",
                f"{shell.name(report.exchange)}: the score of its claim is of another finding than its report here.",
            )
            for report in others
        ),
        *(_standing_beside(report, score) for report, score in scored),
        aria_labelledby="shown",
    )


def _criteria(report: DatedReport, score: Mapping[str, Any]) -> Sequence[Content]:
    skew = score["beside"]["skew"]
    which = f", claim {score['claim'].removeprefix('sha256:')[:12]}" if len(report.attestations) > 1 else ""
    place = f"../{shell.exchange_file(report.exchange)}#{score_id(score['claim'])}"
    return (
        el("a", f"{shell.name(report.exchange)}{which}", href=place),
        *(each["points"] for each in score["criteria"]),
        NOTHING if skew is None else duration(timedelta(seconds=skew["seconds"])),
    )


def _standing_beside(report: DatedReport, score: Mapping[str, Any]) -> Element:
    sentences = beside(score) if score["verified"] else iter([UNVERIFIED])
    listed = [el("li", *shell.prose(f"{each[0].upper()}{each[1:]}.")) for each in sentences]
    return el("details", el("summary", f"{shell.name(report.exchange)}: what stands beside it"), el("ul", *listed))
