"""A finding's units as one HTML table, for notebooks. The page that checks itself is `report.page`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.report.cells import UNPUBLISHED, amount
from scanner.report.element import el
from scanner.report.wording import has_ratio, not_established, ratio_in_figures

_COLUMNS: Final = ("Unit", "Held", "Owed", "Ratio", "Verdict")


def units_table(finding: Mapping[str, Any]) -> str:
    """The table; `finding` as a predicate has it. A ratio is shown only where a verdict rests on it."""
    cells = (_cells(reserve, complete=finding["complete"]) for reserve in finding["reserves"])
    rows = (el("tr", *(el("td", cell) for cell in row)) for row in cells)
    head = el("tr", *(el("th", name) for name in _COLUMNS))
    caption = f"{finding['exchange']}, {finding['asOf']}: {finding['verdict']}"
    return el("table", el("caption", caption), el("thead", head), el("tbody", *rows))


def _cells(reserve: Mapping[str, Any], *, complete: bool) -> tuple[str, ...]:
    owed = reserve["owed"]
    return (
        reserve["unit"],
        "not established" if not_established(reserve) else amount(reserve["held"]),
        UNPUBLISHED if owed is None else amount(owed),
        ratio_in_figures(reserve, complete=complete) if has_ratio(reserve) else "",
        reserve["verdict"],
    )
