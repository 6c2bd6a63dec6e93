"""One scan at a time in one folder, also where the file system has no locks or only pretends to (`sources.lock_file`).

Nothing here writes into the file that is locked.
"""

from __future__ import annotations

import contextlib
import os
from io import FileIO
from pathlib import Path

from scanner.errors import InputError
from scanner.sources.lock_file import SUFFIX, Lock, claimed, flock, keeps_others_out


def locked(path: Path, lock: Lock = flock, who: str = "scan") -> tuple[FileIO, contextlib.ExitStack]:
    """The file at `path`, open for reading and appending, and this process's alone until the stack is closed.

    Raises InputError where another has it (`who`: what that is), OSError where it cannot be opened.
    """
    while True:
        with contextlib.ExitStack() as held:
            file = held.enter_context(_opened(path))
            try:
                if not keeps_others_out(file, path, lock):
                    held.enter_context(claimed(path.with_name(path.name + SUFFIX), _busy(path.parent, who)))
            except BlockingIOError:
                raise _busy(path.parent, who) from None
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


def _busy(folder: Path, who: str) -> InputError:
    return InputError.at(str(folder), f"another {who} is writing here; wait for it, or choose another folder")
