"""What is held and owed at the prices that its maker names, marked as no part of what was signed."""

from __future__ import annotations

from scanner.report.element import Element, el
from scanner.report.page.figures import KINDS
from scanner.report.page.lists import cell, table
from scanner.report.values import Value, Values, money, owed, price, sentences, total_name

_COLUMNS = (("Coin", "word"), ("Price", "figure"), ("Held", "figure"), ("Owed", "figure"))


def values_section(of: Values) -> Element:
    """One row a unit, the totals, and what has to be said of them."""
    title = f"What that is in {of.prices.currency}"
    total = el(
        "tr",
        el("th", total_name(of).capitalize(), scope="row"),
        cell("–", kind="figure"),
        cell(money(of.held, at_least=of.at_least), kind="figure"),
        cell(money(of.owed), kind="figure"),
    )
    said = list(sentences(of))
    return el(  # the class: the page's script then does not say that nothing was
        "section",
        el("h2", title, id="values"),
        el("p", el("strong", said[-1])),
        table(f"Held and owed in {of.prices.currency}, cut to the cent", _COLUMNS, [*map(_row, of.by_unit), total]),
        *(el("p", sentence, class_="remark") for sentence in said[:-1]),
        el("p", "They were worked out when the page was made, and are not checked in your browser.", class_="remark"),
        aria_labelledby="values",
        class_="added",
    )


def _row(value: Value) -> Element:
    return el(
        "tr",
        el("th", el("bdi", KINDS["unit"](value.unit)), scope="row"),
        cell(price(value), kind="figure"),
        cell(money(value.held, at_least=value.at_least), kind="figure"),
        cell(owed(value), kind="figure"),
    )
