"""The header of delimited text: found by the names of its columns, with the header block before it.

What follows the header is for `table_rows`; what a label means, for `meanings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.errors import InputError
from scanner.sources.published.archive import shown
from scanner.sources.published.layout import Columns, Role, TableLayout
from scanner.sources.published.lines import Unbalanced, split_cells
from scanner.sources.published.meanings import read_amount, read_height
from scanner.sources.published.rows import Refused

MAX_PREAMBLE: Final = 5000  # lines before the header: OKX's block has one for each coin and network
_SHOWN_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One line of a header block: what the file says of a label as a whole."""

    label: str
    height: int | None
    amount: Fraction | None  # whole coins, in all layouts


@dataclass(frozen=True, slots=True)
class Table:
    """A text whose header is known."""

    layout: TableLayout
    columns: Columns
    header: int  # the header's line, from 1
    block: tuple[BlockLine, ...]
    passed_over: tuple[int, ...]  # lines before the header that are not understood
    unclear: tuple[int, ...]  # those of them that start a header block of which nobody can tell the columns

    @property
    def heights(self) -> dict[str, int]:
        """By label in upper case."""
        return {line.label.upper(): line.height for line in self.block if line.height is not None}


def recognise(lines: Iterable[str], layouts: Sequence[TableLayout], where: str) -> Table | None:
    """The table that `lines` hold, if one of `layouts` fits, else None. Raises InputError for an unclear header."""
    block: list[BlockLine] = []
    passed_over: list[int] = []
    unclear: list[int] = []
    within: Columns | None = None
    for number, line in enumerate(lines, 1):
        if number > MAX_PREAMBLE:
            return None
        try:
            cells = split_cells(line)
        except Unbalanced:
            passed_over.append(number)
            continue
        fits = _fits(cells, layouts, f"{where}:{number}")
        if len(fits) > 1:
            names = ", ".join(layout.name for layout, _ in fits)
            raise InputError.at(f"{where}:{number}", f"the header fits several layouts: {names}; say which it is")
        if fits:
            return Table(*fits[0], number, tuple(block), tuple(passed_over), tuple(unclear))
        if not any(cell.strip() for cell in cells):
            within = None
            continue
        try:
            start = next(filter(None, (layout.fit_block(cells) for layout in layouts)), None)
        except ValueError:  # two of its columns mean one thing, so nobody can tell what its lines say
            within, start = None, None
            unclear.append(number)
        entry = _block_line(cells, within) if within and not start else None
        if start:
            within = start
        elif entry:
            block.append(entry)
        else:
            passed_over.append(number)
    return None


def first_lines(lines: Iterable[str]) -> str:
    """The first lines that hold anything, as they may stand in a message."""
    found = []
    for line in lines:
        if line.strip(" ,\t"):
            found.append(shown(line))
        if len(found) == _SHOWN_LINES:
            break
    return ", ".join(found) or "nothing"


def _fits(cells: Sequence[str], layouts: Sequence[TableLayout], where: str) -> list[tuple[TableLayout, Columns]]:
    found = []
    for layout in layouts:
        try:
            columns = layout.fit(cells)
        except ValueError as error:
            raise InputError.at(where, f"the header is unclear as {layout.name}: {error}") from None
        if columns is not None:
            found.append((layout, columns))
    return found


def _block_line(cells: Sequence[str], columns: Columns) -> BlockLine | None:
    """One line of a header block; None if it is none."""
    if len(cells) > columns.width and any(cell.strip() for cell in cells[columns.width :]):
        return None
    texts = {role: cells[index].strip() if index < len(cells) else "" for role, index in columns.at.items()}
    try:
        height = read_height(texts.get(Role.HEIGHT, ""))
        coefficient, digits = read_amount(texts[Role.AMOUNT])
    except Refused:
        return None
    return BlockLine(texts[Role.LABEL], height, Fraction(coefficient, 10**digits)) if texts[Role.LABEL] else None
