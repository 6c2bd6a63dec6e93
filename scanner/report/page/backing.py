"""What each coin rests on: the assets that back it, what each of them holds, and who says that it is the coin's own."""

from __future__ import annotations

from typing import Final

from scanner.report.element import Content, Element, el
from scanner.report.page.lists import cell, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import KNOWN

_COLUMNS: Final = (("Coin", "word"), ("Asset", "word"), ("Held", "figure"), ("Known by", "word"), ("Meaning", "word"))


def backing(said: SignedValue) -> Element:
    """One row for each asset, by unit."""
    assets = sorted(said["finding"]["coverage"], key=lambda coverage: str(coverage["unit"].value))
    caption = "Each asset with what of it counts as held, and how it is known to be the coin's own"
    return el(
        "section",
        el("h2", "What each coin rests on", id="backing"),
        table(caption, _COLUMNS, [_row(each) for each in assets])
        if assets
        else el("p", "The claim lists no account that holds anything."),
        aria_labelledby="backing",
    )


def _row(coverage: SignedValue) -> Element:
    return el(
        "tr",
        el("th", coverage["unit"].shown("unit"), scope="row"),
        cell(coverage["label"].shown("name"), " ", el("code", coverage["asset"].shown("account")), kind="asset"),
        cell(coverage["held"].shown("amount"), kind="figure"),
        cell(coverage["known"].shown("known")),
        cell(*_meaning(coverage)),
    )


def _meaning(coverage: SignedValue) -> tuple[Content, ...]:
    if coverage["alias"].value is None:
        return (KNOWN[coverage["known"].value],)
    return ("shows the balances of ", el("code", coverage["alias"].shown("account")), " again: nothing of it counts")
