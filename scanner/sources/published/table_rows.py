"""Delimited text to rows, by the names of its columns and never by their position alone.

One line is one row. Every row that is read is either yielded or refused, with its reason. Where the header stands, is
`table`'s part; what a label means, `meanings`'; whether two rows say the same, `repeats`'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, NamedTuple

from scanner.chains.account_forms import AddressError
from scanner.sources.published.archive import shown
from scanner.sources.published.cells import MAX_AMOUNT_DIGITS, Unreadable, read_height
from scanner.sources.published.headings import stated_only, unread_meaning
from scanner.sources.published.layout import Columns, Role, header_name
from scanner.sources.published.lines import REPLACED, Unbalanced, lines_of, split_cells
from scanner.sources.published.meanings import Meanings
from scanner.sources.published.plain_form import Pick, plain_form
from scanner.sources.published.row import Kind, PublishedOwnership, PublishedRow
from scanner.sources.published.row_cells import account_of, amount_of, fitted, kind_of, ownership_reader
from scanner.sources.published.rows import CHECKED, Refused, RowRefusal, RowTally, UnreadKind
from scanner.sources.published.stated import ALL_ROWS, stated_in
from scanner.sources.published.stretches import Places, Quickly, Row, Stretch, StretchFinder
from scanner.sources.published.table import Table

_THOUSANDS = re.compile(r"[0-9]{1,3},[0-9]{3}(\.[0-9]*)?", re.ASCII)
_PLACES_KEPT: Final = 10_000
_QUICK: Final = (Role.LABEL, Role.NETWORK, Role.HEIGHT, Role.ADDRESS, Role.AMOUNT)
_OWNERSHIP: Final = (Role.MESSAGE, Role.SIGNATURE_1, Role.SIGNATURE_2, Role.KEY, Role.OWNER_1, Role.OWNER_2)


def read_rows(
    blocks: Iterable[str], table: Table, meanings: Meanings, tally: RowTally, *, proofs: bool
) -> Iterator[Row | Stretch]:
    """The accepted rows, each with what its label means; with `proofs`, what was published of ownership too.

    `blocks` are those of the whole text, header and all. Raises InputError for too many rows.
    """
    under = _Under(table, meanings, tally, proofs=proofs)
    ways = under.header(table.columns)
    before = 0  # lines of earlier blocks
    for block in blocks:
        _tell_replaced(block, before, table.header, tally)
        lines: list[str] | None = None
        groups = ways.plain(block)
        quickly = ways.quickly
        stretches = iter(ways.stretches(before, groups) if before >= table.header else ())
        stretch = next(stretches, None)
        at = max(0, table.header - before)
        while at < len(groups):
            if stretch is not None and stretch.start == at:
                tally.read += stretch.count
                tally.check()
                yield stretch
                at += stretch.count
                stretch = next(stretches, None)
                continue
            cells = groups[at]
            at += 1
            number = before + at
            accepted = quickly(number, cells)
            if accepted is None:
                if lines is None:
                    lines = lines_of(block)
                line = lines[at - 1]
                if not line:
                    continue
                try:
                    accepted = ways.carefully(number, line)
                except Unbalanced as error:
                    tally.refuse(number, RowRefusal.BAD_QUOTING, str(error))
                except Refused as refused:
                    again = _header_again(table, line)
                    if again is not None:
                        ways = under.header(again)
                        quickly, stretch = (
                            _never,
                            None,
                        )  # what `cells` are of the block's other lines is not known any more
                        continue
                    if _is_no_row(line, number, table, under.columns, tally):
                        continue
                    tally.refuse(number, refused.reason, refused.detail)
            tally.read += 1
            if not tally.read & CHECKED:
                tally.check()
            if accepted is not None:
                yield accepted
        before += len(groups)


class _Ways(NamedTuple):
    """How the rows under one header are read."""

    plain: Callable[[str], Sequence[Sequence[str]]]  # a block to what `quickly` takes, line by line
    stretches: Callable[[int, Sequence[Sequence[str]]], list[Stretch]]  # by the number before, and what `plain` gives
    quickly: Quickly
    carefully: Callable[[int, str], Row]  # the row of a line. Raises Unbalanced, Refused


def _never(_number: int, _cells: Sequence[str]) -> None:
    return None


def _no_stretches(_before: int, _lines: Sequence[Sequence[str]]) -> list[Stretch]:
    return []


class _Under:
    """Makes the ways in which the rows under one header are read.

    They are gone for millions of rows, so that what is alike for all is worked out here.
    """

    def __init__(self, table: Table, meanings: Meanings, tally: RowTally, *, proofs: bool) -> None:
        self._table = table
        self._meanings = meanings
        self._tally = tally
        self._proofs = proofs
        self.columns = table.columns

    def header(self, columns: Columns) -> _Ways:
        self.columns = columns
        places: Places = {}
        layout, member = self._table.layout, self._tally.member
        owned = self._proofs and Role.SIGNATURE_1 in columns.at
        carefully = self._careful_way(columns, places, owned=owned)
        form = None
        if self._table.separator == ",":
            form = plain_form(layout, columns, (*_QUICK, *_OWNERSHIP) if owned else _QUICK)
        if form is None:
            return _Ways(lines_of, _no_stretches, _never, carefully)
        pattern, pick = form
        ownership_of = ownership_reader(layout.nulls) if owned else None
        quickly = _quick_way(pick, layout.nulls, member, places, ownership_of)
        stretches = StretchFinder(pick, layout.nulls, places, ownership_of, quickly)
        return _Ways(pattern.findall, stretches, quickly, carefully)

    def _careful_way(self, columns: Columns, places: Places, *, owned: bool) -> Callable[[int, str], Row]:
        layout, separator, tally, meanings = self._table.layout, self._table.separator, self._tally, self._meanings
        width, nulls, member = columns.width, layout.nulls, tally.member
        # A role without a column is read from an empty cell that is put behind every row's own.
        at = {role: columns.at.get(role, width) for role in Role}
        pick = itemgetter(*(at[role] for role in (*_QUICK, Role.CUSTODIAN)))
        pick_ownership = itemgetter(*(at[role] for role in _OWNERSHIP))
        needed = 1 + max(columns.at[role] for role in (Role.LABEL, Role.NETWORK, Role.ADDRESS) if role in columns.at)
        typed = Role.KIND in columns.at or Role.STATUS in columns.at
        # Whether an account stands on its own in the first cells, whatever a comma too many did to those behind it.
        sure = not typed and Role.CUSTODIAN not in columns.at and columns.at.get(Role.AMOUNT, width) >= needed
        ownership_of = ownership_reader(nulls)
        headings = {header_name(word) for words in layout.columns.values() for word in words} | ALL_ROWS

        def carefully(number: int, line: str) -> Row:
            cells = split_cells(line, separator)
            overlong = _is_overlong(cells, width, at[Role.AMOUNT], sure=sure)
            cells = fitted(cells[:needed] if overlong else cells, width, needed)
            cells.append("")
            label, network, height_text, text, amount, custodian = pick(cells)
            meaning = meanings.of(label, network)
            kind = kind_of(cells, at, columns, layout) if typed else None
            custodian = custodian.strip()
            if custodian in nulls:
                custodian = ""
            if custodian:
                kind = Kind.CUSTODY
            text = text.strip()
            if header_name(text) in headings:
                raise Refused(RowRefusal.NO_ADDRESS, f"{shown(text)} is a heading, or stands for all rows")
            if text in nulls and kind is Kind.CUSTODY:
                text, account = "", b""
            else:
                account, kind = account_of(text, meaning, kind, nulls)
            coefficient, digits, rounded = None, 0, False
            if overlong:
                tally.pass_over(number, UnreadKind.AMOUNT, f"more than {width} cells, as one comma too many makes")
            try:
                coefficient, digits, rounded = amount_of(amount.strip(), meaning, base_units=layout.base_units)
            except Unreadable as error:
                tally.pass_over(number, UnreadKind.AMOUNT, str(error))
            height = meaning.height
            try:
                own_height = read_height(height_text.strip())
            except Unreadable as error:
                tally.pass_over(number, UnreadKind.HEIGHT, str(error))
            else:
                height = height if own_height is None else own_height
                if len(places) < _PLACES_KEPT:
                    places[label, network, height_text] = meaning, height
            ownership = ownership_of(*pick_ownership(cells)) if owned else None
            listed = meaning.listed
            return meaning, PublishedRow(
                listed, member, number, text, account, coefficient, digits, rounded, height, kind, custodian, ownership
            )

        return carefully


def _quick_way(
    pick: Pick,
    nulls: frozenset[str],
    member: str,
    places: Places,
    ownership_of: Callable[..., PublishedOwnership] | None,
) -> Quickly:
    make = tuple.__new__  # a third of the time of the class's own way

    def quickly(number: int, cells: Sequence[str]) -> Row | None:
        label, network, height_text, text, whole, decimals, *proof = pick(cells)
        place = places.get((label, network, height_text))
        if place is None or not text or text in nulls or len(whole) + len(decimals) > MAX_AMOUNT_DIGITS:
            return None
        meaning, height = place
        try:
            account = meaning.key(text)
        except AddressError:  # or a validator's key, which is none of an account
            return None
        coefficient = int(whole + decimals) if whole else None
        ownership = None if ownership_of is None else ownership_of(*proof)
        listed, digits = meaning.listed, len(decimals)
        fields = (
            listed, member, number, text, account, coefficient, digits, False, height, Kind.PLAIN, "", ownership
        )  # fmt: skip
        return meaning, make(PublishedRow, fields)

    return quickly


def _is_overlong(cells: Sequence[str], width: int, amount: int, *, sure: bool) -> bool:
    """Whether there are more cells than columns, so that it is unknown which is which behind the account.

    Raises Refused where that may hide how the account holds, or who.
    """
    if len(cells) <= width or not (any(map(str.strip, cells[width:])) or _parts_thousands(cells, amount)):
        return False
    if not sure:
        raise Refused(RowRefusal.LONG_ROW, f"{len(cells)} cells in {width} columns")
    return True


def _parts_thousands(cells: Sequence[str], amount: int) -> bool:
    """Whether the amount goes on in the next cell, as 1,234.5 does that stands without quotation marks."""
    return (
        amount + 1 < len(cells)
        and _THOUSANDS.fullmatch(f"{cells[amount].strip()},{cells[amount + 1].strip()}") is not None
    )


def _header_again(table: Table, line: str) -> Columns | None:
    """The columns, if a header stands again among the rows, as where two files were put into one."""
    try:
        cells = split_cells(line, table.separator)
        columns = table.layout.fit(cells)
    except ValueError:
        return None
    return None if columns is None or unread_meaning(columns) else stated_only(columns, cells)


def _is_no_row(line: str, number: int, table: Table, columns: Columns, tally: RowTally) -> bool:
    """Whether the line is none: nothing stands in it, or what it says is of all rows, such as `Total,,8.5`."""
    if not line.strip(' ,;|\t"'):
        return True
    stated = stated_in(number, split_cells(line, table.separator), columns)
    if stated is not None:
        tally.state(replace(stated, in_base_units=table.layout.base_units))
    return stated is not None


def _tell_replaced(block: str, before: int, header: int, tally: RowTally) -> None:
    if REPLACED not in block:
        return
    for number, line in enumerate(lines_of(block), before + 1):
        if number > header and REPLACED in line:
            tally.pass_over(number, UnreadKind.TEXT, f"{shown(line)} holds bytes that are no UTF-8")
