"""What the cells of one row mean, one function each: how it holds, how much, who. None of them reads a line."""

from __future__ import annotations

from collections.abc import Callable

from scanner.chains.account_forms import AddressError
from scanner.sources.published.archive import shown
from scanner.sources.published.cells import Unreadable, is_float_rounded, read_amount
from scanner.sources.published.layout import Columns, Role, TableLayout
from scanner.sources.published.meanings import Meaning
from scanner.sources.published.row import Kind, PublishedOwnership
from scanner.sources.published.rows import Refused, RowRefusal


def fitted(cells: list[str], width: int, needed: int) -> list[str]:
    """As many cells as there are columns: what is cut at the end is optional, or empty. Raises Refused."""
    count = len(cells)
    if count == width:
        return cells
    if count < needed:
        raise Refused(RowRefusal.SHORT_ROW, f"{count} cells, expected at least {needed}")
    return cells[:width] + [""] * (width - count)


def kind_of(cells: list[str], at: dict[Role, int], columns: Columns, layout: TableLayout) -> Kind | None:
    """What the type column says; None where it says nothing. Raises Refused."""
    status = cells[at[Role.STATUS]].strip()
    if Role.STATUS in columns.at and status not in layout.statuses:
        raise Refused(RowRefusal.WRONG_STATUS, shown(status))
    text = cells[at[Role.KIND]].strip()
    if text in layout.nulls:
        return None
    if text not in layout.kinds:
        raise Refused(RowRefusal.BAD_TYPE, f"{shown(text)}; known are {', '.join(layout.kinds)}")
    return layout.kinds[text]


def amount_of(text: str, meaning: Meaning, *, base_units: bool) -> tuple[int | None, int, bool]:
    """The amount, its decimals, and whether a binary float rounded it; None for one not stated. Raises Unreadable."""
    amount = read_amount(text)
    if amount is None:
        return None, 0, False
    coefficient, digits = amount
    if not base_units:
        return coefficient, digits, False
    if digits:
        raise Unreadable(f"{shown(text)} is no whole number, and amounts of this layout are whole base units")
    if meaning.base_decimals is None:
        return None, 0, False  # it is unknown how many coins these base units are
    return coefficient, meaning.base_decimals, is_float_rounded(coefficient)


def account_of(text: str, meaning: Meaning, kind: Kind | None, nulls: frozenset[str]) -> tuple[bytes, Kind]:
    """The key of the account, and how it holds. Raises Refused."""
    if text in nulls:
        raise Refused(RowRefusal.NO_ADDRESS, shown(text))
    if meaning.validator is not None and kind is not Kind.PLAIN:
        try:
            return meaning.validator(text), kind or Kind.STAKING
        except AddressError as error:
            if kind is Kind.STAKING:
                raise Refused(RowRefusal.BAD_ADDRESS, str(error)) from None
    if kind is Kind.STAKING:
        raise Refused(RowRefusal.BAD_TYPE, f"{shown(meaning.listed.label)} is staked in no way that is known")
    try:
        return meaning.key(text), kind or Kind.PLAIN
    except AddressError as error:
        # No address of any chain has a blank in it: a phrase stands in its place.
        reason = RowRefusal.NO_ADDRESS if len(text.split()) > 1 else RowRefusal.BAD_ADDRESS
        raise Refused(reason, str(error)) from None


def ownership_reader(nulls: frozenset[str]) -> Callable[..., PublishedOwnership]:
    """The function that takes the cells of _OWNERSHIP."""
    make = tuple.__new__
    latest = ""

    def read(*cells: str) -> PublishedOwnership:
        nonlocal latest
        message, first, second, key, owner, other = map(str.strip, cells)
        if message == latest:  # as of most rows: one text for all
            message = latest
        latest = message
        return make(
            PublishedOwnership,
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
