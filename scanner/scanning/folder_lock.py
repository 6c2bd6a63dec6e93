"""One scan at a time in one folder, also where the file system has no locks or only pretends to.

A lock is taken on an open file (flock). A second try on the same file, opened again, has to fail: where it does not, or
where there are no locks at all, a file beside it is created that must not be there yet, and is removed at the end. It
names the process, so that what a killed one left behind on this machine is taken over; what another machine left behind
cannot be told from a scan that goes on there, and is left alone.

Nothing here writes into the file that is locked.

Sources: flock(2), open(2) for O_EXCL, proc(5) for when a process began.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Final

from scanner.errors import InputError

Lock = Callable[[FileIO, int], None]
"""Takes a lock as `fcntl.flock` does: raises BlockingIOError where somebody has it, OSError where there are none."""

SUFFIX: Final = ".lock"
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})
_NOW: Final = fcntl.LOCK_EX | fcntl.LOCK_NB
_MOST_BYTES: Final = 1000


def flock(file: FileIO, how: int) -> None:
    """The system's lock on an open file. Raises OSError."""
    fcntl.flock(file, how)


def locked(path: Path, lock: Lock = flock) -> tuple[FileIO, contextlib.ExitStack]:
    """The file at `path`, open for reading and appending, and this process's alone until the stack is closed.

    Raises InputError where another scan has it, OSError where it cannot be opened.
    """
    while True:
        with contextlib.ExitStack() as held:
            file = held.enter_context(_opened(path))
            if not _holds(file, path, lock):
                held.enter_context(_claimed(path.with_name(path.name + SUFFIX), path.parent))
            if is_at(file, path):
                return file, held.pop_all()
            # the scan that had it has just removed it: the file that is there now is the one to lock


def is_at(file: FileIO, path: Path) -> bool:
    """Whether the open file is the one at `path`."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _opened(path: Path) -> FileIO:
    if os.path.lexists(path) and not path.is_file() and not path.is_dir():
        raise InputError.at(str(path), "is there already, and is no file")
    return FileIO(path, "a+")


def _holds(file: FileIO, path: Path, lock: Lock) -> bool:
    """Whether the file is locked now, by a lock that keeps others out. Raises InputError where another has it."""
    try:
        lock(file, _NOW)
    except OSError as error:
        if isinstance(error, BlockingIOError):
            raise _busy(path.parent) from None
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


@contextlib.contextmanager
def _claimed(path: Path, folder: Path) -> Iterator[None]:
    """The file at `path` is created by this process, and removed at the end. Raises InputError, OSError."""
    process, token = os.getpid(), secrets.token_hex(16)
    told = {"host": socket.gethostname(), "process": process, "began": _began(process), "token": token}
    mine = json.dumps(told).encode()
    if not _created(path, mine):
        _remove_left_behind(path, folder)
        if not _created(path, mine):
            raise _busy(folder)
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


def _remove_left_behind(path: Path, folder: Path) -> None:
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
        raise _busy(folder)
    aside = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
        try:
            if aside.read_bytes() != found:  # another scan took it over in between: it gets its file back
                with contextlib.suppress(OSError):
                    os.link(aside, path)
                raise _busy(folder)
        finally:
            aside.unlink(missing_ok=True)


def _owner(found: bytes) -> tuple[int, str] | None:
    """The process of this machine that wrote this, and when it began; None where it was no such process."""
    try:
        told = json.loads(found)
        here, process, began = told["host"] == socket.gethostname(), told["process"], told["began"]
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


def _busy(folder: Path) -> InputError:
    return InputError.at(str(folder), "another scan is writing here; wait for it, or choose another folder")
