"""Where a result may be written: a regular file, or a name that is free; and streams, which are written to.

A result takes the place of what has its name. That must never happen to a device or a pipe, which would be lost: they
are written to, as what this process was given by its descriptor is (standard output is one). A link leads to a file, or
nowhere. Not in here: writing files (`files`).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from scanner.errors import InputError
from scanner.sources.regular_file import kind_of

_NAMED: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_NUMBERED: Final = re.compile(r"/(?:dev|proc/(self|thread-self|[0-9]{1,9}))/fd/([0-9]{1,9})")
_MOST_LINKS: Final = 40  # as Linux follows them


def is_stream(path: Path) -> bool:
    """Whether what goes there is written to what is there: to a descriptor, a pipe, or a device of characters."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def beside(path: Path) -> TextIO:
    """Where to print what is said of a result: not between the result and who reads its stream."""
    return sys.stderr if is_stream(path) else sys.stdout


def target(path: Path) -> Path:
    """Where to write what is to stand at `path`: a stream, or the file that a link leads to. Raises InputError for
    anything else."""
    if is_stream(path):
        _check_given(path)
        return path
    if path.is_symlink() and not path.exists():
        raise InputError.at(str(path), "cannot be written: is no file, but a link to nothing")
    where = Path(os.path.realpath(path)) if path.is_symlink() else path
    try:
        mode = where.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return where
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError.at(str(path), f"cannot be written: {reason}") from None
    if not stat.S_ISREG(mode):
        raise InputError.at(str(path), f"cannot be written: is no file, but {kind_of(mode)}")
    return where


def check_folder(path: Path) -> None:
    """Raises InputError where what is to be a folder, or one that it lies in, is something else."""
    for place in (path, *path.parents):
        if os.path.lexists(place):
            if not place.is_dir():
                within = "" if place == path else f", and {path} would lie in it"
                raise InputError.at(str(place), f"is no folder{within}; --out takes one, or makes it")
            return


def write_to_stream(path: Path, data: bytes) -> None:
    """All of `data`, behind what was printed before. Raises InputError where it cannot be written, or no one reads."""
    for printed in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            printed.flush()
    try:
        with _opened(path) as descriptor:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
    except OSError as error:
        raise InputError.at(str(path), f"cannot be written: {error.strerror}") from None


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """What is there, for writing; a pipe without a reader is an OSError, and not waited for."""
    given = _descriptor(path)
    if given is not None:
        yield given
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.set_blocking(descriptor, True)
        yield descriptor
    finally:
        os.close(descriptor)


def _descriptor(path: Path) -> int | None:
    """Which descriptor of this process is named by `path`, or by what it links to."""
    name = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow a descriptor's link to what it is of
    for _ in range(_MOST_LINKS):
        if name in _NAMED:
            return _NAMED[name]
        numbered = _NUMBERED.fullmatch(name)
        if numbered is not None and numbered[1] in (None, "self", "thread-self", str(os.getpid())):
            return int(numbered[2])
        try:
            name = os.path.normpath(os.path.join(os.path.dirname(name), os.readlink(name)))  # noqa: PTH115, PTH118, PTH120
        except (OSError, ValueError):
            return None
    return None


def _check_given(path: Path) -> None:
    """Raises InputError for a descriptor that this process was not given: its own files are never handed on."""
    descriptor = _descriptor(path)
    if descriptor is None or descriptor in (1, 2):
        return
    try:
        given = descriptor != 0 and os.get_inheritable(descriptor)
    except OSError:
        given = False
    if not given:
        raise InputError.at(str(path), "cannot be written: this process was given nothing of that name to write to")
