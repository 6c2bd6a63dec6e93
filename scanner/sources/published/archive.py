"""A published file to the bytes of the texts in it: plain, gzip, ZIP or tar, known by its first bytes, not by its name.

Nothing that is unpacked is kept but a tar's bytes, in a temporary file: each text comes in pieces of bounded size.
Declared sizes are not believed: what really comes out is counted, and an archive that holds far more than its own size
is refused. What the texts mean is not known here.

Sources: RFC 1952; PKWARE's APPNOTE, as `zipfile` reads it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from scanner.errors import InputError
from scanner.sources.published import tar
from scanner.sources.published.foreign import is_bystander, what_zip_is
from scanner.sources.published.gunzip import Gunzip
from scanner.sources.regular_file import other_kind

MAX_UNPACKED: Final = 4 * 2**30  # the largest known, BitMEX's of 2021, has 0.2 GiB
MAX_RATIO: Final = 200  # unpacked to packed; CSV of hashes is near 3, YAML of scripts near 10
FREE_OF_RATIO: Final = 16 * 2**20  # so much may always come out, however well it is packed
MAX_MEMBERS: Final = 100
PIECE: Final = 2**18

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1  # the bit of a member's flags
_START: Final = 2**12
_LARGEST_DIRECTORY: Final = (
    2**22
)  # bytes of a ZIP's directory, of which `zipfile` makes objects before it can be counted
_END, _END_64, _LONGEST_END = b"PK\x05\x06", b"PK\x06\x06", 22 + 2**16


class ArchiveTooLarge(InputError):
    """An archive that would unpack to more than it may: nothing more is read of it."""


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
            raise InputError.at(str(path), f"is no file, but {other_kind(path)}")  # a pipe or a device may never end
        with path.open("rb") as file:
            found = _stat(file)
            if found[2] > MAX_UNPACKED:
                raise InputError.at(str(path), f"holds more than {MAX_UNPACKED} bytes")
            return Fingerprint(hashlib.file_digest(file, "sha256").hexdigest(), found)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


class Archive:
    """The texts in one file. `members` are their names: the empty one alone, where the file is no archive.

    `others` says of every file in an archive that is no such text what it is. What programs that pack leave behind is
    in neither. To be closed.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self.others: dict[str, str] = {}  # by name: what it is, for people
        self._file = file
        self._packed = os.fstat(file.fileno()).st_size
        self._unpacked = 0
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._entries: dict[str, tar.TarFile] = {}
        self._zip: zipfile.ZipFile | None = None
        self._tar: IO[bytes] | None = None
        with ExitStack() as stack:  # what is opened here is closed if the archive does not hold
            self._open = stack
            self._look_into(file.read(_START))
            self._open = stack.pop_all()
        self.members: tuple[str, ...] = (*self._infos, *self._entries) if self.is_archive else ("",)

    @property
    def is_archive(self) -> bool:
        """Whether the file holds others, each by its name."""
        return self._zip is not None or self._tar is not None

    def _look_into(self, start: bytes) -> None:
        self._gzip = start[:2] == _GZIP
        if start[:4] == _ZIP:
            if directory_bytes(self._file) > _LARGEST_DIRECTORY:
                raise InputError.at(str(self.path), f"holds more than {MAX_MEMBERS} files")
            with unpacking(str(self.path)):
                self._zip = zipfile.ZipFile(self._file)
            self._list_zip(self._zip)
        elif tar.is_tar(self._start() if self._gzip else start):
            self._tar = self._unpacked_whole() if self._gzip else self._file
            self._list_tar(self._tar)

    def close(self) -> None:
        self._open.close()

    def pieces(self, member: str) -> Iterator[bytes]:
        """The bytes of one member, in order, at most PIECE at a time. Raises InputError."""
        self._unpacked = 0
        where = self.where(member)
        with ExitStack() as stack:
            with unpacking(where):
                stream = stack.enter_context(self._stream(member))
            while True:
                with unpacking(where):
                    piece = stream.read(PIECE)
                if not piece:
                    return
                self._count(len(piece))
                yield piece

    def start(self, member: str) -> bytes:
        """The first bytes of one member. Raises InputError."""
        return next(self.pieces(member), b"")[:_START]

    def where(self, member: str) -> str:
        """The member as it may stand in a message."""
        return f"{self.path}/{shown(member)}" if member else str(self.path)

    @contextmanager
    def _stream(self, member: str) -> Iterator[_Readable]:
        """The member's bytes, unpacked once more where it is packed with gzip itself."""
        if not self.is_archive:
            self._file.seek(0)
            yield Gunzip(self._file) if self._gzip else self._file
            return
        with self._opened(member) as first:
            packed = first.read(len(_GZIP)) == _GZIP
        with self._opened(member) as stream:
            yield Gunzip(stream) if packed else stream

    @contextmanager
    def _opened(self, member: str) -> Iterator[IO[bytes]]:
        if self._tar is not None:
            yield tar.opened(self._tar, self._entries[member])
        elif self._zip is not None:
            with self._zip.open(self._infos[member]) as stream:
                yield stream

    def _start(self) -> bytes:
        """What the first bytes of a gzip file unpack to; nothing where they do not, which reading it reports."""
        try:
            return self.start("")
        except InputError:
            return b""

    def _unpacked_whole(self) -> IO[bytes]:
        """The unpacked bytes in a temporary file, where each member can be found again."""
        file = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with this object
        for piece in self.pieces(""):
            file.write(piece)
        return file

    def _list_zip(self, archive: zipfile.ZipFile) -> None:
        infos = [info for info in archive.infolist() if not info.is_dir() and not is_bystander(info.filename)]
        if kind := what_zip_is({info.filename for info in infos}):
            raise InputError.at(str(self.path), f"is {kind}")
        for info in infos:
            self._admit(info.filename)
            if info.flag_bits & _ENCRYPTED:
                self.others[info.filename] = "is encrypted"
            elif info.compress_type not in _METHODS:
                self.others[info.filename] = "is packed by another method than deflate"
            else:
                self._infos[info.filename] = info
        self._finish(sum(info.file_size for info in self._infos.values()))

    def _list_tar(self, archive: IO[bytes]) -> None:
        length = archive.seek(0, os.SEEK_END)
        with unpacking(str(self.path)):
            entries = [entry for entry in tar.files_of(archive, length) if not is_bystander(entry.name)]
        for entry in entries:
            self._admit(entry.name)
            if entry.regular:
                self._entries[entry.name] = entry
            else:
                self.others[entry.name] = "is no regular file"
        self._finish(sum(entry.size for entry in self._entries.values()))

    def _admit(self, name: str) -> None:
        if len(self._infos) + len(self._entries) + len(self.others) == MAX_MEMBERS:
            raise InputError.at(str(self.path), f"holds more than {MAX_MEMBERS} files")
        if name in self._infos or name in self._entries or name in self.others:
            raise InputError.at(str(self.path), f"holds two files called {shown(name)}")

    def _finish(self, unpacked: int) -> None:
        if not self._infos and not self._entries:
            found = "; ".join(f"{shown(name)} {kind}" for name, kind in list(self.others.items())[:3])
            raise InputError.at(str(self.path), f"holds no file{' that can be read: ' if found else ''}{found}")
        self._check(unpacked)

    def _count(self, count: int) -> None:
        self._unpacked += count
        self._check(self._unpacked)

    def _check(self, unpacked: int) -> None:
        if unpacked > MAX_UNPACKED:
            raise ArchiveTooLarge.at(str(self.path), f"holds more than {MAX_UNPACKED} bytes")
        packed = self._gzip or self._zip is not None
        if packed and unpacked > FREE_OF_RATIO and unpacked > MAX_RATIO * self._packed:
            raise ArchiveTooLarge.at(str(self.path), f"unpacks to more than {MAX_RATIO} times its own size")


