"""A history in a SQLite file where locks are missing or pretend, and where the file cannot be used."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.history.databases import sqlite
from scanner.history.log import check, open_history
from scanner.sources.lock_file import Lock
from tests.support.folder_locks import any_lock, no_lock

BUSY = "another program has this history open, and the file system has no locks; try again"
PROGRAM = """
import fcntl, sys
fcntl.flock = lambda file, how: None  # says that it is locked, to everybody
from scanner.history.log import keep_unverified, open_history
from tests.support.history_behaviour import NOW, a_report
for number in range(5):
    with open_history(sys.argv[1], create=True) as history:
        keep_unverified(history, a_report(text=f"{sys.argv[2]} {number}").envelope, at=NOW)
"""


@no_lock
def test_without_locks_one_program_at_a_time_has_the_history_open(tmp_path: Path, lock: Lock) -> None:
    path = tmp_path / "history.sqlite"
    for _ in range(2):
        with sqlite.connect(str(path), create=True, lock=lock) as one:
            one.run("CREATE TABLE IF NOT EXISTS one (x)")
            with pytest.raises(InputError, match=f"^{path}: {BUSY}$"):
                sqlite.connect(str(path), create=False, lock=lock, wait=0)
        assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]


def test_so_it_is_where_whole_files_can_be_locked_and_locks_of_sqlites_kind_pretend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "lockf", lambda *_: None)  # says that it is locked, to everybody
    path = tmp_path / "history.sqlite"
    with sqlite.connect(str(path), create=True) as one:
        one.run("CREATE TABLE one (x)")
        with pytest.raises(InputError, match=f"^{path}: {BUSY}$"):
            sqlite.connect(str(path), create=False, wait=0)
    assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]


def test_with_locks_two_may_have_it_open_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = str(tmp_path / "history.sqlite")
    with sqlite.connect(path, create=True) as one, sqlite.connect(path, create=False):
        one.run("CREATE TABLE one (x)")
        assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]


@any_lock
def test_a_name_with_all_signs_of_a_url_is_the_files_name(tmp_path: Path, lock: Lock) -> None:
    path = tmp_path / "a?mode=memory&b#c%20 d.sqlite"
    with sqlite.connect(str(path), create=True, lock=lock) as one:
        one.run("CREATE TABLE one (x)")
    assert path.stat().st_size
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_two_programs_that_write_where_locks_pretend_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    running = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, path, name], stderr=subprocess.PIPE, text=True)
        for name in ("one", "other")
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [("", 0)] * 2
    with open_history(str(path)) as history:
        assert len(history.entries()) == 10
        assert check(history) == []
    assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]


def test_another_program_that_does_not_end_is_told_in_one_line(tmp_path: Path) -> None:
    path = str(tmp_path / "history.sqlite")
    with sqlite.connect(path, create=True) as one, sqlite.connect(path, create=False, wait=0) as other:
        one.run("CREATE TABLE one (x)")
        with one.writing():
            one.run("INSERT INTO one VALUES (1)")
            with pytest.raises(InputError, match="database is locked; another program writes to it"), other.writing():
                pass
        with other.writing():
            other.run("INSERT INTO one VALUES (2)")
        assert list(one.rows("SELECT x FROM one ORDER BY x")) == [(1,), (2,)]


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = str(tmp_path / "history.sqlite")
    with sqlite.connect(path, create=True) as database:
        database.run("CREATE TABLE one (x)")
        database.run("INSERT INTO one VALUES (1)")
        (pages,) = database.one("PRAGMA page_count") or (0,)
        list(database.rows(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(InputError, match="is full; nothing was added"), database.writing():
            database.run("INSERT INTO one VALUES (zeroblob(100000))")
        assert list(database.rows("SELECT x FROM one")) == [(1,)]


def test_a_rollback_that_fails_hides_nothing_of_what_went_wrong(tmp_path: Path) -> None:
    database = sqlite.connect(str(tmp_path / "h"), create=True)

    def break_down() -> None:
        with database.writing():
            database.close()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_down()
