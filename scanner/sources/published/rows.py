"""The account of rows: how many were read, accepted, and refused for which reason. Nothing vanishes.

`RowTally` counts while a file is read; `RowAccount` is what it comes to. What makes a row refused is decided where rows
are read (`table`, `document`) and compared (`repeats`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from scanner.errors import InputError
from scanner.sources.published.archive import shown
from scanner.sources.published.row import Kind, Listed
from scanner.sources.published.stated import StatedFigure

MAX_ROWS: Final = 50_000_000  # the largest known, Binance's deposits, has 4.2 million
CHECKED: Final = 2**16 - 1  # the number of rows is compared with the most there may be whenever these bits are clear
LISTED: Final = 1000
"""So many refused rows of a file are kept with their places, unless more are asked for; all are counted."""
_STATED: Final = 1000  # figures of one text that are kept


class RowRefusal(StrEnum):
    """Why a row is not counted. The names are shown to users and machines: never reuse one."""

    BAD_QUOTING = "BAD_QUOTING"  # quotation marks or brackets that do not close
    SHORT_ROW = "SHORT_ROW"  # cells that every row must have are missing
    LONG_ROW = "LONG_ROW"  # more cells than columns, so that it is unknown who holds it, or how
    BAD_LABEL = "BAD_LABEL"  # no asset is named, or one that contradicts the network
    NO_ADDRESS = "NO_ADDRESS"  # nothing, or a phrase, where the address should be
    BAD_ADDRESS = "BAD_ADDRESS"  # not an address of that network, or its checksum is wrong
    BAD_TYPE = "BAD_TYPE"  # a kind of holding that the layout does not know
    WRONG_STATUS = "WRONG_STATUS"  # a row that the file itself marks as not meant
    UNSPENDABLE = "UNSPENDABLE"  # coins that the exchange itself does not count
    DUPLICATE = "DUPLICATE"  # says once more what an earlier row said
    CONFLICT = "CONFLICT"  # names an earlier row's asset and account, and contradicts it


class UnreadKind(StrEnum):
    """What of a row could not be read, though the row counts. The names are shown to users and machines."""

    AMOUNT = "AMOUNT"  # no number, one below zero, or one that may be read in two ways: it counts as not stated
    HEIGHT = "HEIGHT"  # no block height: it counts as not stated
    TEXT = "TEXT"  # bytes that are no UTF-8, somewhere in the line


_NOT_LOST: Final = frozenset(
    {RowRefusal.DUPLICATE, RowRefusal.CONFLICT, RowRefusal.UNSPENDABLE, RowRefusal.WRONG_STATUS}
)


class Refused(ValueError):
    """For use between a reader of rows and its loop: this row is refused."""

    def __init__(self, reason: RowRefusal, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row's place: the file within an archive (empty for a file that is none), and the line, from 1."""

    member: str
    line: int

    def __str__(self) -> str:
        return f"{shown(self.member)} line {self.line}" if self.member else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    place: RowPlace
    reason: RowRefusal
    detail: str  # the value at fault, escaped and bounded; for repeats, the earlier row's place


@dataclass(frozen=True, slots=True)
class UnreadCell:
    place: RowPlace
    what: UnreadKind
    detail: str  # the value, escaped and bounded, and why it cannot be read


@dataclass(slots=True)
class AcceptedTotal:
    """What the accepted rows of one label, network and kind come to."""

    rows: int = 0
    unstated: int = 0  # rows whose amount is not given, or cannot be given in coins, or is contradicted
    claimed: Fraction = Fraction(0)  # whole coins


@dataclass(frozen=True, slots=True)
class RowAccount:
    """Rows read are rows accepted and rows refused: `read == accepted + sum(refused.values())`."""

    read: int
    accepted: int
    refused: Mapping[RowRefusal, int]
    listed: tuple[RefusedRow, ...]  # the first of them, as many as were asked for
    totals: Mapping[tuple[Listed, Kind], AcceptedTotal]  # by label as spelled, in the order in which they first stood
    unread: Mapping[UnreadKind, int] = field(default_factory=dict)  # cells of rows that count all the same
    unread_cells: tuple[UnreadCell, ...] = ()  # the first of them, as many as rows

    @property
    def lost(self) -> int:
        """Refused rows that may name holdings of which no accepted row speaks: while there are any, some are missing.

        Repeats are not among them, nor are rows that the file itself marks as not counted.
        """
        return sum(count for reason, count in self.refused.items() if reason not in _NOT_LOST)

    @property
    def unmapped(self) -> dict[Listed, int]:
        """Rows by label, for labels that no table names: holdings that can only be gaps."""
        rows: dict[Listed, int] = {}
        for (listed, _), total in self.totals.items():
            if not listed.mapped:
                rows[listed] = rows.get(listed, 0) + total.rows
        return rows


@dataclass(slots=True)
class RowTally:
    """Counts rows as they are read. `member` and `where` are of the text that is being read."""

    most: int = LISTED  # refused rows that are kept, and cells
    member: str = ""
    where: str = ""
    read: int = 0
    refused: Counter[RowRefusal] = field(default_factory=Counter)
    listed: list[RefusedRow] = field(default_factory=list)
    unread: Counter[UnreadKind] = field(default_factory=Counter)
    unread_cells: list[UnreadCell] = field(default_factory=list)
    stated: list[StatedFigure] = field(default_factory=list)  # by lines of the text that is being read
    set_aside: Counter[Listed] = field(
        default_factory=Counter
    )  # of that text: base units that it does not count itself

    def refuse(self, line: int, reason: RowRefusal, detail: str) -> None:
        """The row on `line` of the text that is being read is not counted."""
        self.refused[reason] += 1
        self.tell(RefusedRow(RowPlace(self.member, line), reason, detail))

    def tell(self, row: RefusedRow) -> None:
        """Keeps a refused row to be shown, if there is room."""
        if len(self.listed) < self.most:
            self.listed.append(row)

    def pass_over(self, line: int, what: UnreadKind, detail: str) -> None:
        """Something on `line` could not be read, and its row counts all the same."""
        self.unread[what] += 1
        if len(self.unread_cells) < self.most:
            self.unread_cells.append(UnreadCell(RowPlace(self.member, line), what, detail))

    def state(self, stated: StatedFigure) -> None:
        """The text that is being read says so of its rows as a whole."""
        if len(self.stated) < _STATED:
            self.stated.append(stated)

    def check(self) -> None:
        """Raises InputError beyond MAX_ROWS. To be called now and then."""
        if self.read > MAX_ROWS:
            raise InputError.at(self.where, f"has more than {MAX_ROWS} rows")
