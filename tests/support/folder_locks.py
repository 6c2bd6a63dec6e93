"""The locks that a file system may know, and those that fail."""

from __future__ import annotations

import errno
import os
from io import FileIO

import pytest

from scanner.sources.lock_file import Lock, flock


def pretending(file: FileIO, how: int) -> None:
    """Says that the file is locked, to everybody."""


def without(number: int) -> Lock:
    def lock(file: FileIO, how: int) -> None:
        raise OSError(number, os.strerror(number))

    return lock


LOCKS = {
    "locks": flock,
    "locks that do nothing": pretending,
    **{name: without(getattr(errno, name)) for name in ("ENOLCK", "EOPNOTSUPP", "ENOSYS")},
}
NO_LOCKS = {name: lock for name, lock in LOCKS.items() if name != "locks"}
any_lock = pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
no_lock = pytest.mark.parametrize("lock", NO_LOCKS.values(), ids=NO_LOCKS)
