"""A history in a real PostgreSQL: the same tests as in SQLite, and what only a server can do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest

from localnet.postgres import Postgres
from scanner.errors import InputError
from scanner.history.databases.postgres import SCHEMA
from scanner.history.log import open_history
from tests.history_behaviour import *  # noqa: F403 - the tests that every database has to pass
from tests.history_behaviour import DECEMBER, a_report, added
from tests.real_nodes import or_skip


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
