"""A file that one process has at a time, also where the file system has no locks or only pretends to.

A lock is taken on an open file (flock). A second try on the same file, opened again, has to fail. Where it does not, or
where there are no locks at all, another file stands in: it must not be there yet when it is created, and is removed at
the end. It names the process, so that what a killed one left behind on this machine is taken over; what another machine
left behind cannot be distinguished from a process that goes on there, and is left alone.

Not here: what the file is locked for (`scanning.folder_lock`, `history.databases.sqlite`).

Sources: flock(2), fcntl(2) for locks on records and of open files, open(2) for O_EXCL, proc(5) for when a process
began.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import socket
import struct
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Final

from scanner.errors import InputError

Lock = Callable[[FileIO, int], None]
"""Takes a lock as `fcntl.flock` does: raises BlockingIOError where somebody has it, OSError where there are none."""

SUFFIX: Final = ".lock"  # of the file that stands in
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})
_NOW: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_MOST_BYTES: Final = 1000


def flock(file: FileIO, how: int) -> None:
    """The system's lock on an open file. Raises OSError."""
    fcntl.flock(file, how)


def keeps_others_out(file: FileIO, path: Path, lock: Lock) -> bool:
    """Whether the file is locked now, by a lock that keeps others out. Raises BlockingIOError where another
    has it."""
    try:
        lock(file, _NOW)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    try:
        with FileIO(path, "r") as again:
            if not os.path.samestat(os.fstat(again.fileno()), os.fstat(file.fileno())):
                return True  # it was removed meanwhile, which the caller sees
            lock(again, _NOW)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return True
    return False


def record_locks_hold(file: FileIO, path: Path) -> bool:
    """Whether a lock on a file's bytes (fcntl, as SQLite takes it) keeps others out. True where that is unknown.

    A process's own record locks never keep it out, but those of an open file do (Linux).
    """
    if not hasattr(fcntl, "F_OFD_SETLK"):
        return True
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    except OSError:
        return True  # an older kernel, or no such locks at all: then SQLite's own fail, and say so
    with FileIO(path, "r+") as again:
        try:
            fcntl.lockf(again, _NOW)
        except OSError:
            return True
    return False


@contextlib.contextmanager
def claimed(path: Path, busy: InputError) -> Iterator[None]:
    """The file at `path` is created by this process, and removed at the end. Raises `busy` where another process has
    it, InputError where it is unknown whether one has, OSError."""
    process, token = os.getpid(), secrets.token_hex(16)
    process_json = {"host": socket.gethostname(), "process": process, "began": _began(process), "token": token}
    mine = json.dumps(process_json).encode()
    if not _created(path, mine):
        _remove_left_behind(path, busy)
        if not _created(path, mine):
            raise busy
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if path.read_bytes() == mine:
                path.unlink()


def _created(path: Path, content: bytes) -> bool:
    """Whether the file could be created, whole: it is made under another name, and linked to this one."""
    aside = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    try:
        with aside.open("xb") as file:
            file.write(content)
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
            raise
        return _created_without_links(path, content)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _created_without_links(path: Path, content: bytes) -> bool:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _remove_left_behind(path: Path, busy: InputError) -> None:
    """Removes the file of a process of this machine that is gone. Raises InputError for any other."""
    try:
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return
    owner = _owner(found)
    if owner is None:
        what = "this file system has no locks, and another machine's scan left this file or goes on"
        raise InputError.at(str(path), f"{what}; remove it once no scan is writing here")
    process, began = owner
    if _began(process) == began:
        raise busy
    aside = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
        try:
            if aside.read_bytes() != found:  # another scan took it over in between: it gets its file back
                with contextlib.suppress(OSError):
                    os.link(aside, path)
                raise busy
        finally:
            aside.unlink(missing_ok=True)


def _owner(found: bytes) -> tuple[int, str] | None:
    """The process of this machine that wrote this, and when it began; None where it was no such process."""
    try:
        said = json.loads(found)
        here, process, began = said["host"] == socket.gethostname(), said["process"], said["began"]
    except (ValueError, TypeError, KeyError):
        return None
    return (process, began) if here and isinstance(process, int) and isinstance(began, str) else None


def _began(process: int) -> str | None:
    """What tells this process from a later one of its number; None where the system does not say, or it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except PermissionError:
        return ""
    except OSError:
        return None
    return ""
