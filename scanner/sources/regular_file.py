"""Opening what somebody else named: a regular file, or an error at once.

A name on a command line or in a folder may lead to a pipe that is not written to, to a device without an end, to a
folder, or to nothing. Reading some of these would hang, or never end, so nothing but a regular file is opened. Not in
here: how much of it is read, which every reader bounds by itself.
"""

from __future__ import annotations

import os
import stat
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

from scanner.errors import InputError

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, opened for reading. Raises InputError for anything else than a regular file, at once."""
    try:
        # Not to wait for a pipe's other end; what was opened is looked at, so it cannot be exchanged in between.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise InputError.at(str(path), _unreadable(path, error)) from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise InputError.at(str(path), f"is no file, but {kind_of(mode)}")


def open_if_there(path: Path) -> AbstractContextManager[BinaryIO | None]:
    """The same, to be used in a `with`; None where there is nothing of that name, not even a link to nothing."""
    return open_regular(path) if os.path.lexists(path) else nullcontext()


def other_kind(path: Path) -> str | None:
    """What is there in place of a regular file, links followed; None for one, and where there is nothing to be seen."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return None if stat.S_ISREG(mode) else kind_of(mode)


def kind_of(mode: int) -> str:
    """What something is that is no regular file, by its mode."""
    return next((name for is_one, name in _KINDS if is_one(mode)), "something else")


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):
        return f"cannot be read: {error}"
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return "is no file, but a link to nothing"
    return f"cannot be read: {error.strerror}"
