"""A small CSV of what is owed, as a person writes it: a unit and an amount a line, `import`'s `--liabilities`.

All mistakes of the file are found in one reading, each with its line and value. Nothing is passed over: a column that
is not known is a mistake too. Not here: files that exchanges publish (`published`), and proofs (`proof_files`).

Source: RFC 4180; semicolons and tabs part cells too, as spreadsheets write them, and lines that begin with # are
remarks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scanner.core.amounts import AmountError, AmountTooLong, exact, parse_percent, parse_stated
from scanner.sources import claim_shape
from scanner.sources.published.layout import header_name
from scanner.sources.yaml_document import Notes, read_bytes

MOST_BYTES: Final = 2**20
UNIT: Final = re.compile(claim_shape.NAME, re.ASCII)

_COLUMNS: Final = {
    "unit": ("unit", "coin", "asset", "token", "symbol", "currency"),
    "amount": ("amount", "owed", "liability", "liabilities", "balance"),
    "ratio": ("statedratio", "ratio"),
}
_EXPECTED: Final = "expected the columns unit and amount, and stated_ratio where the report prints one"
_NOT_PUBLISHED: Final = frozenset({"", "-", "null", "n/a"})


@dataclass(frozen=True, slots=True)
class StatedAmount:
    """What somebody says is owed of one unit."""

    unit: str
    amount: str | None  # in whole coins, exactly; None where it was not published
    where: str  # it is said: an option, or a file and its line
    ratio: str | None = None  # as it was printed, such as 103%


def read_owed_table(path: Path) -> dict[str, StatedAmount]:
    """By unit, in the file's order. Raises InputError with all mistakes of the file."""
    notes = Notes(str(path))
    stated: dict[str, StatedAmount] = {}
    lines: dict[str, int] = {}
    columns: Mapping[str, int] | None = None
    for line, cells in _rows(read_bytes(path, MOST_BYTES), notes):
        if columns is None:
            columns = _header(line, cells, notes)
            if columns is None:
                raise notes.error()
            continue
        one = _row(path, line, cells, columns, notes)
        if one is not None and one.unit in stated:
            notes.add(line, f"{one.unit} stands already at line {lines[one.unit]}")
        elif one is not None:
            stated[one.unit], lines[one.unit] = one, line
    if not notes and not stated:
        notes.add(1, f"no line states an amount; {_EXPECTED}")
    if notes:
        raise notes.error()
    return stated


def read_amount(text: str) -> str:
    """An amount as a claim states it, without needless zeros. Raises ValueError that names it, and what is expected."""
    try:
        return exact(parse_stated(text))
    except AmountTooLong as error:
        raise ValueError(f"{text[:80]!a} {error}") from None
    except AmountError as error:
        raise ValueError(f"{error}; commas that part thousands are not taken" if "," in text else f"{error}") from None


def _rows(data: bytes, notes: Notes) -> Iterator[tuple[int, Sequence[str]]]:
    """Lines with their cells, but for empty ones and remarks. What is no CSV is noted, and ends them."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        notes.add(data[: error.start].count(b"\n") + 1, "is not UTF-8; save it as CSV in UTF-8")
        return
    if "\0" in text:
        notes.add(text[: text.index("\0")].count("\n") + 1, "holds zero bytes: it is no CSV")
        return
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                yield reader.line_num, stripped
    except csv.Error as error:
        notes.add(reader.line_num, f"is not CSV: {error}")


def _header(line: int, cells: Sequence[str], notes: Notes) -> Mapping[str, int] | None:
    """Where each column stands; None where one is missing, which is noted."""
    known = {name: role for role, names in _COLUMNS.items() for name in names}
    at: dict[str, int] = {}
    for place, cell in enumerate(cells):
        role = known.get(header_name(cell))
        if role is None:
            if cell:
                notes.add(line, f"column {notes.shown(cell)} is not known; {_EXPECTED}")
        elif role in at:
            notes.add(line, f"{notes.shown(cell)} is a second column of the {role}")
        else:
            at[role] = place
    if missing := [role for role in ("unit", "amount") if role not in at]:
        notes.add(line, f"no column of the {' or the '.join(missing)}; {_EXPECTED}")
        return None
    return at


def _row(path: Path, line: int, cells: Sequence[str], columns: Mapping[str, int], notes: Notes) -> StatedAmount | None:
    """One line; None where anything in it is wrong, which is noted."""

    def cell(role: str) -> str:
        place = columns.get(role)
        return "" if place is None or place >= len(cells) else cells[place]

    if surplus := [each for place, each in enumerate(cells) if each and place not in columns.values()]:
        notes.add(line, f"{notes.shown(surplus[0])} stands in no column; an amount has no commas")
        return None
    unit, text, ratio = cell("unit"), cell("amount"), cell("ratio")
    good = True
    if not UNIT.fullmatch(unit):
        notes.add(line, f"unit: {notes.shown(unit)} is no name of a unit, such as BTC")
        good = False
    amount = None
    try:
        amount = None if text.lower() in _NOT_PUBLISHED else read_amount(text)
    except ValueError as error:
        notes.add(line, f"amount: {error}")
        good = False
    if ratio:
        try:
            parse_percent(ratio)
        except AmountError as error:
            notes.add(line, f"stated_ratio: {error}")
            good = False
    return StatedAmount(unit, amount, f"{path.name}:{line}", ratio or None) if good else None
