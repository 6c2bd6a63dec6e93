"""A published file to the bytes of the texts in it: plain, gzip or ZIP, told by its first bytes, never by its name.

Nothing that is unpacked is kept: each text comes in pieces of bounded size. Declared sizes are not believed: what
really comes out is counted, and an archive that holds far more than its own size is refused. What the texts mean is not
known here.

Sources: RFC 1952; PKWARE's APPNOTE, as `zipfile` reads it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from scanner.errors import InputError

MAX_UNPACKED: Final = 4 * 2**30  # the largest known, BitMEX's of 2021, has 0.2 GiB
MAX_RATIO: Final = 200  # unpacked to packed; CSV of hashes is near 3, YAML of scripts near 10
FREE_OF_RATIO: Final = 16 * 2**20  # so much may always come out, however well it is packed
MAX_MEMBERS: Final = 100
PIECE: Final = 2**18

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the file was when it was first seen: it must be the same whenever it is read again."""

    sha256: str  # hex
    stat: tuple[int, int, int, int]  # device, inode, size, time of change


def fingerprint(path: Path) -> Fingerprint:
    """Raises InputError for what is no file, cannot be read, or is larger than any text that would be read of it."""
    try:
        if not path.is_file():
            path.stat()  # tells what is missing, if it is
            raise InputError.at(str(path), "is not a file")  # a pipe or a device may never end
        with path.open("rb") as file:
            found = _stat(file)
            if found[2] > MAX_UNPACKED:
                raise InputError.at(str(path), f"holds more than {MAX_UNPACKED} bytes")
            return Fingerprint(hashlib.file_digest(file, "sha256").hexdigest(), found)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


class Archive:
    """The texts in one file. `members` are their names: the empty one alone, where the file is no ZIP."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file
        self._packed = os.fstat(file.fileno()).st_size
        self._unpacked = 0
        start = file.read(4)
        self._gzip = start[:2] == _GZIP
        with _unpacking(str(path)):
            self._zip = zipfile.ZipFile(file) if start == _ZIP else None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        if self._zip is not None:
            self._list(self._zip)
        self.members: tuple[str, ...] = tuple(self._infos) if self._zip is not None else ("",)

    def pieces(self, member: str) -> Iterator[bytes]:
        """The bytes of one member, in order, at most PIECE at a time. Raises InputError."""
        self._unpacked = 0
        where = self.where(member)
        with _unpacking(where):
            opened = self._stream(member)
        with opened as stream:
            while True:
                with _unpacking(where):
                    piece = stream.read(PIECE)
                if not piece:
                    return
                self._count(len(piece))
                yield piece

    def where(self, member: str) -> str:
        """The member as it may stand in a message."""
        return f"{self.path}/{shown(member)}" if member else str(self.path)

    def _stream(self, member: str) -> AbstractContextManager[_Readable]:
        if self._zip is not None:
            return self._zip.open(self._infos[member])
        self._file.seek(0)
        return gzip.GzipFile(fileobj=self._file) if self._gzip else nullcontext(self._file)

    def _list(self, archive: zipfile.ZipFile) -> None:
        for info in archive.infolist():
            # What the Finder adds to a ZIP: the other halves of files, which hold no text.
            if info.is_dir() or info.filename.startswith("__MACOSX/"):
                continue
            if len(self._infos) == MAX_MEMBERS:
                raise InputError.at(str(self.path), f"holds more than {MAX_MEMBERS} files")
            if info.filename in self._infos:
                raise InputError.at(str(self.path), f"holds two files called {shown(info.filename)}")
            if info.compress_type not in _METHODS:
                raise InputError.at(self.where(info.filename), "is packed by another method than deflate")
            self._infos[info.filename] = info
        if not self._infos:
            raise InputError.at(str(self.path), "holds no file")
        self._check(sum(info.file_size for info in self._infos.values()))

    def _count(self, count: int) -> None:
        self._unpacked += count
        self._check(self._unpacked)

    def _check(self, unpacked: int) -> None:
        if unpacked > MAX_UNPACKED:
            raise InputError.at(str(self.path), f"holds more than {MAX_UNPACKED} bytes")
        packed = self._gzip or self._zip is not None
        if packed and unpacked > FREE_OF_RATIO and unpacked > MAX_RATIO * self._packed:
            raise InputError.at(str(self.path), f"unpacks to more than {MAX_RATIO} times its own size")


@contextmanager
def open_archive(path: Path, expected: Fingerprint) -> Iterator[Archive]:
    """Raises InputError for what cannot be read, and for a file that is not the one first seen."""
    try:
        with path.open("rb") as file:
            if _stat(file) != expected.stat:
                raise InputError.at(str(path), "has changed while it was read")
            yield Archive(path, file)
    except OSError as error:
        raise _unreadable(path, error) from None


@contextmanager
def _unpacking(where: str) -> Iterator[None]:
    """For use around the library's unpackers, which take bytes of anybody's making, and nothing else.

    They raise far more than they document: OSError, EOFError, zlib.error and BadZipFile, but also UnicodeDecodeError
    for a name, NotImplementedError for a version, RuntimeError for a password, struct.error and OverflowError.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever they raise means the same: the bytes are none of theirs
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError.at(
            where, f"cannot be unpacked: {ascii(str(reason))[1:-1][:200] or type(error).__name__}"
        ) from None


def shown(text: str) -> str:
    """Foreign text as it may stand in a message: escaped, and bounded."""
    return ascii(text if len(text) <= 100 else text[:100] + "...")


def _stat(file: IO[bytes]) -> tuple[int, int, int, int]:
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError.at(str(path), f"cannot be read: {reason}")
