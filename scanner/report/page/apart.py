"""What is shown beside the verdict and takes no part in it: custody with third parties, and control over accounts."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.report.element import Content, Element, el
from scanner.report.page.lists import cell, nothing_in, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import CONTROL, has_ratio


def custody(said: SignedValue) -> Element:
    """What third parties are said to hold, with the ratio that there would be if they did."""
    items = [_custody(each) for each in said["finding"]["reserves"] if each["custody"].value != "0"]
    title = "In the custody of others"
    if not items:
        return nothing_in(title, "custody", "The claim names nothing that third parties hold.")
    return el(
        "section",
        el("h2", title, id="custody"),
        el("ul", *items),
        aria_labelledby="custody",
    )


def control(said: SignedValue) -> Element:
    """Of what is held, what is shown of who controls the accounts."""
    finding, title = said["finding"], "Who controls the accounts"
    if not any(reserve["control"].value for reserve in finding["reserves"]):
        # of accounts that are empty, or were not read, nothing is said
        return nothing_in(title, "control", "Nothing is held, so there is no account to show control of.")
    return el(
        "section",
        el("h2", title, id="control"),
        *_control(finding),
        aria_labelledby="control",
    )


def _custody(reserve: SignedValue) -> Element:
    unit = reserve["unit"]
    ratios: tuple[Content, ...] = ()
    if reserve["ratioWithCustody"].value is not None and has_ratio(reserve.value):
        ratios = (
            " With them the ratio would be ",
            reserve["ratioWithCustody"].shown("percent"),
            " instead of ",
            reserve["ratio"].shown("percent"),
            ".",
        )
    return el(
        "li",
        reserve["custody"].shown("amount"),
        " ",
        unit.shown("unit"),
        " are said to be held by third parties. There are no addresses to read, so they are not counted.",
        *ratios,
    )


def _control(finding: SignedValue) -> Iterator[Content]:
    rows = [_row(word) for reserve in finding["reserves"] for word in _words(reserve)]
    words = {word for reserve in finding["reserves"] for word in reserve["control"].value}
    if words == {"ABSENT"}:
        yield el(
            "p",
            "No proof was published that the exchange controls the accounts that hold this. That shows nothing in"
            " either direction.",
        )
        return
    columns = (("Coin", "word"), ("Control", "word"), ("Held", "figure"), ("What it means", "word"))
    yield table("What is held, by what its accounts' owners have shown", columns, rows)
    moved = [reserve for reserve in finding["reserves"] if reserve["controlByMovement"].value != "0"]
    if moved and finding["movements"].value:
        window = finding["movements"]
        yield el(
            "p",
            "Some of these accounts signed no message. They moved an amount that follows from this engagement's"
            " message, between ",
            window["issued"].shown("moment"),
            " and ",
            window["deadline"].shown("moment"),
            ". Of what is shown this is so of ",
            *_listed(moved),
            ". The longer that time, and the more an account pays out to others, the less this shows.",
        )


def _listed(moved: list[SignedValue]) -> Iterator[Content]:
    for place, reserve in enumerate(moved):
        yield ", " if place else ""
        yield reserve["controlByMovement"].shown("amount")
        yield " "
        yield reserve["unit"].shown("unit")


def _words(reserve: SignedValue) -> list[tuple[SignedValue, SignedValue]]:
    """The unit with each word under which something of it is held, strongest first."""
    return [(reserve["unit"], reserve["control"][word]) for word in CONTROL if word in reserve["control"].value]


def _row(of: tuple[SignedValue, SignedValue]) -> Element:
    unit, amount = of
    return el(
        "tr",
        el("th", unit.shown("unit"), scope="row"),
        cell(amount.shown("key")),
        cell(amount.shown("amount"), kind="figure"),
        cell(CONTROL[amount.key]),
    )
