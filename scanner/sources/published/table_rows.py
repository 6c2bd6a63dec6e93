"""Delimited text to rows, by the names of its columns and never by their position alone.

One line is one row. Every row that is read is either yielded or refused, with its reason. Where the header stands, is
`table`'s part; what a label means, `meanings`'; whether two rows say the same, `repeats`'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from scanner.core.address import VALIDATOR_TEXT, AddressError, validator_key
from scanner.sources.published.archive import shown
from scanner.sources.published.layout import Columns, Role, TableLayout
from scanner.sources.published.lines import Unbalanced, lines_of, split_cells
from scanner.sources.published.meanings import (
    MAX_AMOUNT_DIGITS,
    Meaning,
    Meanings,
    is_float_rounded,
    read_amount,
    read_height,
)
from scanner.sources.published.plain_form import plain_form
from scanner.sources.published.row import Kind, Ownership, PublishedRow
from scanner.sources.published.rows import CHECKED, Refusal, Refused, Tally
from scanner.sources.published.table import Table

_PLACES_KEPT: Final = 10_000
_QUICK: Final = (Role.LABEL, Role.NETWORK, Role.HEIGHT, Role.ADDRESS, Role.AMOUNT)
_OWNERSHIP: Final = (Role.MESSAGE, Role.SIGNATURE_1, Role.SIGNATURE_2, Role.KEY, Role.OWNER_1, Role.OWNER_2)

Row = tuple[Meaning, PublishedRow]
"""An accepted row, and what its label means."""

Places = dict[tuple[str, str, str], tuple[Meaning, int | None]]
"""What cells of label, network and height mean, as far as rows bore them that were accepted."""


def read_rows(blocks: Iterable[str], table: Table, meanings: Meanings, tally: Tally, *, proofs: bool) -> Iterator[Row]:
    """The accepted rows, each with what its label means; with `proofs`, what was published of ownership too.

    `blocks` are those of the whole text, header and all. Raises InputError for too many rows.
    """
    member = tally.member
    ways = _ways(table.layout, table.columns, meanings, member, proofs=proofs)
    number = 0  # of the line at hand
    for block in blocks:
        before = number
        lines: list[str] | None = None
        quickly = ways.quickly
        for cells in ways.plain(block):
            number += 1
            if number <= table.header:
                continue
            accepted = quickly(number, cells)
            if accepted is None:
                if lines is None:
                    lines = lines_of(block)
                line = lines[number - before - 1]
                if not line:
                    continue
                try:
                    accepted = ways.carefully(number, line)
                except Unbalanced as error:
                    tally.refuse(number, Refusal.BAD_QUOTING, str(error))
                except Refused as refused:
                    again = _header_again(table.layout, line)
                    if again is not None:
                        ways = _ways(table.layout, again, meanings, member, proofs=proofs)
                        quickly = _never  # what `cells` are of the block's other lines is not known any more
                        continue
                    if not line.strip(' ,\t"'):
                        continue
                    tally.refuse(number, refused.reason, refused.detail)
            tally.read += 1
            if not tally.read & CHECKED:
                tally.check()
            if accepted is not None:
                yield accepted


class _Ways(NamedTuple):
    """How the rows under one header are read."""

    plain: Callable[[str], Sequence[Sequence[str]]]  # a block to what `quickly` takes, line by line
    quickly: Callable[[int, Sequence[str]], Row | None]  # the row; None for one that is to be read carefully
    carefully: Callable[[int, str], Row]  # the row of a line. Raises Unbalanced, Refused


def _never(_number: int, _cells: Sequence[str]) -> None:
    return None


def _ways(layout: TableLayout, columns: Columns, meanings: Meanings, member: str, *, proofs: bool) -> _Ways:
    """They are gone for millions of rows, so that what is alike for all is worked out here."""
    places: Places = {}
    owned = proofs and Role.SIGNATURE_1 in columns.at
    carefully = _careful_way(layout, columns, meanings, member, places, owned=owned)
    form = plain_form(layout, columns, (*_QUICK, *_OWNERSHIP) if owned else _QUICK)
    if form is None:
        return _Ways(lines_of, _never, carefully)
    pattern, pick = form
    return _Ways(pattern.findall, _quick_way(pick, layout.nulls, member, places, owned=owned), carefully)


def _careful_way(
    layout: TableLayout, columns: Columns, meanings: Meanings, member: str, places: Places, *, owned: bool
) -> Callable[[int, str], Row]:
    width, nulls = columns.width, layout.nulls
    # A role without a column is read from an empty cell that is put behind every row's own.
    at = {role: columns.at.get(role, width) for role in Role}
    pick = itemgetter(*(at[role] for role in (*_QUICK, Role.CUSTODIAN)))
    pick_ownership = itemgetter(*(at[role] for role in _OWNERSHIP))
    needed = 1 + max(columns.at[role] for role in (Role.LABEL, Role.NETWORK, Role.ADDRESS) if role in columns.at)
    typed = Role.KIND in columns.at or Role.STATUS in columns.at
    ownership_of = _ownership_reader(nulls)

    def carefully(number: int, line: str) -> Row:
        cells = _fitted(split_cells(line), width, needed)
        cells.append("")
        label, network, height_text, text, amount, custodian = pick(cells)
        meaning = meanings.of(label, network)
        kind = _kind(cells, at, columns, layout) if typed else None
        custodian = custodian.strip()
        if custodian in nulls:
            custodian = ""
        if custodian:
            kind = Kind.CUSTODY
        text = text.strip()
        if text in nulls and kind is Kind.CUSTODY:
            text, account = "", b""
        else:
            account, kind = _account(text, meaning, kind, nulls)
        amount = amount.strip()
        if amount in nulls:
            coefficient, digits, rounded = None, 0, False
        elif layout.base_units:
            coefficient, digits, rounded = _base_units(amount, meaning)
        else:
            (coefficient, digits), rounded = read_amount(amount), False
        own_height = read_height(height_text.strip())
        height = meaning.height if own_height is None else own_height
        if len(places) < _PLACES_KEPT:
            places[label, network, height_text] = meaning, height
        ownership = ownership_of(*pick_ownership(cells)) if owned else None
        listed = meaning.listed
        return meaning, PublishedRow(
            listed, member, number, text, account, coefficient, digits, rounded, height, kind, custodian, ownership
        )

    return carefully


def _quick_way(
    pick: Callable[[Sequence[str]], tuple[str, ...]],
    nulls: frozenset[str],
    member: str,
    places: Places,
    *,
    owned: bool,
) -> Callable[[int, Sequence[str]], Row | None]:
    ownership_of = _ownership_reader(nulls)
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
        ownership = ownership_of(*proof) if owned else None
        listed, digits = meaning.listed, len(decimals)
        fields = (
            listed, member, number, text, account, coefficient, digits, False, height, Kind.PLAIN, "", ownership
        )  # fmt: skip
        return meaning, make(PublishedRow, fields)

    return quickly


def _fitted(cells: list[str], width: int, needed: int) -> list[str]:
    """As many cells as there are columns: what is cut at the end is optional, or empty. Raises Refused."""
    count = len(cells)
    if count == width:
        return cells
    if count < needed:
        raise Refused(Refusal.SHORT_ROW, f"{count} cells, expected at least {needed}")
    if any(cell.strip() for cell in cells[width:]):
        raise Refused(Refusal.LONG_ROW, f"{count} cells in {width} columns")
    return cells[:width] + [""] * (width - count)


def _kind(cells: list[str], at: dict[Role, int], columns: Columns, layout: TableLayout) -> Kind | None:
    """What the type column says; None where it says nothing. Raises Refused."""
    status = cells[at[Role.STATUS]].strip()
    if Role.STATUS in columns.at and status not in layout.statuses:
        raise Refused(Refusal.WRONG_STATUS, shown(status))
    text = cells[at[Role.KIND]].strip()
    if text in layout.nulls:
        return None
    if text not in layout.kinds:
        raise Refused(Refusal.BAD_TYPE, f"{shown(text)}; known are {', '.join(layout.kinds)}")
    return layout.kinds[text]


def _base_units(text: str, meaning: Meaning) -> tuple[int | None, int, bool]:
    """The amount, its decimals, and whether a binary float rounded it. Raises Refused."""
    coefficient, digits = read_amount(text)
    if digits:
        raise Refused(Refusal.BAD_AMOUNT, f"{shown(text)}; amounts of this layout are whole base units")
    if meaning.base_decimals is None:
        return None, 0, False  # nobody can say how many coins these base units are
    return coefficient, meaning.base_decimals, is_float_rounded(coefficient)


def _account(text: str, meaning: Meaning, kind: Kind | None, nulls: frozenset[str]) -> tuple[bytes, Kind]:
    """The key of the account, and how it holds. Raises Refused."""
    if text in nulls:
        raise Refused(Refusal.NO_ADDRESS, shown(text))
    if meaning.staked and kind is not Kind.PLAIN and (len(text) == VALIDATOR_TEXT or kind is Kind.STAKING):
        key = validator_key(text)
        if key is None:
            raise Refused(Refusal.BAD_ADDRESS, f"{shown(text)} is no validator's key: expected 0x and 96 hex digits")
        return key, kind or Kind.STAKING
    if kind is Kind.STAKING:
        raise Refused(Refusal.BAD_TYPE, f"{shown(meaning.listed.label)} is staked in no way that is known")
    try:
        return meaning.key(text), kind or Kind.PLAIN
    except AddressError as error:
        # No address of any chain has a blank in it: a phrase stands in its place.
        reason = Refusal.NO_ADDRESS if len(text.split()) > 1 else Refusal.BAD_ADDRESS
        raise Refused(reason, str(error)) from None


def _ownership_reader(nulls: frozenset[str]) -> Callable[..., Ownership]:
    """The function that takes the cells of _OWNERSHIP."""
    make = tuple.__new__

    def read(*cells: str) -> Ownership:
        message, first, second, key, owner, other = map(str.strip, cells)
        return make(
            Ownership,
            (
                "" if message in nulls else message,
                _given(first, second, nulls),
                "" if key in nulls else key,
                _given(owner, other, nulls) if owner or other else (),
            ),
        )

    return read


def _given(first: str, second: str, nulls: frozenset[str]) -> tuple[str, ...]:
    """Those of the two that say something."""
    if second in nulls:
        return () if first in nulls else (first,)
    return (second,) if first in nulls else (first, second)


def _header_again(layout: TableLayout, line: str) -> Columns | None:
    """The columns, if a header stands again among the rows, as where two files were put into one."""
    try:
        return layout.fit(split_cells(line))
    except ValueError:
        return None
