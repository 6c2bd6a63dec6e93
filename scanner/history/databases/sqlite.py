"""A history in a SQLite file, by the standard library.

Sources: sqlite.org, "Rollback Journal" and "PRAGMA"; Python's sqlite3, "Transaction control" (here it is explicit).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from scanner.errors import InputError
from scanner.history.databases.interface import Database, Layout, Row, Unlike, Value

_CACHE: Final = 64 * 1024  # KiB
_WAIT: Final = 30  # seconds for another writer to end


def connect(location: str, *, create: bool) -> Database:
    """The file's history. Raises InputError if it is not there and is not to be made, or is no SQLite file."""
    path = Path(location)
    if not create and not path.is_file():
        raise InputError.at(location, "no history is there; `scanner log add` makes one")
    if os.path.lexists(path) and not path.is_file():
        raise InputError.at(location, "is no file, and so no history")
    if create and not path.parent.is_dir():
        raise InputError.at(location, f"the folder {path.parent} is not there")
    with _told(location):
        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    return Sqlite(connection, location)


class Sqlite(Database):
    binary = "BLOB"
    text = "TEXT"

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self.name = name
        with _told(name):
            self._connection.execute("PRAGMA trusted_schema = OFF")  # no function in a stranger's view or column
            self._connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE deletes, which triggers refuse
            self._connection.execute("PRAGMA cell_size_check = ON")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA temp_store = MEMORY")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # the first look into the file

    def rows(self, statement: str, *parameters: Value) -> Iterator[Row]:
        with _told(self.name):
            yield from self._connection.execute(statement, parameters)

    def run(self, statement: str, *parameters: Value) -> None:
        with _told(self.name):
            self._connection.execute(statement, parameters)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        marks = ", ".join("?" * len(columns))
        with _told(self.name):
            self._connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                rows,
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        self.run("BEGIN")
        try:
            yield
        finally:
            self.run("COMMIT")

    def has(self, table: str) -> bool:
        return self.one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table) is not None

    def forbid_change(self, table: str) -> None:
        for change in ("UPDATE", "DELETE"):
            self.run(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'a history is append-only'); END"
            )

    def unlike(self, layout: Layout) -> Unlike:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            ours = Sqlite(connection, ":memory:")
            ours.make(layout)
            expected = ours._schema()
        found = self._schema()
        triggers = {name for name, (kind, *_) in expected.items() if kind == "trigger"}
        missing = expected.keys() - found.keys()
        strange = [name for name, is_so in found.items() if expected.get(name) != is_so]
        return Unlike(
            (
                *(f"holds {_shown(name)}, which is none of its own, or not as it was made" for name in sorted(strange)),
                *(f"{name} is missing" for name in sorted(missing - triggers)),
            ),
            tuple(sorted(missing & triggers)),
        )

    def _schema(self) -> dict[str, tuple[str, str, str | None]]:
        """Everything that was created, by name, but for what ANALYZE writes."""
        found = self.rows("SELECT name, type, tbl_name, sql FROM sqlite_master")
        return {name: (kind, table, sql) for name, kind, table, sql in found if not name.startswith("sqlite_stat")}

    @contextmanager
    def scratch(self, table: str, columns: str) -> Iterator[None]:
        self.run(f"CREATE TEMP TABLE {table} ({columns})")
        yield
        self.run(f"DROP TABLE {table}")

    def close(self) -> None:
        self._connection.close()


def _shown(name: object) -> str:
    text = str(name)
    return text if text.isascii() and text.isprintable() and len(text) < 100 else ascii(text)[:100]


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InputError.at(name, f"the history cannot be used: {error}") from None
