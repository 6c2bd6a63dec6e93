"""The rows of a file as columns, gathered while they are accounted for: for those who would read them all again at
once.

A row takes some forty bytes, and what was published of its ownership. The few that do not fit into columns (of another
kind than PLAIN, without an amount, with one that went through a binary float) are kept as they are; of a file with many
of them nothing is gathered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.core.columns import Accounts, Coded, Words
from scanner.sources.published.row import Kind, Listed, PublishedOwnership, PublishedRow
from scanner.sources.published.stretches import Group

_MOST_OTHERS: Final = 10_000


@dataclass(slots=True)
class PlainRows:
    """Rows of one label, each of kind PLAIN and with an amount."""

    accounts: Accounts = field(default_factory=Accounts)
    coefficients: Words = field(default_factory=Words)
    digits: Coded[int] = field(default_factory=Coded)
    heights: Coded[int | None] = field(default_factory=Coded)
    ownerships: list[PublishedOwnership | None] = field(
        default_factory=list
    )  # of the rows up to the last one that has any

    def own(self, ownerships: Sequence[PublishedOwnership]) -> None:
        """What was published of the rows that are added next."""
        self.ownerships += [None] * (len(self.digits) - len(self.ownerships))
        self.ownerships += ownerships


class Gathered:
    """Takes every accepted row once, in the file's order."""

    def __init__(self) -> None:
        self.plain: dict[Listed, PlainRows] = {}
        self.others: list[PublishedRow] = []
        self.first: dict[tuple[Listed, Kind], None] = {}  # labels and kinds, in the order in which they first stood
        self._by_number: dict[int, PlainRows] = {}

    @property
    def whole(self) -> bool:
        """Whether all rows are here."""
        return len(self.others) <= _MOST_OTHERS

    def add(self, number: int, row: PublishedRow) -> None:
        """`number` is the label's."""
        self.first[row.listed, row.kind] = None
        if fits_into_columns(row):
            rows = self._of(number, row.listed)
            if row.ownership is not None:
                rows.own([row.ownership])
            rows.accounts.append(row.account)
            rows.coefficients.append(row.coefficient)
            rows.digits.append(row.digits)
            rows.heights.append(row.height)
        elif self.whole:
            self.others.append(row)

    def add_all(self, group: Group) -> None:
        rows = self._of(group.meaning.label, group.meaning.listed)
        if group.ownerships is not None:
            rows.own(group.ownerships)
        rows.accounts.join(group.accounts)
        rows.coefficients.join(Words.of(group.coefficients))
        rows.digits.join(Coded.of(group.digits))
        rows.heights.extend(group.height, len(group.digits))

    def _of(self, number: int, listed: Listed) -> PlainRows:
        rows = self._by_number.get(number)  # which takes a fraction of the time that comparing labels does
        if rows is None:
            rows = self._by_number[number] = self.plain[listed] = PlainRows()
            self.first[listed, Kind.PLAIN] = None
        return rows


def fits_into_columns(row: PublishedRow) -> bool:
    """Whether the row is of kind PLAIN, with an amount as it is written."""
    return row.kind is Kind.PLAIN and row.coefficient is not None and not row.float_rounded
