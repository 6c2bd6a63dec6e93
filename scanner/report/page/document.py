"""The whole page: its parts in order, around them a policy that lets nothing in, and what it carries.

The policy (Content Security Policy, Level 3) names the page's one script and one style sheet by digest; everything
else, the network above all, is refused. The same attestation, keys and evidence give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from scanner.attesting.dated import Dated
from scanner.report.element import Element, el
from scanner.report.page import apart, backing, checking, exceptions, headline, limits, networks, owed, terms
from scanner.report.page.customers.checkers import named_schemes, scripts_of
from scanner.report.page.dated import dated_section
from scanner.report.page.figures import KINDS
from scanner.report.page.links import NONE, Links
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

_NOT_RUN: Final = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*|)\n|^[ \t]+", re.DOTALL | re.MULTILINE)
"""Of a script's text: comments that have lines to themselves, empty lines, and the blanks that lines begin with."""

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
    links: Links = NONE,
) -> bytes:
    """The page of a predicate, which carries the `document` that it was read from: an envelope or a bare statement.

    `keyids` are those that the envelope's signatures name, in its order; `keys` are SubjectPublicKeyInfo in DER, to be
    built in; `evidence` is the evidence file, if the page is to carry that too, and `anchor` the anchor's; `values` are
    such at prices that the page's maker names, `stamps` what was shown by stamps, and `links` lead to places that it
    names.
    """
    said = SignedValue({**predicate, "signatures": [{"keyid": keyid} for keyid in keyids]})
    schemes = named_schemes(predicate["finding"])
    code = script(schemes, anchored=anchor is not None)
    means = checking.checking(schemes, links, anchored=anchor is not None)
    added = [
        *([] if values is None else [values_section(values)]),
        *([dated_section(stamps)] if stamps else []),
    ]
    main = _main(said, means, code, added, links)
    carried = {
        "document": document.decode(),
        "keys": [base64.b64encode(key).decode() for key in keys],
        "evidence": None if evidence is None else base64.b64encode(evidence).decode(),
        "anchor": None if anchor is None else base64.b64encode(anchor).decode(),
        "page": hashlib.sha256(main.encode()).hexdigest(),
    }
    return (
        Template(_text("template.html"))
        .substitute(
            title=el("title", title(predicate)),
            policy=policy(code),
            style=style(),
            script=code,
            main=main,
            carried=json.dumps(carried).replace("<", "\\u003c"),
        )
        .encode()
    )


def title(predicate: Mapping[str, Any]) -> str:
    """What the browser's window is called."""
    return f"{KINDS['name'](predicate['finding']['exchange'])}: proof of reserves"


def policy(code: str) -> str:
    """The Content-Security-Policy: this script, one style sheet, and nothing else from anywhere."""
    return (
        f"default-src 'none'; script-src '{_digest(code)}'; style-src '{_digest(style())}'; base-uri 'none';"
        " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


@cache
def script(schemes: frozenset[str] = frozenset(), *, anchored: bool = False) -> str:
    """The page's script, without the comments and indentation of its sources: the same for every attestation that names
    these formats of published proofs, and of those that are `anchored` by a file that their page carries."""
    names = dict.fromkeys((*SCRIPTS, *scripts_of(schemes), *((_KECCAK, _ANCHOR) if anchored else ()), *LAST))
    parts = "\n".join(_NOT_RUN.sub("", _text(name)) for name in names)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def style() -> str:
    """The page's style sheet."""
    return "\n".join(map(_text, STYLES))


def _main(said: SignedValue, means: Element, code: str, added: Sequence[Element], links: Links) -> Element:
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
        limits.limits(),
        limits.oneself(_digest(code), links),
    )
    return el("main", *(each for part in parts if part is not None for each in (part, "\n")), id="page")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
