"""A history in SQLite, and what only a file can be: not a database, damaged, or in the way."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.history.log import History, check, open_history
from tests.history_behaviour import *  # noqa: F403 - the tests that every database has to pass
from tests.history_behaviour import a_report, added


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "history.sqlite")


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database, but a text that is long enough to be looked at" * 20)
    before = (tmp_path / "text").read_bytes()
    for create in (False, True):
        with pytest.raises(InputError, match="not a database"):
            open_history(str(tmp_path / "text"), create=create)
    assert (tmp_path / "text").read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the folder .* is not there"):
        open_history(str(tmp_path / "nowhere" / "history.sqlite"), create=True)


def test_another_database_is_not_taken_for_a_history(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE anything (x)")
    other.close()
    with pytest.raises(InputError, match="no history is there"):
        open_history(str(tmp_path / "other.sqlite"))


def test_an_envelope_changed_behind_our_back_is_refused_and_named(location: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
    with sqlite3.connect(location) as behind:
        behind.execute("DROP TRIGGER entry_no_update")
        behind.execute("UPDATE entry SET document = ?", (a_report(text="another").envelope,))
    behind.close()
    with open_history(location) as history:
        with pytest.raises(InputError, match="entry 1 is not the one that was added"):
            history.document(1)
        assert check(history) == ["the envelope of entry 1 is not the one that was added"]


def test_a_history_being_written_is_read_as_it_was_before(location: str) -> None:
    with open_history(location, create=True) as writer, open_history(location) as reader:
        added(writer, a_report())
        with reader.at_one_moment():
            before = reader.entries()
            assert len(before) == 1
        assert_reads_the_same(reader)


def assert_reads_the_same(history: History) -> None:
    with history.at_one_moment():
        assert history.entries() == history.entries()


def test_postgresql_without_its_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    with pytest.raises(InputError, match=r"pip install 'reserve-scanner\[postgres\]'"):
        open_history("postgresql://host/db")


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("", "is empty"),
        ("mysql://user:secret@host/db", "is no history's URL"),
        ("postgres:user:secret@host/db", "is no history's URL"),
        ("postgresql://user:sec/ret@host/db", "cannot be read as a URL"),
        ("postgresql://user:s@cret@host/db", "cannot be read as a URL"),
        ("postgresql://user:s@c/ret@host/db", "cannot be read as a URL"),
        ("postgresql://user:secret@host:port/db", "cannot be read as a URL"),
        ("postgresql://user:secret@host/db?nonsense=1", "cannot be read as a URL"),
    ],
)
def test_a_location_that_is_none_is_told_without_what_is_secret_in_it(location: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        open_history(location, create=True)
    assert not [secret for secret in ("user", "secret", "sec/", "cret", "ret@") if secret in str(refused.value)]
