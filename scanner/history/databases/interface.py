"""What a history asks of a database: a few statements of SQL that all of them understand, and four things they do not
share (bulk loading, transactions, binary columns, triggers).

Whatever else somebody has put beside the tables (views, triggers, functions, columns with expressions) would be run by
those who read or write: `unlike` finds it.

In every statement `?` stands for a parameter. Amounts and moments are kept as text, digests and envelopes as bytes.
Errors of the driver come out as InputError that names the history without its credentials. Not in here: any table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Value = int | str | bytes | None
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DatabaseLayout:
    """What stands in a history's database, and nothing beside it."""

    tables: Mapping[str, str]  # their columns, by name, with {binary} and {text} for the types of bytes and text
    indexes: Mapping[str, tuple[str, str]]  # table and column, by name
    guarded: Sequence[str]  # tables of which the database itself refuses to change or delete a row


@dataclass(frozen=True, slots=True)
class Unlike:
    """How a database differs from a layout, in words."""

    strange: tuple[str, ...] = ()  # what is not of it, or not as it is there
    missing: tuple[str, ...] = ()  # triggers that guard rows


class Database(ABC):
    """One connection. It is closed at the end of a `with`."""

    name: str  # as it may be printed: without user, password or query
    binary: str  # the type of a column of bytes
    text: str  # the type of a column of text that compares by code points, whatever the server's language

    @abstractmethod
    def rows(self, statement: str, *parameters: Value) -> Iterator[Row]:
        """What a query gives, or the rows that a statement with RETURNING wrote."""

    @abstractmethod
    def run(self, statement: str, *parameters: Value) -> None:
        """A statement that gives nothing."""

    @abstractmethod
    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """Many rows at once, in the way that is fastest here."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """All that is done inside is done, or nothing. One writer at a time: others wait, at most half a minute."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment, whatever others write meanwhile."""

    @abstractmethod
    def has(self, table: str) -> bool:
        """Whether there is such a table."""

    @abstractmethod
    def forbid_change(self, table: str) -> None:
        """Let the database itself refuse to change or delete a row of this table."""

    def make(self, layout: DatabaseLayout) -> None:
        """All of a layout, where there is nothing."""
        for table, columns in layout.tables.items():
            self.run(f"CREATE TABLE {table} ({columns.format(binary=self.binary, text=self.text)})")
        for name, (table, column) in layout.indexes.items():
            self.run(f"CREATE INDEX {name} ON {table} ({column})")
        for table in layout.guarded:
            self.forbid_change(table)

    @abstractmethod
    def unlike(self, layout: DatabaseLayout) -> Unlike:
        """How what is there differs from what `make` makes."""

    @abstractmethod
    def scratch(self, table: str, columns: str) -> AbstractContextManager[None]:
        """A table of this connection alone, for the time of the `with`, inside a `writing`."""

    @abstractmethod
    def close(self) -> None: ...

    def one(self, statement: str, *parameters: Value) -> Row | None:
        """The first row of a query, if there is one."""
        return next(iter(list(self.rows(statement, *parameters))), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
