"""What was published of what is owed, and what it shows: one row for each coin whose amount has a published proof."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.proofs.liabilities.remarks import ASSUMPTIONS, REMARKS
from scanner.report.element import Content, Element, el
from scanner.report.owed import SHOWN
from scanner.report.page.figures import NOTHING
from scanner.report.page.lists import cell, table
from scanner.report.page.signed_value import SignedValue

_COLUMNS: Final = (
    *(("Coin", "word"), ("Shown", "word"), ("Format and root", "asset"), ("Records", "figure")),
    ("What it rests on, and what is known of it", "word"),
)


def owed(said: SignedValue) -> Element | None:
    """The section; none where no published proof is named."""
    bases = [
        (reserve, reserve["owedBasis"])
        for reserve in said["finding"]["reserves"]
        if reserve.value["owedBasis"] and reserve.value["owedBasis"]["scheme"]
    ]
    if not bases:
        return None
    return el(
        "section",
        el("h2", "What shows what is owed", id="owed"),
        table(
            "Each published proof of what is owed, what it shows, and on what that rests",
            _COLUMNS,
            [_row(reserve, basis) for reserve, basis in bases],
        ),
        aria_labelledby="owed",
    )


def _row(reserve: SignedValue, basis: SignedValue) -> Element:
    return el(
        "tr",
        el("th", reserve["unit"].shown("unit"), scope="row"),
        cell(basis["shows"].shown("name"), ": ", SHOWN[basis["shows"].value]),
        cell(basis["scheme"].shown("name"), *_root(basis), kind="asset"),
        cell(NOTHING if basis["entries"].value is None else basis["entries"].shown("number"), kind="figure"),
        cell(*_known(basis)),
    )


def _root(basis: SignedValue) -> tuple[Content, ...]:
    return () if basis["root"].value is None else (" ", el("code", basis["root"].shown("text")))


def _known(basis: SignedValue) -> Iterator[Content]:
    """Assumptions first, then remarks, each by its id and in a sentence."""
    texts = (("assumes", ASSUMPTIONS), ("remarks", REMARKS))
    items = [
        el("li", el("code", each.shown("name")), *((": ", known[each.value]) if each.value in known else ()))
        for key, known in texts
        for each in basis[key]
    ]
    if items:
        yield el("ul", *items)
