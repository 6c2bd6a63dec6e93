"""The files of a proof of liabilities, beside the claim: each checked against its sha256, and read when asked for.

A ZIP stands for the files in it. Nothing is kept of what is read; a file that changes meanwhile ends the reading. What
the files mean is `proofs.liabilities`' part.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from scanner.errors import InputError
from scanner.proofs.liabilities.interface import MOST_FILES, File
from scanner.sources.line_ends import explained
from scanner.sources.published.archive import FREE_OF_RATIO, MAX_RATIO, directory_bytes, shown, unpacking
from scanner.sources.published.foreign import is_bystander
from scanner.sources.regular_file import open_regular

PIECE: Final = 2**20
_ZIP: Final = b"PK\x03\x04"
_MOST_DIRECTORY: Final = 200 * MOST_FILES  # bytes of a ZIP's directory


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A file as the claim names it."""

    name: str  # its path from the claim's folder, with /
    sha256: str  # hex


def open_proof_files(folder: Path, named: Sequence[ProofFile]) -> tuple[File, ...]:
    """What the files hold, those in a ZIP by their names in it. Raises InputError, as reading them may.

    InputError says why a file is not the one that is meant, or cannot be read.
    """
    found: list[File] = []
    for each in named:
        found += _opened(folder / each.name, each)
    if len(found) > MOST_FILES:
        raise InputError.at(str(folder), f"more than {MOST_FILES:,} files of one proof")
    return tuple(found)


def size_of(folder: Path, named: Sequence[ProofFile]) -> int:
    """Bytes of all of them together, as they lie there; what is missing has none."""
    return sum(path.stat().st_size for each in named if (path := folder / each.name).is_file())


def open_file(path: Path) -> File:
    """One file, whatever its sha256 is. Raises InputError, as reading it may."""
    with open_regular(path) as file:
        return File(path.name, _chunks(path, _stat(file)))


def _opened(path: Path, named: ProofFile) -> list[File]:
    with open_regular(path) as file:
        digest = _digest(file)
        if digest != named.sha256:
            changed = explained(path, named.sha256, digest)
            raise InputError.at(named.name, f"has the sha256 {digest}, not {named.sha256}{changed}")
        seen = _stat(file)
        file.seek(0)
        if file.read(len(_ZIP)) != _ZIP:
            return [File(named.name, _chunks(path, seen))]
        return [File(info.filename, _member_chunks(path, seen, info.filename)) for info in _members(path, file)]


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


Stat = tuple[int, int, int, int, int]


def _stat(file: BinaryIO) -> Stat:
    found = os.fstat(file.fileno())
    # the last one is set by the system alone: the other time can be set back after a file was written
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _reopened(path: Path, seen: Stat) -> BinaryIO:
    file = open_regular(path)
    if _stat(file) != seen:
        file.close()
        raise InputError.at(str(path), "has changed while it was read")
    return file


def _chunks(path: Path, seen: Stat) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with _reopened(path, seen) as file:
            while piece := file.read(PIECE):
                yield piece
            _check_unchanged(path, file, seen)

    return chunks


def _check_unchanged(path: Path, file: BinaryIO, seen: Stat) -> None:
    if _stat(file) != seen:
        raise InputError.at(str(path), "has changed while it was read")


def _members(path: Path, file: BinaryIO) -> list[zipfile.ZipInfo]:
    if directory_bytes(file) > _MOST_DIRECTORY:
        raise InputError.at(str(path), f"holds more than {MOST_FILES:,} files")
    with unpacking(str(path)), zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not is_bystander(info.filename)]
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise InputError.at(str(path), "holds two files of one name")
    return infos


def _member_chunks(path: Path, seen: Stat, member: str) -> Callable[[], Iterator[bytes]]:
    where = f"{path.name}: {shown(member)}"

    def chunks() -> Iterator[bytes]:
        with _reopened(path, seen) as file, _archive(where, file) as archive:
            with unpacking(where):
                stream = archive.open(member)
            most = max(FREE_OF_RATIO, MAX_RATIO * seen[2])
            with stream:
                while True:
                    with unpacking(where):
                        piece = stream.read(PIECE)
                    if not piece:
                        break
                    most -= len(piece)
                    if most < 0:
                        raise InputError.at(where, f"unpacks to more than {MAX_RATIO} times the archive")
                    yield piece
            _check_unchanged(path, file, seen)

    return chunks


def _archive(where: str, file: BinaryIO) -> zipfile.ZipFile:
    """The archive in an open file. Raises InputError."""
    with unpacking(where):
        return zipfile.ZipFile(file)
