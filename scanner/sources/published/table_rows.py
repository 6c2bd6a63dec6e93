"""Delimited text to rows, by the names of its columns and never by their position alone.

One line is one row. Every row that is read is either yielded or refused, with its reason. Where the header stands, is
`table`'s part; what a label means, `meanings`'; whether two rows say the same, `repeats`'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import itemgetter
from typing import Final

from scanner.core.address import AddressError
from scanner.sources.published.accounts import validator_key
from scanner.sources.published.archive import shown
from scanner.sources.published.layout import Columns, Role, TableLayout
from scanner.sources.published.lines import Unbalanced, split_cells
from scanner.sources.published.meanings import Meaning, Meanings, is_float_rounded, read_amount, read_height
from scanner.sources.published.row import Kind, Ownership, PublishedRow
from scanner.sources.published.rows import CHECKED, Refusal, Refused, Tally
from scanner.sources.published.table import Table

_PLACES_KEPT: Final = 10_000
_PICKED: Final = (Role.LABEL, Role.NETWORK, Role.HEIGHT, Role.ADDRESS, Role.AMOUNT, Role.CUSTODIAN)


def read_rows(
    lines: Iterable[str], table: Table, meanings: Meanings, tally: Tally, *, proofs: bool
) -> Iterator[tuple[Meaning, PublishedRow]]:
    """The accepted rows, each with what its label means; with `proofs`, what was published of ownership too.

    `lines` are those of the whole text, header and all.
    """
    member = tally.member
    parse = _parser(table.layout, table.columns, meanings, member, proofs=proofs)
    for number, line in enumerate(islice(lines, table.header, None), table.header + 1):
        if not line:
            continue
        try:
            accepted = parse(number, line)
        except Unbalanced as error:
            accepted = None
            tally.refuse(number, Refusal.BAD_QUOTING, str(error))
        except Refused as refused:
            accepted = None
            again = _header_again(table.layout, line)
            if again is not None:
                parse = _parser(table.layout, again, meanings, member, proofs=proofs)
                continue
            if not line.strip(' ,\t"'):
                continue
            tally.refuse(number, refused.reason, refused.detail)
        tally.read += 1
        if not tally.read & CHECKED:
            tally.check()
        if accepted is not None:
            yield accepted


def _parser(
    layout: TableLayout, columns: Columns, meanings: Meanings, member: str, *, proofs: bool
) -> Callable[[int, str], tuple[Meaning, PublishedRow]]:
    """The function that reads one line. It is called for millions, so that what is alike for all is worked out here."""
    width, nulls = columns.width, layout.nulls
    # A role without a column is read from an empty cell that is put behind every row's own.
    at = {role: columns.at.get(role, width) for role in Role}
    pick = itemgetter(*(at[role] for role in _PICKED))
    needed = 1 + max(columns.at[role] for role in (Role.LABEL, Role.NETWORK, Role.ADDRESS) if role in columns.at)
    # By the number of cells: empty ones in place of those that are cut off at the end, and that one.
    behind = {count: [""] * (width + 1 - count) for count in range(needed, width + 1)}
    typed = Role.KIND in columns.at or Role.STATUS in columns.at
    base_units = layout.base_units
    ownership_of = _ownership_reader(at, nulls) if proofs and Role.SIGNATURE_1 in columns.at else None
    meaning_of = meanings.of
    places: dict[tuple[str, str, str], tuple[Meaning, int | None]] = {}  # by cells: a file has few
    make = tuple.__new__  # a third of the time of the class's own way

    def parse(number: int, line: str) -> tuple[Meaning, PublishedRow]:
        cells = split_cells(line)
        rest = behind.get(len(cells))
        if rest:
            cells += rest
        else:
            cells = [*_fitted(cells, width, needed), ""]
        label, network, height_text, text, amount, custodian = pick(cells)
        place = places.get((label, network, height_text))
        meaning = place[0] if place else meaning_of(label, network)
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
        elif base_units:
            coefficient, digits, rounded = _base_units(amount, meaning)
        else:
            (coefficient, digits), rounded = read_amount(amount), False
        if place is None:
            height = read_height(height_text.strip())
            place = meaning, meaning.height if height is None else height
            if len(places) < _PLACES_KEPT:
                places[label, network, height_text] = place
        fields = (
            meaning.listed,
            member,
            number,
            text,
            account,
            coefficient,
            digits,
            rounded,
            place[1],
            kind,
            custodian,
            ownership_of(cells) if ownership_of else None,
        )
        return meaning, make(PublishedRow, fields)

    return parse


def _fitted(cells: list[str], width: int, needed: int) -> list[str]:
    """The cells of a row of another number than `needed` to `width`, if those too many are empty. Raises Refused."""
    if len(cells) < needed:
        raise Refused(Refusal.SHORT_ROW, f"{len(cells)} cells, expected at least {needed}")
    if any(cell.strip() for cell in cells[width:]):
        raise Refused(Refusal.LONG_ROW, f"{len(cells)} cells in {width} columns")
    return cells[:width]


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
    if meaning.staked and kind is not Kind.PLAIN and (len(text) == 98 or kind is Kind.STAKING):
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


def _ownership_reader(at: dict[Role, int], nulls: frozenset[str]) -> Callable[[list[str]], Ownership]:
    pick = itemgetter(
        *(
            at[role]
            for role in (
                Role.MESSAGE,
                Role.SIGNATURE_1,
                Role.SIGNATURE_2,
                Role.KEY,
                Role.OWNER_1,
                Role.OWNER_2,
            )
        )
    )

    def read(cells: list[str]) -> Ownership:
        message, first, second, key, owner, other = [cell.strip() for cell in pick(cells)]
        return Ownership(
            "" if message in nulls else message,
            _given(first, second, nulls),
            "" if key in nulls else key,
            _given(owner, other, nulls),
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
