"""A history in PostgreSQL, by psycopg 3 (the extra `postgres`). Its tables stand in a schema of their own.

A URL is libpq's, so passwords may also come from PGPASSWORD or a .pgpass file. A server on another machine has to show
a certificate for its name, unless the URL's own sslmode says otherwise. No user, password or query of the URL is shown.

Sources: PostgreSQL's documentation, "Connection URIs", "SSL Support" (libpq), "Explicit Locking", "Transaction
Isolation"; psycopg's, "Using COPY TO and COPY FROM".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from scanner.errors import HistoryInvalid, InputError
from scanner.history.databases import catalogue
from scanner.history.databases.interface import Database, DatabaseLayout, Row, Unlike, Value
from scanner.sources.node_url import is_loopback

if TYPE_CHECKING:
    import psycopg

SCHEMA: Final = "reserve_history"

UNREADABLE: Final = (
    "cannot be read as a URL; expected postgresql://USER:PASSWORD@HOST/DATABASE, with every special character of the"
    " password percent-encoded"
)
_WRITTEN: Final = {"client_encoding": "UTF8", "standard_conforming_strings": "on", "bytea_output": "hex"}
"""How text and bytes travel, which a database or a role may have set otherwise."""
_CONNECT_SECONDS: Final = "10"
_WAIT: Final = "30s"  # for another writer to end
_LONGEST: Final = "10min"  # of one statement
_LOCK: Final = 0x7265_7365_7276_6573  # of the history's writers, among a database's advisory locks: "reserves"
_SYSTEM_ROOTS_SINCE: Final = 160_000  # libpq's version from which it can use the system's certificates


def connect(location: str, *, create: bool) -> Database:
    """The history at a URL such as postgresql://USER:PASSWORD@HOST/DATABASE. The database must be there."""
    try:
        import psycopg
        from psycopg import conninfo, pq
    except ImportError:
        raise InputError.at(
            "--history", "PostgreSQL needs psycopg; install it with: pip install 'reserve-scanner[postgres]'"
        ) from None
    try:
        settings: dict[str, Any] = conninfo.conninfo_to_dict(location)
    except psycopg.Error:  # its words would quote the URL
        raise InputError.at("--history", UNREADABLE) from None
    where = "".join(str(settings.get(part, "")) for part in ("host", "dbname"))
    if "@" in where or not re.fullmatch("[0-9,]*", str(settings.get("port", ""))):
        raise InputError.at("--history", UNREADABLE)  # a password with special characters, cut in the wrong place
    settings.setdefault("connect_timeout", _CONNECT_SECONDS)
    if not _here(settings):
        settings.setdefault("sslmode", "verify-full")
        if settings["sslmode"] == "verify-full" and pq.version() >= _SYSTEM_ROOTS_SINCE:
            settings.setdefault("sslrootcert", "system")
    errors = _Redacted(location, settings)
    with errors:
        connection = psycopg.connect(**settings, autocommit=True)
    try:
        return Postgres(connection, errors, create=create)
    except BaseException:
        connection.close()
        raise


class _Redacted:
    """The driver's errors, without what is secret in the URL. `name` is the URL without all of that."""

    def __init__(self, location: str, settings: dict[str, Any]) -> None:
        host, port = settings.get("host") or "localhost", settings.get("port")
        self.name = f"postgresql://{host}{f':{port}' if port else ''}/{settings.get('dbname') or ''}"
        kept = {"host", "hostaddr", "port", "dbname", "connect_timeout", "sslmode", "sslrootcert"}
        secrets = {location, *(str(value) for key, value in settings.items() if key not in kept and value)}
        self._secrets = re.compile("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))))

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        import psycopg

        if isinstance(error, psycopg.Error):
            words = " ".join(self._secrets.sub("***", str(error)).split())
            raise InputError.at(self.name, f"the history cannot be used: {words[:400]}") from None


class Postgres(Database):
    binary = "BYTEA"
    text = 'TEXT COLLATE "C"'

    def __init__(self, connection: psycopg.Connection[Any], errors: _Redacted, *, create: bool) -> None:
        self._connection = connection
        self._errors = errors
        self.name = errors.name
        # First of all: what stands in a schema of somebody else's must not be found in place of what is built in.
        self.run(f"SET search_path TO pg_catalog, {SCHEMA}, pg_temp")
        for setting, value in _WRITTEN.items():
            self.run(f"SET {setting} = '{value}'")
        self.run(f"SET lock_timeout = '{_WAIT}'")
        self.run(f"SET statement_timeout = '{_LONGEST}'")
        self.run("SET client_min_messages = 'warning'")
        if create:
            with self.writing():
                self.run(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        owner = catalogue.stranger(self, SCHEMA)
        if owner is not None:
            raise HistoryInvalid(self.name, [owner])

    def rows(self, statement: str, *parameters: Value) -> Iterator[Row]:
        with self._errors:
            yield from self._connection.execute(_placed(statement), parameters)

    def run(self, statement: str, *parameters: Value) -> None:
        with self._errors:
            self._connection.execute(_placed(statement), parameters)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        with self._errors, self._connection.cursor() as cursor:
            statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with cursor.copy(statement.encode()) as copy:
                for row in rows:
                    copy.write_row(row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._errors, self._connection.transaction():
            self.run(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._errors, self._connection.transaction():
            self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    def has(self, table: str) -> bool:
        return self.one("SELECT to_regclass(?) IS NOT NULL", f"{SCHEMA}.{table}") == (True,)

    def forbid_change(self, table: str) -> None:
        self.run(
            f"CREATE OR REPLACE FUNCTION {SCHEMA}.append_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $${catalogue.APPEND_ONLY}$$"
        )
        self.run(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.append_only()"
        )

    def make(self, layout: DatabaseLayout) -> None:
        for table, columns in layout.tables.items():
            self.run(f"CREATE TABLE {SCHEMA}.{table} ({columns.format(binary=self.binary, text=self.text)})")
        for name, (table, column) in layout.indexes.items():
            self.run(f"CREATE INDEX {name} ON {SCHEMA}.{table} ({column})")
        for table in layout.guarded:
            self.forbid_change(table)

    def unlike(self, layout: DatabaseLayout) -> Unlike:
        return catalogue.unlike(self, SCHEMA, layout)

    @contextmanager
    def scratch(self, table: str, columns: str) -> Iterator[None]:
        self.run(f"CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP")
        yield
        self.run(f"DROP TABLE {table}")

    def close(self) -> None:
        self._connection.close()


def _placed(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def _here(settings: dict[str, Any]) -> bool:
    """Whether the server is on this machine: by a socket's folder, or by a loopback address."""
    hosts = str(settings.get("hostaddr") or settings.get("host") or "").split(",")
    return all(host == "" or host.startswith(("/", "@")) or is_loopback(host) for host in hosts)
