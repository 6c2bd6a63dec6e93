"""A history in a real PostgreSQL: the same tests as in SQLite, and what only a server can do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest

from localnet.postgres import Postgres
from scanner.errors import HistoryInvalid, InputError
from scanner.history.databases.postgres import SCHEMA
from scanner.history.log import check, open_history
from tests.support.history_behaviour import *  # noqa: F403 - the tests that every database has to pass
from tests.support.history_behaviour import DECEMBER, a_report, added
from tests.support.real.real_nodes import or_skip


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with or_skip(Postgres.start) as running:
        yield running


@pytest.fixture
def location(server: Postgres) -> str:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE".encode())
    return server.url


def test_a_wrong_password_is_told_without_it_and_without_the_user(server: Postgres) -> None:
    with pytest.raises(InputError) as refused:
        open_history(server.url.replace(server.password, "not-the-password"))
    told = str(refused.value)
    assert "password authentication failed" in told
    assert f"127.0.0.1:{server.port}" in told
    assert not [secret for secret in ("not-the-password", '"scanner"', server.password) if secret in told]


def test_a_password_in_the_query_is_told_no_more_than_one_in_front(server: Postgres) -> None:
    url = f"postgresql://127.0.0.1:{server.port}/postgres?user=scanner&password=not-the-password"
    with pytest.raises(InputError) as refused:
        open_history(url)
    assert "not-the-password" not in str(refused.value)


def test_a_server_that_is_not_there_and_a_database_that_is_not_there_are_told(server: Postgres) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        open_history("postgresql://scanner:secret@127.0.0.1:1/postgres")
    with pytest.raises(InputError, match="does not exist"):
        open_history(server.url.replace("/postgres", "/nowhere").replace("postgresql:/nowhere", "postgresql:/"))


def test_a_server_elsewhere_has_to_show_a_certificate(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.history.databases import postgres

    asked: list[dict[str, object]] = []

    def connect(**settings: object) -> None:
        asked.append(settings)
        raise psycopg.OperationalError("no")

    monkeypatch.setattr(psycopg, "connect", connect)
    for url in ("postgresql://u:p@db.example/x", "postgresql://u:p@db.example/x?sslmode=require", "postgresql:///x"):
        with pytest.raises(InputError):
            postgres.connect(url, create=False)
    assert [settings.get("sslmode") for settings in asked] == ["verify-full", "require", None]
    assert asked[0].get("sslrootcert") == "system"


def test_the_trouble_of_a_password_with_special_characters_is_over_once_it_is_encoded(server: Postgres) -> None:
    password = "p@ss/w:o?rd#%&"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS odd")
        connection.execute(f"CREATE ROLE odd SUPERUSER LOGIN PASSWORD '{password}'".encode())
    url = f"postgresql://odd:{quote(password, safe='')}@127.0.0.1:{server.port}/postgres"
    with open_history(url, create=True) as history:
        assert password not in history.name


def test_many_who_write_at_once_wait_for_each_other(location: str) -> None:
    open_history(location, create=True).close()
    faults: list[BaseException] = []

    def write(text: str) -> None:
        try:
            with open_history(location, create=True) as history:
                added(history, a_report(text=text))
                added(history, a_report(text="the same for all"))
        except BaseException as error:  # noqa: BLE001 - told by the test
            faults.append(error)

    writers = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    with open_history(location) as history:
        assert [entry.number for entry in history.entries()] == [1, 2, 3, 4, 5]


def test_what_is_read_at_one_moment_stays_while_others_write(location: str) -> None:
    with open_history(location, create=True) as reader, open_history(location, create=True) as writer:
        added(writer, a_report())
        with reader.at_one_moment():
            before = reader.entries()
            added(writer, a_report(DECEMBER, text="later"))
            assert reader.entries() == before
        assert len(reader.entries()) == 2


def test_a_table_of_somebody_elses_is_left_alone(location: str) -> None:
    with psycopg.connect(location, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS public.entry")
        connection.execute("CREATE TABLE public.entry (mine integer)")
        with open_history(location, create=True) as history:
            added(history, a_report())
        assert connection.execute("SELECT COUNT(*) FROM public.entry").fetchone() == (0,)
        connection.execute("DROP TABLE public.entry")


def as_role(server: Postgres, name: str, *rights: str) -> str:
    """A role that is no superuser, made anew, and the URL by which it connects."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE".encode())
        connection.execute(
            f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN"
            f" DROP OWNED BY {name}; END IF; END $$".encode()
        )
        connection.execute(f"DROP ROLE IF EXISTS {name}".encode())
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'p'".encode())
        for right in rights:
            connection.execute(f"GRANT {right} TO {name}".encode())
    return f"postgresql://{name}:p@127.0.0.1:{server.port}/postgres"


CREATE = "CREATE ON DATABASE postgres"


def test_a_schema_that_another_role_made_beforehand_is_refused(server: Postgres) -> None:
    stranger, job = as_role(server, "eve", CREATE), as_role(server, "job", CREATE)
    with psycopg.connect(stranger, autocommit=True) as eve:
        eve.execute(f"CREATE SCHEMA {SCHEMA}".encode())
        eve.execute(f"GRANT ALL ON SCHEMA {SCHEMA} TO PUBLIC".encode())
    for url in (job, server.url):
        for create in (False, True):
            with pytest.raises(HistoryInvalid, match="another role's"):
                open_history(url, create=create)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"ALTER SCHEMA {SCHEMA} OWNER TO job".encode())
    with pytest.raises(HistoryInvalid, match="others may create"):
        open_history(job, create=True)


