"""Results as files: whole or not at all, and never one of an older run beside one of a newer. Files read, bounded."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, BinaryIO, Final, cast

from scanner.cli.targets import is_stream, target, write_to_stream
from scanner.errors import InputError
from scanner.sources.regular_file import open_regular

_CLAIMS: Final = re.compile(rb"^(version|exchange|as_of|holdings|liabilities)[ \t]*:", re.MULTILINE)
CLAIM_BEGINS: Final = 2**16  # bytes at a file's beginning, by which a claim is distinguished from other files

Create = Callable[[str], BinaryIO]
"""Opens a file of this name for writing."""


def is_claim(begins: bytes) -> bool:
    """Whether a file that begins so is meant as a claim, by two of its keys or more."""
    return len({*_CLAIMS.findall(begins[:CLAIM_BEGINS])}) > 1


@contextlib.contextmanager
def written_together(folder: Path, stale: tuple[str, ...] = ()) -> Iterator[Create]:
    """Files written into `folder` by the body, all of them or none; `stale` names are removed first.

    The file that is created last is put in place last: make it the one that names the others' digests, so that one who
    finds it finds them. Raises InputError where the folder cannot be written to, and lets the body's errors pass.
    """
    written: dict[str, IO[bytes]] = {}
    with contextlib.ExitStack() as undo:
        try:
            folder.mkdir(parents=True, exist_ok=True)

            def create(name: str) -> BinaryIO:
                target(folder / name)
                if is_stream(folder / name):
                    raise InputError.at(str(folder / name), "cannot be written: is no file, and one is needed here")
                # Complete on the same file system before it is renamed; goes away unless it is.
                file = NamedTemporaryFile(dir=folder, prefix=".writing-", delete=False)  # noqa: SIM115
                undo.callback(Path(file.name).unlink, missing_ok=True)
                undo.callback(_closed, file)
                written[name] = file
                return cast(BinaryIO, file)

            yield create
            for file in written.values():
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
            for name in (*stale, *reversed(written)):
                (folder / name).unlink(missing_ok=True)
            for name, file in written.items():
                Path(file.name).replace(folder / name)
        except OSError as error:
            raise InputError.at(str(folder), f"cannot be written to: {error.strerror or error}") from error


@contextlib.contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """One file written by the body, whole or not at all, where `path` leads; a stream gets all of it once it is whole.

    Raises InputError where it cannot be written, and lets the body's errors pass.
    """
    where = target(path)
    if not is_stream(where):
        with written_together(where.parent) as create:
            yield create(where.name)
        return
    try:
        with TemporaryFile() as file:
            yield cast(BinaryIO, file)
            file.seek(0)
            write_to_stream(where, file.read())
    except OSError as error:
        raise InputError.at(str(path), f"cannot be written: {error.strerror or error}") from error


def read_whole(path: Path, most: int, too_long: str) -> bytes:
    """A file of at most `most` bytes. Raises InputError where it cannot be read, or is longer: then `too_long` says why
    that cannot be right."""
    try:
        with open_regular(path) as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InputError.at(str(path), f"cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise InputError.at(str(path), f"longer than {most} bytes{too_long}")
    return data


def _closed(file: IO[bytes]) -> None:
    """Closing writes what is still held back, which on a full disk fails once more."""
    with contextlib.suppress(OSError):
        file.close()


def write_whole(path: Path, data: bytes) -> None:
    """One file that is there whole, or as it was before; durable when this returns. Raises InputError.

    A stream is written to.
    """
    path = target(path)
    if is_stream(path):
        write_to_stream(path, data)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        folder = os.open(path.parent, os.O_RDONLY)  # a rename is durable once its folder is
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise InputError.at(str(path), f"cannot be written: {error.strerror or error}") from error


def make_way(path: Path) -> None:
    """Removes the file, and makes its folder where there is none; a stream stays. Raises InputError where that cannot
    be."""
    path = target(path)
    if is_stream(path):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".writing-"):
            pass
    except OSError as error:
        raise InputError.at(str(path), f"cannot be written: {error.strerror or error}") from error
