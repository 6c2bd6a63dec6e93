"""The header of delimited text: found by the names of its columns, with the header block before it.

What follows the header is for `table_rows`; what a label means, for `meanings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scanner.errors import InputError
from scanner.sources.published.archive import shown
from scanner.sources.published.cells import Unreadable, read_height
from scanner.sources.published.headings import stated_only, unread_meaning
from scanner.sources.published.layout import Columns, Role, TableLayout, header_name
from scanner.sources.published.lines import SEPARATORS, Unbalanced, split_cells
from scanner.sources.published.stated import StatedFigure, stated_in, total_of

MAX_PREAMBLE: Final = 5000  # lines before the header: OKX's block has one for each coin and network
NEAREST_IN: Final = 50  # lines in which a header is looked for that nearly fits
_SHOWN_LINES: Final = 3
_LONGEST_HEADER: Final = 2000
_SEPARATED_BY = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # a spreadsheet's own first line
_NEAR: Final = 2  # columns that must be there for a layout to be called near


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One line of a header block: what the file says of a label as a whole. Amounts are whole coins, in all layouts."""

    stated: StatedFigure
    height: int | None

    @property
    def label(self) -> str:
        return self.stated.label


@dataclass(frozen=True, slots=True)
class Table:
    """A text whose header is known."""

    layout: TableLayout
    columns: Columns
    separator: str  # what stands between two cells
    header: int  # the header's line, from 1
    block: tuple[BlockLine, ...]
    passed_over: tuple[int, ...]  # lines before the header that are not understood
    counted: tuple[StatedFigure, ...]  # how many rows there are, as such lines say
    unclear: Mapping[int, str]  # lines of a header block of which it is unknown what they say, and why; for people

    @property
    def stated(self) -> tuple[StatedFigure, ...]:
        """What stands before the header of the rows as a whole."""
        return (*(line.stated for line in self.block), *self.counted)

    @property
    def heights(self) -> dict[str, int]:
        """By label in upper case."""
        return {line.label.upper(): line.height for line in self.block if line.height is not None}


def recognise(lines: Iterable[str], layouts: Sequence[TableLayout], where: str) -> Table | None:
    """The table that `lines` hold, if one of `layouts` fits, else None. Raises InputError for an unclear header."""
    searches = [_Search(separator, layouts, where) for separator in SEPARATORS]
    for number, line in enumerate(lines, 1):
        if number > MAX_PREAMBLE:
            return None
        for search in searches:
            found = search.take(number, line)
            if found is not None:
                return _with_block_of(found, [each for each in searches if each is not search])
    return None


class _Search:
    """Looks for the header in one line after the other, which are taken to have their cells between one character."""

    def __init__(self, separator: str, layouts: Sequence[TableLayout], where: str) -> None:
        self._separator = separator
        self._layouts = layouts
        self._where = where
        self.block: list[BlockLine] = []
        self.passed_over: list[int] = []
        self._counted: list[StatedFigure] = []
        self.unclear: dict[int, str] = {}
        self._within: Columns | None = None

    def take(self, number: int, line: str) -> Table | None:
        """The table, if its header is this line; else what the line says before it is kept. Raises InputError."""
        try:
            cells = split_cells(line, self._separator)
        except Unbalanced:
            self.passed_over.append(number)
            return None
        fit = self._fit(cells, f"{self._where}:{number}")
        if fit is not None:
            layout, columns = fit
            before = tuple(self.block), tuple(self.passed_over), tuple(self._counted), dict(self.unclear)
            return Table(layout, columns, self._separator, number, *before)
        if not any(cell.strip() for cell in cells):
            self._within = None
            return None
        try:
            start = next(filter(None, (layout.fit_block(cells) for layout in self._layouts)), None)
        except ValueError:  # two of its columns mean one thing, so it is unknown what its lines say
            self._within, start = None, None
            self.unclear[number] = "two columns of the header block mean one thing"
        entry = _block_line(number, cells, self._within) if self._within and not start else None
        if start:
            self._within = start
        elif entry:
            self.block.append(entry)
        elif (stated := stated_in(number, cells, None)) is not None and stated.says_something:
            self._counted.append(stated)
        elif not _SEPARATED_BY.fullmatch(line.strip()):
            if self._within:
                self.unclear[number] = "it is unknown what this line of the header block says"
            self.passed_over.append(number)
        return None

    def _fit(self, cells: Sequence[str], where: str) -> tuple[TableLayout, Columns] | None:
        fits = _fits(cells, self._layouts, where)
        if len(fits) > 1:
            fits = [(layout, columns) for layout, columns in fits if not layout.generic] or fits
        if len(fits) > 1:
            names = ", ".join(layout.name for layout, _ in fits)
            raise InputError.at(where, f"the header fits several layouts: {names}; say which it is")
        if not fits:
            return None
        layout, columns = fits[0]
        meaning = unread_meaning(columns)
        if meaning is not None:
            raise InputError.at(where, f"read as {layout.name}, {meaning}")
        return layout, stated_only(columns, cells)


def _with_block_of(found: Table, others: Iterable[_Search]) -> Table:
    """The table with the header block before it, where that has its cells between another character than the rows."""
    for other in others:
        if other.block:
            understood = tuple(number for number in found.passed_over if number in other.passed_over)
            unclear = {**found.unclear, **other.unclear}
            found = replace(found, block=(*found.block, *other.block), passed_over=understood, unclear=unclear)
    return found


def first_lines(lines: Iterable[str]) -> str:
    """The first lines that hold anything, as they may stand in a message."""
    found = []
    for line in lines:
        if line.strip(" ,\t"):
            found.append(shown(line))
        if len(found) == _SHOWN_LINES:
            break
    return ", ".join(found) or "nothing"


def nearest(lines: Sequence[str], layouts: Sequence[TableLayout]) -> str:
    """Which layout lacks least under one of these lines, and what it lacks, for people; empty where none is near."""
    best: tuple[int, int, TableLayout, frozenset[Role]] | None = None
    for number, line in enumerate(lines, 1):
        for separator in SEPARATORS:
            names = {header_name(cell) for cell in line[:_LONGEST_HEADER].split(separator)}
            for layout in layouts:
                roles = {role for role, words in layout.columns.items() if names & set(map(header_name, words))}
                found = len(layout.required & roles)
                if found >= _NEAR and (best is None or found > best[0]):
                    best = found, number, layout, layout.required - roles
    if best is None:
        return ""
    _, number, layout, missing = best
    words = " or ".join(f"{role} ({', '.join(layout.columns[role][:3])})" for role in sorted(missing))
    return f"the nearest is {layout.name}, for which line {number} has no column of the {words}"


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


def _block_line(number: int, cells: Sequence[str], columns: Columns) -> BlockLine | None:
    """One line of a header block; None if it is none."""
    if len(cells) > columns.width and any(cell.strip() for cell in cells[columns.width :]):
        return None
    texts = {role: cells[index].strip() if index < len(cells) else "" for role, index in columns.at.items()}
    label = texts[Role.LABEL]
    if not label or columns.at[Role.AMOUNT] >= len(cells):
        return None
    try:
        height = read_height(texts.get(Role.HEIGHT, ""))
    except Unreadable:
        height = None
    return BlockLine(total_of(number, label, texts[Role.AMOUNT]), height)