def directory_bytes(file: IO[bytes]) -> int:
    """How long a ZIP's directory says that it is, in the record at its end; 0 where there is no such record."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _LONGEST_END))
    tail = file.read(_LONGEST_END)
    at = tail.rfind(_END)
    stated = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    large = tail.rfind(_END_64, 0, max(at, 0))
    if large >= 0:
        stated = max(stated if stated != 2**32 - 1 else 0, int.from_bytes(tail[large + 40 : large + 48], "little"))
    return stated


@contextmanager
def open_archive(path: Path, expected: Fingerprint) -> Iterator[Archive]:
    """Raises InputError for what cannot be read, and for a file that is not the one first seen."""
    try:
        with path.open("rb") as file:
            if _stat(file) != expected.stat:
                raise InputError.at(str(path), "has changed while it was read")
            archive = Archive(path, file)
            try:
                yield archive
            finally:
                archive.close()
    except OSError as error:
        raise _unreadable(path, error) from None


@contextmanager
def unpacking(where: str) -> Iterator[None]:
    """For use around the unpackers, which take bytes of anybody's making, and nothing else.

    The library's raise far more than they document: OSError, EOFError, zlib.error and BadZipFile, but also
    UnicodeDecodeError for a name, NotImplementedError for a version, RuntimeError for a password, struct.error and
    OverflowError.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever they raise means the same: the bytes are none of theirs
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        reason_text = ascii(str(reason))[1:-1][:200] or type(error).__name__
        raise InputError.at(where, f"cannot be unpacked: {reason_text}") from None


def shown(text: str) -> str:
    """Foreign text as it may stand in a message: escaped, and bounded."""
    return ascii(text if len(text) <= 100 else text[:100] + "...")


def visible(text: str) -> str:
    """The same without quotation marks: as it is, where it is printable ASCII."""
    return shown(text)[1:-1] if len(text) > 100 or not (text.isascii() and text.isprintable()) else text


def _stat(file: IO[bytes]) -> tuple[int, int, int, int]:
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else error
    return InputError.at(str(path), f"cannot be read: {reason}")
