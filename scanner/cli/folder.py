"""A folder of files put in place of another at once: whoever looks sees the old one or the new one, never a part.

On Linux the two folders change places in one step (renameat2). Elsewhere the old one is moved aside first, so that for
a moment there is none; it is moved back if the new one cannot take its place.

Only a folder that this wrote, or an empty one, is ever replaced: a file in it says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from scanner.errors import InputError

MARK: Final = ".reserve-scanner-site"

_AT_FDCWD: Final = -100  # Linux, fcntl.h
_RENAME_EXCHANGE: Final = 2  # Linux, fs.h


def replace_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write `files`, by their paths, as the whole content of `folder`. How many there are.

    Raises InputError where the folder cannot be written to, or holds what is not ours; then nothing has changed.
    """
    try:
        _check(folder)
        parent = folder.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        aside = Path(mkdtemp(dir=parent, prefix=f".{folder.name}-"))
        try:
            count = _write(aside / "new", files)
            if folder.is_dir():
                _exchange(aside / "new", folder, aside / "old")
            else:
                (aside / "new").rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise InputError.at(str(folder), f"cannot be written to: {error.strerror or error}") from error
    return count


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError.at(str(folder), "is there and is no folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError.at(str(folder), "holds files that are not of an earlier site; give a new or an empty folder")


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    folder.mkdir()
    folder.chmod(0o755)
    (folder / MARK).write_bytes(b"This folder is replaced as a whole when the site is built again.\n")
    count = 0
    for name, content in files:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count


def _exchange(new: Path, old: Path, aside: Path) -> None:
    with contextlib.suppress(OSError, AttributeError):  # no such call here, or none for this file system
        _rename_exchange(new, old)
        return
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise


def _rename_exchange(one: Path, other: Path) -> None:
    """Source: rename(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), "renameat2")