def test_a_history_of_a_role_that_is_no_superuser_is_used_as_any(server: Postgres) -> None:
    with open_history(as_role(server, "job", CREATE), create=True) as history:
        added(history, a_report())
        assert check(history) == []
    with open_history(f"postgresql://job:p@127.0.0.1:{server.port}/postgres") as history:
        assert len(history.entries()) == 1


@pytest.mark.parametrize(
    "setting", ["standard_conforming_strings = off", "client_encoding = 'SQL_ASCII'", "bytea_output = 'escape'"]
)
def test_what_a_database_has_set_of_how_text_and_bytes_travel_changes_nothing(location: str, setting: str) -> None:
    with psycopg.connect(location, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE postgres SET {setting}".encode())
    try:
        with open_history(location, create=True) as history:
            for text in ("a\\b", "\u00fc"):
                added(history, a_report(text=text))
            assert check(history) == []
            assert len(history.entries()) == 2
    finally:
        with psycopg.connect(location, autocommit=True) as connection:
            connection.execute("ALTER DATABASE postgres RESET ALL")


STRANGE = {
    "a view": "CREATE VIEW {0}.seen AS SELECT * FROM {0}.entry",
    "a table": "CREATE TABLE {0}.incoming (chain integer, key bytea)",
    "a sequence": "CREATE SEQUENCE {0}.counted",
    "a column": "ALTER TABLE {0}.said ADD COLUMN more text",
    "a default": "ALTER TABLE {0}.entry ALTER COLUMN added_at SET DEFAULT 'never'",
    "a type": "ALTER TABLE {0}.said ALTER COLUMN gaps TYPE bigint",
    "a collation": 'ALTER TABLE {0}.said ALTER COLUMN exchange TYPE text COLLATE "default"',
    "null": "ALTER TABLE {0}.said ALTER COLUMN gaps DROP NOT NULL",
    "a check": "ALTER TABLE {0}.said ADD CHECK (gaps >= 0)",
    "a function": "CREATE FUNCTION {0}.max(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "another function": "CREATE OR REPLACE FUNCTION {0}.append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NULL; END'",
    "an operator": "CREATE OPERATOR {0}.= (LEFTARG = bytea, RIGHTARG = oid, FUNCTION = traps.same)",
    "a domain": "CREATE DOMAIN {0}.mine AS text",
    "a rule": "CREATE RULE mine AS ON INSERT TO {0}.line DO ALSO NOTHING",
    "row security": "ALTER TABLE {0}.entry ENABLE ROW LEVEL SECURITY",
    "a policy": "CREATE POLICY mine ON {0}.entry USING (false)",
    "a trigger": "CREATE TRIGGER mine BEFORE INSERT ON {0}.entry FOR EACH STATEMENT EXECUTE FUNCTION {0}.append_only()",
    "an expression": "CREATE INDEX mine ON {0}.said (lower(exchange))",
    "an owner": "ALTER TABLE {0}.line OWNER TO eve",
    "no table": "DROP TABLE {0}.line",
    "no index": "DROP INDEX {0}.said_of_claim",
}


@pytest.mark.parametrize("what", STRANGE)
def test_a_schema_with_anything_beside_what_belongs_there_is_refused(
    server: Postgres, location: str, what: str
) -> None:
    as_role(server, "eve")
    open_history(location, create=True).close()
    with psycopg.connect(location, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS traps")
        connection.execute(
            "CREATE OR REPLACE FUNCTION traps.same(bytea, oid) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        )
        connection.execute(STRANGE[what].format(SCHEMA).encode())
    for create in (False, True):
        with pytest.raises(HistoryInvalid):
            open_history(location, create=create)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER verification_no_change ON {0}.verification",
        "ALTER TABLE {0}.verification DISABLE TRIGGER verification_no_change",
    ],
)
def test_what_guards_the_rows_is_missed(location: str, statement: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
    with psycopg.connect(location, autocommit=True) as connection:
        connection.execute(statement.format(SCHEMA).encode())
    if "DISABLE" in statement:
        with pytest.raises(HistoryInvalid):
            open_history(location)
        return
    with open_history(location) as history:
        assert check(history) == ["verification_no_change is missing, which refuses changes"]
        with pytest.raises(HistoryInvalid):
            history.entries()


def test_what_stands_in_the_roles_own_path_is_not_found_in_place_of_what_is_built_in(server: Postgres) -> None:
    url = as_role(server, "job", CREATE)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION job".encode())
        connection.execute("CREATE SCHEMA paths AUTHORIZATION job")
        connection.execute(
            "CREATE OR REPLACE FUNCTION paths.pg_get_userbyid(oid) RETURNS name LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'sprung'; END $$"
        )
        connection.execute("ALTER ROLE job SET search_path TO paths, pg_catalog")
    with open_history(url, create=True) as history:
        added(history, a_report())
        assert check(history) == []
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA paths CASCADE")
