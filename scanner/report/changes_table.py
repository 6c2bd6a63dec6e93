"""Changes between two attestations, or two claims, as a table for the terminal. Amounts stand as they are stated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from scanner.report.cells import NOTHING, Paint, grid, left, plain
from scanner.report.changes import Change

_NONE: Final = "Nothing differs of what is compared."


def render_changes(changes: Sequence[Change], names: tuple[str, str], *, width: int = 100, colour: bool = False) -> str:
    """The whole text: a section for each part. `names`: of the two files. Lines end in a line feed."""
    if not changes:
        return f"{_NONE}\n"
    paint = Paint(colour)
    sections = [f"before  {plain(names[0], width)}\nafter   {plain(names[1], width)}"]
    for part, of_part in groupby(changes, lambda change: change.part):
        found = list(of_part)
        columns = {
            "what": left([_name(each) for each in found], ""),
            "before": left([_cell(each.before) for each in found], "before"),
            "after": left([_cell(each.after) for each in found], "after"),
        }
        sections.append("\n".join([paint("title", part.capitalize()), *grid(columns, width, paint)]))
    return "\n\n".join(sections) + "\n"


def _name(change: Change) -> str:
    return " ".join(plain(text) for text in (change.subject, change.what) if text) or change.part


def _cell(value: str | None) -> str:
    return NOTHING if value is None else plain(value)
