"""The whole page of an attestation: its parts in order, its scripts and style sheets, and what it carries.

The same attestation, keys and evidence give the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from scanner.attesting.dated import Dated
from scanner.report.element import Element, el
from scanner.report.page import apart, backing, checking, exceptions, headline, limits, networks, owed, terms
from scanner.report.page.customers.checkers import named_schemes, scripts_of
from scanner.report.page.dated import dated_section
from scanner.report.page.figures import KINDS
from scanner.report.page.frame import content, digest_of, page, put_together, styles
from scanner.report.page.links import NONE, Links
from scanner.report.page.score import ShownScore, score_section
from scanner.report.page.signed_value import SignedValue
from scanner.report.page.values import values_section
from scanner.report.values import Values

# In the order in which they are put together: what a script uses stands before it.
SCRIPTS: Final = (
    "bytes.js",
    "fractions.js",
    "figures.js",
    "answer.js",
    "bars.js",
    "envelope.js",
    "weigh.js",
    "displayed.js",
    "rows.js",
    "evidence.js",
    "attested.js",
)
_KECCAK: Final = "customers/keccak.js"
_ANCHOR: Final = "anchor.js"
"""Only where the page carries an anchor."""

LAST: Final = ("telling.js", "main.js")
"""Behind those that the page carries for the formats which its statement names (`customers.checkers`)."""

STYLES: Final = ("theme.css", "style.css", "tables.css", "checking.css", "narrow.css", "paper.css")


def render(
    predicate: Mapping[str, Any],
    document: bytes,
    *,
    keyids: Sequence[str] = (),
    keys: Sequence[bytes] = (),
    evidence: bytes | None = None,
    anchor: bytes | None = None,
    values: Values | None = None,
    stamps: Sequence[Dated] = (),
    score: ShownScore | None = None,
    links: Links = NONE,
) -> bytes:
    """The page of a predicate, which carries the `document` that it was read from: an envelope or a bare statement.

    `keyids` are those that the envelope's signatures name, in its order; `keys` are SubjectPublicKeyInfo in DER, to be
    built in; `evidence` is the evidence file, if the page is to carry that too, and `anchor` the anchor's; `values` are
    such at prices that the page's maker names, `stamps` what was shown by stamps, `score` is by a history it has,
    and `links` lead to places that it names.
    """
    said = SignedValue({**predicate, "signatures": [{"keyid": keyid} for keyid in keyids]})
    schemes = named_schemes(predicate["finding"])
    code = script(schemes, anchored=anchor is not None)
    means = checking.checking(schemes, links, anchored=anchor is not None)
    added = [
        *([] if values is None else [values_section(values)]),
        *([dated_section(stamps)] if stamps else []),
    ]
    last = [
        *([] if score is None else [score_section(score)]),
        limits.limits(),
        limits.oneself(digest_of(code), links, scored=score is not None),
    ]
    main = _main(said, means, added, last, links)
    carried = {
        "keys": [base64.b64encode(key).decode() for key in keys],
        "evidence": None if evidence is None else base64.b64encode(evidence).decode(),
        "anchor": None if anchor is None else base64.b64encode(anchor).decode(),
    }
    return page(title(predicate), main, code, style(), {"document": document.decode(), **carried})


def title(predicate: Mapping[str, Any]) -> str:
    """What the browser's window is called."""
    return f"{KINDS['name'](predicate['finding']['exchange'])}: proof of reserves"


@cache
def script(schemes: frozenset[str] = frozenset(), *, anchored: bool = False) -> str:
    """The page's script, without the comments and indentation of its sources: the same for every attestation that names
    these formats of published proofs, and of those that are `anchored` by a file that their page carries."""
    names = dict.fromkeys((*SCRIPTS, *scripts_of(schemes), *((_KECCAK, _ANCHOR) if anchored else ()), *LAST))
    return put_together(names)


@cache
def style() -> str:
    """The page's style sheet."""
    return styles(STYLES)


def _main(
    said: SignedValue, means: Element, added: Sequence[Element], last: Sequence[Element], links: Links
) -> Element:
    parts = (
        headline.header(said, links),
        headline.units(said),
        headline.exact(said),
        *added,
        means,
        backing.backing(said),
        owed.owed(said),
        networks.networks(said),
        el("div", exceptions.gaps(said), exceptions.exceptions(said), class_="parts"),
        el("div", apart.custody(said), apart.control(said), class_="parts"),
        terms.terms(said),
        *last,
    )
    return content(parts)
