"""A history in SQLite, and what only a file can be: not a database, damaged, or in the way."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from scanner.errors import HistoryInvalid, InputError
from scanner.history import schema
from scanner.history.log import HistoryLog, check, keep_unverified, open_history
from tests.support.attestations.attested import Seal, attest
from tests.support.history_behaviour import *  # noqa: F403 - the tests that every database has to pass
from tests.support.history_behaviour import NOW, SEAL, a_report, added
from tests.support.tables import each_of


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
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other, other:
        other.execute("CREATE TABLE anything (x)")
    other.close()
    with pytest.raises(InputError, match="no history is there"):
        open_history(str(tmp_path / "other.sqlite"))


def test_an_envelope_changed_behind_our_back_is_refused_and_named(location: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
    with closing(sqlite3.connect(location)) as behind, behind:
        (guard,) = behind.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_no_update'").fetchone()
        behind.execute("DROP TRIGGER entry_no_update")
        behind.execute("UPDATE entry SET document = ?", (a_report(text="another").envelope,))
        behind.execute(guard)
    behind.close()
    with open_history(location) as history:
        with pytest.raises(InputError, match="entry 1 is not the one that was added"):
            history.document(1)
        assert check(history) == ["the envelope of entry 1 is not the one that was added"]


def executed(location: str, *statements: str) -> None:
    with closing(sqlite3.connect(location)) as behind, behind:
        for statement in statements:
            behind.execute(statement)
    behind.close()


@pytest.mark.parametrize("written", ["'four'", "x'ff00'", "1e999", "char(27) || '[31m'", "-1", "9999"])
def test_a_version_that_is_none_is_told_in_one_line(location: str, written: str) -> None:
    with open_history(location, create=True):
        pass
    with closing(sqlite3.connect(location)) as file, file:
        file.execute(f"INSERT INTO version VALUES ({written})")
        newest = file.execute("SELECT MAX(version) FROM version").fetchone()[0]
    file.close()
    if newest == schema.VERSION:
        return  # the highest counts, and no row can be taken away
    with pytest.raises(InputError, match="a history of version"):
        open_history(location)


def test_an_entry_after_the_last_number_there_can_be_is_told_in_one_line(location: str) -> None:
    with open_history(location, create=True) as history:
        with history.database.writing():
            history.database.run("INSERT INTO entry VALUES (9223372036854775807, x'00', '2024-01-01T00:00:00Z', x'00')")
        with pytest.raises(InputError, match="the history cannot be used"):
            keep_unverified(history, a_report().envelope, at=NOW)


def test_replacing_a_row_is_refused_like_changing_it(location: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
        with pytest.raises(InputError, match="append-only"):
            history.database.run("INSERT OR REPLACE INTO verification SELECT * FROM verification")


def test_an_entry_replaced_behind_our_back_has_no_verification_that_its_signers_did_not_make(location: str) -> None:
    other = attest(claim=a_report(text="another").claim, signers=(Seal(b"of somebody else"),)).envelope
    with open_history(location, create=True) as history:
        added(history, a_report())
    with closing(sqlite3.connect(location)) as behind, behind:  # where triggers are not recursive, REPLACE passes them
        behind.execute(
            "INSERT OR REPLACE INTO entry SELECT number, ?, added_at, ? FROM entry",
            (hashlib.sha256(other).digest(), other),
        )
    behind.close()
    with open_history(location) as history:
        assert f"entry 1: it is said to be verified against {SEAL.keyid}, which did not sign it" in check(history)
        with pytest.raises(HistoryInvalid):
            history.entries()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW seen AS SELECT * FROM entry",
        "CREATE TABLE mine (x)",
        "CREATE INDEX mine ON entry (added_at)",
        "CREATE TRIGGER mine AFTER INSERT ON entry BEGIN INSERT INTO verification VALUES (new.number, '', ''); END",
        "ALTER TABLE said ADD COLUMN more TEXT",
        "DROP INDEX said_of_claim",
    ],
)
def test_a_file_with_anything_beside_what_belongs_there_is_refused(location: str, statement: str) -> None:
    open_history(location, create=True).close()
    executed(location, statement)
    for create in (False, True):
        with pytest.raises(HistoryInvalid, match=r"none of its own|is missing"):
            open_history(location, create=create)


def test_a_view_in_place_of_a_table_is_refused_before_it_is_read(location: str) -> None:
    open_history(location, create=True).close()
    executed(location, "DROP TABLE line", "CREATE VIEW line AS SELECT * FROM said")
    with pytest.raises(HistoryInvalid, match="line"):
        open_history(location)


def test_what_guards_the_rows_is_missed(location: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
    executed(location, "DROP TRIGGER verification_no_delete")
    with open_history(location) as history:
        assert check(history) == ["verification_no_delete is missing, which refuses changes"]
        with pytest.raises(HistoryInvalid):
            history.entries()


def test_what_analyze_writes_is_no_strangers(location: str) -> None:
    with open_history(location, create=True) as history:
        added(history, a_report())
    executed(location, "ANALYZE")
    with open_history(location) as history:
        assert check(history) == []


def test_a_history_being_written_is_read_as_it_was_before(location: str) -> None:
    with open_history(location, create=True) as writer, open_history(location) as reader:
        added(writer, a_report())
        with reader.at_one_moment():
            before = reader.entries()
            assert len(before) == 1
        assert_reads_the_same(reader)


def assert_reads_the_same(history: HistoryLog) -> None:
    with history.at_one_moment():
        assert history.entries() == history.entries()


def test_postgresql_without_its_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    with pytest.raises(InputError, match=r"pip install 'reserve-scanner\[postgres\]'"):
        open_history("postgresql://host/db")


@each_of(
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
