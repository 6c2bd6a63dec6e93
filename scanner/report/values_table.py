"""Values at somebody's prices as a table for the terminal, behind what an attestation says and apart from it."""

from __future__ import annotations

from scanner.report.cells import MARGIN, NOTHING, Paint, at_the_point, grid, left, plain, right, wrapped
from scanner.report.values import Values, heading, money, owed, price, sentences, total_name


def render_values(of: Values, *, width: int = 100, colour: bool = False) -> str:
    """The whole text. Lines end in a line feed."""
    paint = Paint(colour)
    rows = of.by_unit
    columns = {
        "unit": left([*(plain(each.unit) for each in rows), total_name(of)], "unit"),
        "price": right([*at_the_point([price(each) for each in rows]), NOTHING], "price"),
        "held": right(
            [*(money(each.held, at_least=each.at_least) for each in rows), money(of.held, at_least=of.at_least)], "held"
        ),
        "owed": right([*map(owed, rows), money(of.owed)], "owed"),
    }
    lines = [MARGIN + paint("heading", heading(of)), *grid(columns, width, paint)]
    prose = [line for sentence in sentences(of) for line in wrapped(sentence, width)]
    return "\n".join([*lines, "", *prose]) + "\n"
