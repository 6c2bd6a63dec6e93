"""START HERE. The whole page of a series, or of claims together: its parts in order, its scripts, and what it carries.

The same statement and keys give the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from scanner.attesting.dated import Dated
from scanner.report.element import Element, el
from scanner.report.page import document as attestation
from scanner.report.page.dated import dated_section
from scanner.report.page.figures import KINDS
from scanner.report.page.frame import content, digest_of, page, put_together, styles
from scanner.report.page.links import NONE, Links, files
from scanner.report.page.moments import series, together
from scanner.report.page.moments.checking import checking
from scanner.report.page.signed_value import SignedValue

# In the order in which they are put together. Those of an attestation's page check each moment's own statement.
SCRIPTS: Final = (
    *(name for name in attestation.SCRIPTS if name != "attested.js"),
    "moments/figures.js",
    "moments/statement.js",
    "moments/lasting.js",
    "moments/jointly.js",
)
_LAST: Final = ("telling.js", "moments/main.js")
_STYLES: Final = (*attestation.STYLES, "moments/moments.css")
_VERIFY: Final = {
    "series": "scanner verify series.dsse.json --claim claim.yaml --key auditor.pub",
    "together": "scanner verify together.dsse.json --claim a.yaml --claim b.yaml --key auditor.pub",
}


def render(
    predicate: Mapping[str, Any],
    document: bytes,
    *,
    keyids: Sequence[str] = (),
    keys: Sequence[bytes] = (),
    stamps: Sequence[Dated] = (),
    links: Links = NONE,
) -> bytes:
    """The page of a predicate that `report.well_formed` takes, which carries the `document` that it was read from. The
    arguments are those of an attestation's page."""
    said = SignedValue({**predicate, "signatures": [{"keyid": keyid} for keyid in keyids]})
    of, code = ("series" if "series" in predicate else "together"), script()
    shown = (series if of == "series" else together).parts(said, checking(links))
    added = [dated_section(stamps)] if stamps else []
    main = content([*shown, *added, _oneself(of, code, links)])
    carried = {"document": document.decode(), "keys": [base64.b64encode(key).decode() for key in keys]}
    return page(title(predicate), main, code, style(), carried)


def title(predicate: Mapping[str, Any]) -> str:
    """What the browser's window is called."""
    if "series" in predicate:
        return series.title(predicate, KINDS["name"](predicate["series"]["exchange"]))
    return together.title(predicate, KINDS["name"](predicate["together"]["claims"][0]["exchange"]))


@cache
def script() -> str:
    """The script of these pages, which is the same for all of them."""
    return put_together((*SCRIPTS, *_LAST))


@cache
def style() -> str:
    """Their style sheet."""
    return styles(_STYLES)


def _oneself(of: str, code: str, links: Links) -> Element:
    """How it is checked without the page."""
    return el(
        "section",
        el("h2", "Check it yourself", id="oneself"),
        el(
            "p",
            "A page cannot vouch for itself: anyone who changes it can change its check too. Save the statement from"
            " this page, and get the claim, the folder points and the auditor's key. ",
            *files(links),
            "This recomputes everything, proofs included, offline: ",
            el("code", _VERIFY[of], class_="command"),
        ),
        el("p", "The script in this page is the same in every page of this version: ", el("code", digest_of(code))),
        aria_labelledby="oneself",
    )
