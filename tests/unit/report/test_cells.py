"""Columns for the terminal: side by side where they fit, else a paragraph for each row."""

from __future__ import annotations

from scanner.report.cells import Paint, grid

COLUMNS = {"as of": ["as of", "May", "June"], "verdict": ["verdict", "COVERED", "UNKNOWN"], "": ["", "", "1 gap"]}


def test_a_row_that_is_a_paragraph_has_no_line_for_a_cell_without_name_and_text() -> None:
    assert list(grid(COLUMNS, 5, Paint(colour=False))) == ["  May  COVERED", "", "  June  UNKNOWN", "      1 gap"]


def test_columns_that_fit_stand_beside_each_other_without_blanks_at_the_end() -> None:
    side_by_side = list(grid(COLUMNS, 80, Paint(colour=False)))
    assert len(side_by_side) == 3
    assert all(line == line.rstrip() for line in side_by_side)
