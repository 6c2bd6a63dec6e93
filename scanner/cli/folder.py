"""A folder of files put in place of another at once: a reader sees the old one or the new one, never a part.

On Linux the two folders change places in one step (renameat2). Elsewhere the old one is moved aside first, so that for
a moment there is none; it is moved back if the new one cannot take its place.

Only a folder that this wrote, or an empty one, is ever replaced: a file in it says so, and names all that was written.
What somebody else has put there since is not lost: it is moved to a folder beside, and reported.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from scanner.errors import InputError

MARK: Final = ".reserve-scanner-site"

_FIRST_LINE: Final = "This folder is replaced as a whole when the site is built again. It was written with these files:"

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
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, aside, ignore_errors=True)
            count = _write(aside / "new", files)
            if folder.is_dir():
                _exchange(aside / "new", folder, aside / "old")
                removal = undo.pop_all()  # not before all that is not ours is out of it
                for old in (aside / "new", aside / "old"):
                    if old.is_dir():
                        _keep_strangers(old, folder)
                removal.close()
            else:
                (aside / "new").rename(folder)
    except OSError as error:
        raise InputError.at(str(folder), f"cannot be written to: {error.strerror or error}") from error
    return count


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError.at(str(folder), "is no folder of its own, but a file or a link; name a folder with --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError.at(str(folder), "holds files that are not of an earlier site; give a new or an empty folder")


def _keep_strangers(old: Path, folder: Path) -> None:
    """Moves what was not written there by this out of the replaced folder, to one beside the new."""
    if not (strangers := _strangers(old)):
        return
    beside = Path(mkdtemp(dir=folder.absolute().parent, prefix=f"{folder.name}.kept-"))
    for path in strangers:
        target = beside / path.relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    print(f"scanner: {folder} held files that are not of an earlier site; they are kept in {beside}", file=sys.stderr)


def _strangers(old: Path) -> list[Path]:
    """The files in the folder that are not on its list."""
    try:
        _, *written = (old / MARK).read_text("utf-8").splitlines()
    except (FileNotFoundError, ValueError):
        written = []
    known = {MARK, *written}
    found = [path for path in sorted(old.rglob("*")) if path.is_symlink() or not path.is_dir()]
    return [path for path in found if path.relative_to(old).as_posix() not in known]


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    folder.mkdir()
    folder.chmod(0o755)
    written = []
    for name, content in files:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        written.append(name)
    listed = "".join(f"{name}\n" for name in written)
    (folder / MARK).write_text(f"{_FIRST_LINE}\n{listed}", "utf-8")
    return len(written)


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
