"""A history in a SQLite file, by the standard library.

Where the file system has no locks, or only pretends to, two programs would write at once, and one that reads would take
another's journal for a dead one's. There a file beside the history stands in for them (`sources.lock_file`): one
program at a time has the history open, and others wait for it.

Sources: sqlite.org, "Rollback Journal", "File Locking", "Uniform Resource Identifiers" (nolock), "Result Codes" and
"PRAGMA"; Python's sqlite3, "Transaction control" (here it is explicit).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from io import FileIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from scanner.errors import InputError
from scanner.history.databases.interface import Database, DatabaseLayout, Row, Unlike, Value
from scanner.sources.lock_file import SUFFIX, Lock, claimed, flock, keeps_others_out, record_locks_hold
from scanner.sources.regular_file import other_kind

_CACHE: Final = 64 * 1024  # KiB
_WAIT: Final = 30  # seconds for another writer to end
_PAUSE: Final = 0.05  # seconds between two looks whether it has


def connect(location: str, *, create: bool, lock: Lock = flock, wait: float = _WAIT) -> Database:
    """The file's history. Raises InputError if it is not there and is not to be made, or is no SQLite file.

    `lock` is what finds out whether the file system has locks, `wait` how many seconds to wait for others.
    """
    path = Path(location)
    if (kind := other_kind(path)) is not None:
        raise InputError.at(location, f"is no file, but {kind}: a history is a SQLite file, or a postgresql:// URL")
    if not create and not path.is_file():
        raise InputError.at(location, "no history is there; `scanner log add` makes one")
    if os.path.lexists(path) and not path.is_file():
        raise InputError.at(location, "is no file, and so no history")
    if create and not path.parent.is_dir():
        raise InputError.at(location, f"the folder {path.parent} is not there")
    with _reported(location), ExitStack() as held:
        uri = path.absolute().as_uri()
        if not _has_locks(path.parent, lock):
            held.enter_context(_alone(path, wait))
            uri += "?nolock=1"  # SQLite's own would fail, or pretend
        connection = sqlite3.connect(uri, timeout=wait, isolation_level=None, uri=True)
        held.callback(connection.close)
        database = Sqlite(connection, location)
        database.held = held.pop_all()
    return database


def _has_locks(folder: Path, lock: Lock) -> bool:
    """Whether locks in this folder keep others out, those of SQLite's kind too: a file system may have one kind and
    pretend to have the other. Where nothing can be written, nothing needs one."""
    with ExitStack() as held:
        try:
            name = held.enter_context(NamedTemporaryFile(dir=folder, prefix=".history-lock-")).name
            file = held.enter_context(FileIO(name, "a+"))
        except OSError:
            return True
        return keeps_others_out(file, Path(name), lock) and record_locks_hold(file, Path(name))


@contextmanager
def _alone(path: Path, wait: float) -> Iterator[None]:
    """No other program has the history open meanwhile."""
    beside = path.with_name(path.name + SUFFIX)
    busy = InputError.at(
        str(path), "another program has this history open, and the file system has no locks; try again"
    )
    until = time.monotonic() + wait
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(claimed(beside, busy))
                break
            except InputError as error:
                if error is not busy or time.monotonic() >= until:
                    raise
            time.sleep(_PAUSE)
        yield


class Sqlite(Database):
    binary = "BLOB"
    text = "TEXT"

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self.name = name
        self.held = ExitStack()  # what is let go when it is closed
        with _reported(name):
            self._connection.execute("PRAGMA trusted_schema = OFF")  # no function in a stranger's view or column
            self._connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE deletes, which triggers refuse
            self._connection.execute("PRAGMA cell_size_check = ON")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA temp_store = MEMORY")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # the first look into the file

    def rows(self, statement: str, *parameters: Value) -> Iterator[Row]:
        with _reported(self.name):
            yield from self._connection.execute(statement, parameters)

    def run(self, statement: str, *parameters: Value) -> None:
        with _reported(self.name):
            self._connection.execute(statement, parameters)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        marks = ", ".join("?" * len(columns))
        with _reported(self.name):
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
            with suppress(sqlite3.Error):  # the first failure is what is reported; the next to open it rolls it back
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        self.run("BEGIN")
        try:
            yield
        finally:
            with suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")

    def has(self, table: str) -> bool:
        return self.one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table) is not None

    def forbid_change(self, table: str) -> None:
        for change in ("UPDATE", "DELETE"):
            self.run(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'a history is append-only'); END"
            )

    def unlike(self, layout: DatabaseLayout) -> Unlike:
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
        with _reported(self.name), self.held:
            self._connection.close()


_ADVICE: Final = {
    "SQLITE_BUSY": "; another program writes to it, or the file system has no locks",
    "SQLITE_PROTOCOL": "; the file system's locks do not work",
    "SQLITE_FULL": "; nothing was added",
}


def _shown(name: object) -> str:
    text = str(name)
    return text if text.isascii() and text.isprintable() and len(text) < 100 else ascii(text)[:100]


@contextmanager
def _reported(name: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        code = getattr(error, "sqlite_errorname", "")
        raise InputError.at(name, f"the history cannot be used: {why}{_ADVICE.get(code, '')}") from None
