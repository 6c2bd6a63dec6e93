"""The part of the page in which its reader checks it: what was checked, a key to paste, evidence to drop, a search.

Only the frame stands here; `main.js` fills it. Without JavaScript it says that nothing was checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.report.element import Element, el
from scanner.report.page.customers.checkers import PUBLISHED_BESIDES, WRITTEN_ONESELF
from scanner.report.page.links import NONE, Links, key

_CHECKS: Final = (
    ("signature", "Signature"),
    ("statement", "Statement"),
    ("sums", "Ratios and verdicts"),
    ("display", "This page"),
    ("evidence", "Evidence"),
)


def checking(schemes: frozenset[str], links: Links = NONE, *, anchored: bool = False) -> Element:
    """One line for each check, and the reader's own means: `schemes` are the formats of which customers' files can be
    checked; `anchored`: whether the page carries what leads down from a block that its reader names."""
    return el(
        "section",
        el("h2", "Checked in your browser", id="checking"),
        el("ul", *(check_line(*check) for check in _CHECKS), class_="checks", id="checks"),
        el("div", key_part(links), _evidence(), class_="sides means", id="means", hidden=True),
        _search(),
        *_customer(schemes),
        *((_later_block(),) if anchored else ()),
        aria_labelledby="checking",
    )


def check_line(name: str, title: str) -> Element:
    """One check, which was not made yet."""
    return el(
        "li",
        el("span", "○", class_="symbol", aria_hidden="true"),
        el("strong", title),
        el("span", "not checked", class_="result"),
        id=f"check-{name}",
        class_="open",
    )


def key_part(links: Links, what: str = "attestation") -> Element:
    """Where a reader brings the auditor's key, and saves what the page carries."""
    return el(
        "div",
        el("h3", "The auditor's key"),
        *key(links),
        el("label", "Public key, in PEM, from a place that you trust", for_="key"),
        el(
            "textarea",
            id="key",
            rows="3",
            spellcheck="false",
            autocomplete="off",
            placeholder="-----BEGIN PUBLIC KEY-----",
        ),
        el(
            "p",
            el("button", "Check the signature", id="use-key", type="button"),
            " ",
            el("button", f"Save the {what}", id="save", type="button"),
        ),
    )


def _evidence() -> Element:
    return el(
        "div",
        el("h3", "The evidence"),
        el("label", "evidence.csv.gz, chosen here or dropped anywhere on the page", for_="evidence"),
        el("input", id="evidence", type="file", accept=".gz"),
        el("p", "It is read in this browser and sent nowhere."),
        el("p", id="progress", role="status", class_="remark"),
        el("div", id="resummed"),
    )


def _customer(schemes: frozenset[str]) -> Iterator[Element]:
    """Where a customer's own file can be checked here."""
    if schemes:
        yield el(
            "div",
            el("h3", "Is my account in what is owed?"),
            el(
                "label", "The file that the exchange gave you, chosen here or dropped anywhere on the page", for_="mine"
            ),
            el("input", id="mine", type="file", multiple=True),
            *(
                el("p", f"For {scheme}, choose with it the file that the exchange published for everybody: {file}.")
                for scheme, file in sorted(PUBLISHED_BESIDES.items())
                if scheme in schemes
            ),
            *(
                el("p", f"For {scheme}, your file is one that you write yourself: {file}.")
                for scheme, file in sorted(WRITTEN_ONESELF.items())
                if scheme in schemes
            ),
            el("p", "It is checked in this browser against the root that was signed, and sent nowhere."),
            el("div", id="included", role="status"),
            id="asking",
            hidden=True,
        )


def _later_block() -> Element:
    """Where a reader names a block from which the page leads down."""
    return el(
        "div",
        el("h3", "Are these blocks on the chain?"),
        el(
            "p",
            "You need not take the operators' word for it. Look up a later block of a chain in any explorer, and paste"
            " its hash: this page then leads from it down to the blocks at which the accounts were read.",
        ),
        el("label", "Hash of a later block", for_="later"),
        el(
            "p",
            el("input", id="later", type="text", spellcheck="false", autocomplete="off"),
            el("button", "Check the blocks", id="use-later", type="button"),
        ),
        el("div", id="anchored", role="status"),
        id="anchoring",
        hidden=True,
    )


def _search() -> Element:
    return el(
        "div",
        el("h3", "Is this address in it?"),
        el("label", "Address", for_="address"),
        el(
            "p",
            el("input", id="address", type="text", spellcheck="false", autocomplete="off"),
            el("button", "Search", id="search", type="button"),
        ),
        el("div", id="found", role="status"),
        id="searching",
        hidden=True,
    )
