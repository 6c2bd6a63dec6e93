"""What an attestation shows and what it does not, and how to check one without this page. The same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scanner.report.element import Element, el
from scanner.report.page.links import NONE, Links, files
from scanner.report.page.score import how_to_score

_SHOWS: Final = (
    "At the blocks named here, the listed accounts held the stated amounts, on the basis that stands beside each:"
    " proven against the block, agreed on by a quorum of independent operators, or read from the auditor's own node.",
    "How these amounts compare with the liabilities as the exchange stated them.",
    "For how much of it published signatures, or amounts that accounts moved when asked to, show who controls them.",
)
_DOES_NOT: Final = (
    "It is no audit, and no opinion on solvency.",
    "One moment: not what was held a block earlier or later.",
    "Liabilities as stated: not that all of them were.",
    "Not whether the assets are borrowed, pledged, or claimed by others.",
    "Balances by quorum or from an own node are the signers' word for what the nodes said. A second auditor with nodes"
    " of their own must come to the same finding.",
)
_VERIFY: Final = "scanner verify attestation.dsse.json --claim claim.yaml --key auditor.pub"


def limits(shows: Sequence[str] = _SHOWS, does_not: Sequence[str] = _DOES_NOT) -> Element:
    """Two short lists: an attestation's, or those of another statement."""
    return el(
        "section",
        el("h2", "What this shows, and what it does not", id="limits"),
        el(
            "div",
            el("div", el("h3", "It shows"), el("ul", *(el("li", text) for text in shows))),
            el("div", el("h3", "It does not show"), el("ul", *(el("li", text) for text in does_not))),
            class_="sides",
        ),
        aria_labelledby="limits",
    )


def oneself(script: str, links: Links = NONE, *, scored: bool = False) -> Element:
    """The ways to check that do not rest on this page. `script` is the digest of the page's script; `scored`: the page
    has a score."""
    return el(
        "section",
        el("h2", "Check it yourself", id="oneself"),
        el(
            "p",
            "A page cannot vouch for itself: anyone who changes it can change its check too. These do not rest on it.",
        ),
        el(
            "ul",
            el(
                "li",
                "Install reserve-scanner, save the attestation from this page, and get the evidence, the claim and the"
                " auditor's key. ",
                *files(links),
                "This recomputes everything, proofs included, offline: ",
                el("code", _VERIFY, class_="command"),
            ),
            el(
                "li",
                "Make a page of your own from the same attestation: ",
                el("code", "scanner show attestation.dsse.json --html page.html", class_="command"),
            ),
            el("li", "Compare the blocks' hashes with a node or an explorer that you trust."),
            el("li", "Scan the same claim with nodes of your own. The finding has to be the same, byte for byte."),
            None if scored else el("li", *how_to_score(), class_="unprinted"),
        ),
        el(
            "p",
            "The script in this page is the same in every page that this version of reserve-scanner makes of an"
            " attestation that names the same formats of published proofs: ",
            el("code", script),
        ),
        aria_labelledby="oneself",
    )
