"""Results as files: whole or not at all, and never one of an older run beside one of a newer."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from scanner.errors import InputError


def write_together(folder: Path, files: dict[str, bytes], stale: tuple[str, ...] = ()) -> None:
    """Write `files` (by name) into `folder`, all of them or none; `stale` names are removed first.

    The last file is put in place last: make it the one that names the others' digests, so that whoever finds it finds
    them. Raises InputError where the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as undo:
            written = {name: _written_aside(folder, content, undo) for name, content in files.items()}
            for name in (*stale, *reversed(files)):
                (folder / name).unlink(missing_ok=True)
            for name, temporary in written.items():
                temporary.replace(folder / name)
    except OSError as error:
        raise InputError.at(str(folder), f"cannot be written to: {error.strerror or error}") from error


def _written_aside(folder: Path, content: bytes, undo: contextlib.ExitStack) -> Path:
    """A complete temporary file on the same file system, which goes away unless it is renamed."""
    with NamedTemporaryFile(dir=folder, prefix=".writing-", delete=False) as file:
        temporary = Path(file.name)
        undo.callback(temporary.unlink, missing_ok=True)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    return temporary
