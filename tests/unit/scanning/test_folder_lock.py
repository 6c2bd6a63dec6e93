"""One scan at a time in a folder, with locks, without, and with locks that do nothing."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.scanning.folder_lock import locked
from scanner.sources.lock_file import Lock, flock
from tests.support.folder_locks import any_lock, no_lock, without


@contextmanager
def taken(path: Path, lock: Lock) -> Iterator[FileIO]:
    file, held = locked(path, lock)
    with held:
        yield file


@any_lock
def test_a_second_scan_is_refused_while_the_first_one_lasts_and_not_after_it(tmp_path: Path, lock: Lock) -> None:
    path = tmp_path / "j"
    for _ in range(2):
        with taken(path, lock):
            for _ in range(2):
                with pytest.raises(InputError, match=f"^{tmp_path}: another scan is writing here"), taken(path, lock):
                    pass
        assert [each.name for each in tmp_path.iterdir()] == ["j"]


@any_lock
def test_of_many_scans_that_begin_at_once_one_goes_on(tmp_path: Path, lock: Lock) -> None:
    with ExitStack() as all_of_them:
        refused = 0
        for _ in range(10):
            try:
                all_of_them.enter_context(taken(tmp_path / "j", lock))
            except InputError:
                refused += 1
        assert refused == 9


@no_lock
def test_what_a_killed_scan_left_behind_on_this_machine_is_taken_over(tmp_path: Path, lock: Lock) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = {"host": socket.gethostname(), "process": gone.pid, "began": "1", "token": ""}
    (tmp_path / "j.lock").write_text(json.dumps(left))
    with taken(tmp_path / "j", lock), pytest.raises(InputError, match="another scan"), taken(tmp_path / "j", lock):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["j"]


@no_lock
def test_a_later_process_of_the_same_number_is_not_the_one_that_was_killed(tmp_path: Path, lock: Lock) -> None:
    left = {"host": socket.gethostname(), "process": os.getpid(), "began": "1", "token": ""}
    (tmp_path / "j.lock").write_text(json.dumps(left))
    with taken(tmp_path / "j", lock):
        pass


@no_lock
@pytest.mark.parametrize(
    "left",
    [
        json.dumps({"host": "another machine", "process": 1, "began": "1", "token": ""}),
        "notes of somebody's",
        "",
        "[]",
        json.dumps({"host": socket.gethostname(), "process": "1", "began": "1"}),
    ],
)
def test_a_file_that_is_not_of_this_machine_is_left_as_it_is_and_named(tmp_path: Path, lock: Lock, left: str) -> None:
    (tmp_path / "j.lock").write_text(left)
    with pytest.raises(InputError, match=f"^{tmp_path / 'j.lock'}: this file system has no locks"):
        locked(tmp_path / "j", lock)
    assert (tmp_path / "j.lock").read_text() == left


def test_with_locks_no_other_file_is_written_nor_looked_at(tmp_path: Path) -> None:
    (tmp_path / "j.lock").write_text("somebody's")
    with taken(tmp_path / "j", flock):
        assert sorted(each.name for each in tmp_path.iterdir()) == ["j", "j.lock"]
    assert (tmp_path / "j.lock").read_text() == "somebody's"


def test_other_errors_of_a_lock_are_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        locked(tmp_path / "j", without(errno.EIO))


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "j")
    with pytest.raises(InputError, match="is no file"):
        locked(tmp_path / "j")
