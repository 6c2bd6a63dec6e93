"""A finding's units as one HTML table, for notebooks. The page that checks itself is `report.page`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.report.cells import amount
from scanner.report.element import el

_COLUMNS: Final = ("Unit", "Held", "Owed", "Ratio", "Verdict")


def units_table(finding: Mapping[str, Any]) -> str:
    """The table; `finding` as a predicate has it. A ratio is shown only where a verdict rests on it."""
    rows = (el("tr", *(el("td", cell) for cell in _cells(reserve))) for reserve in finding["reserves"])
    head = el("tr", *(el("th", name) for name in _COLUMNS))
    caption = f"{finding['exchange']}, {finding['asOf']}: {finding['verdict']}"
    return el("table", el("caption", caption), el("thead", head), el("tbody", *rows))


def _cells(reserve: Mapping[str, Any]) -> tuple[str, ...]:
    owed, ratio = reserve["owed"], None if reserve["withheld"] else reserve["ratio"]
    return (
        reserve["unit"],
        amount(reserve["held"]),
        "not stated" if owed is None else amount(owed),
        "" if ratio is None else ratio,
        reserve["verdict"],
    )
