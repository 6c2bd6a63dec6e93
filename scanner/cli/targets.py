"""Where a result may be written: a regular file, or a name that is free; and standard output, by its name.

A result takes the place of what has its name. That must never be a device, a pipe or a folder, which would be lost, and
a link leads to a file, or nowhere. Not in here: writing (`files`).
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from scanner.errors import InputError
from scanner.sources.regular_file import kind_of

STREAMS: Final = {Path("/dev/stdout"): 1, Path("/dev/stderr"): 2}
"""Names of what this process was given to write to, by its descriptor: written to, never replaced."""


def target(path: Path) -> Path:
    """Where to write what is to stand at `path`: the file that a link leads to. Raises InputError for anything else."""
    if path in STREAMS:
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
    """All of `data` to one of STREAMS, behind what was printed there before. Raises InputError."""
    descriptor = STREAMS[path]
    printed = sys.stdout if descriptor == 1 else sys.stderr
    with suppress(OSError, ValueError, AttributeError):
        printed.flush()
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError as error:
        raise InputError.at(str(path), f"cannot be written: {error.strerror}") from None
