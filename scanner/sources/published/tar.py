"""The files in a tar archive: where each one's bytes lie. Regular files only, and nothing of them is read.

Headers are read here and not by the standard library's module, which believes sizes that a header declares, follows
what other headers say of it, and raises whatever comes of that.

Source: POSIX.1-2017, pax, the ustar and pax interchange formats; GNU tar's long names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK: Final = 512
_LONGEST_EXTENSION: Final = 2**16  # a name and a few attributes; a larger one is none
_MOST_HEADERS: Final = 10_000
_REGULAR: Final = (b"0", b"\0", b"7")
_FOLDER, _LONG_NAME, _PAX, _PAX_FOR_ALL = b"5", b"L", b"x", b"g"
_NO_FILES: Final = (_FOLDER, b"K", _PAX_FOR_ALL)


class TarError(ValueError):
    """Bytes that are no tar archive, or one that goes on beyond its end."""


@dataclass(frozen=True, slots=True)
class TarFile:
    """One entry. `regular` is false for links, devices and whatever else holds no bytes of its own."""

    name: str
    start: int  # of its bytes, from the start of the archive
    size: int
    regular: bool


def is_tar(start: bytes) -> bool:
    """Whether the first 512 bytes are a tar header."""
    return len(start) >= _BLOCK and start[257:262] == b"ustar" and _sums_up(start[:_BLOCK])


def files_of(archive: IO[bytes], length: int) -> Iterator[TarFile]:
    """The entries in order, folders left out. `archive` can seek, and holds `length` bytes. Raises TarError."""
    at, long_name = 0, ""
    for _ in range(_MOST_HEADERS):
        archive.seek(at)
        header = archive.read(_BLOCK)
        if len(header) < _BLOCK or not header.strip(b"\0"):
            return
        if not _sums_up(header):
            raise TarError("a header's checksum is wrong")
        size, kind, start = _number(header[124:136]), header[156:157], at + _BLOCK
        if start + size > length:
            raise TarError("an entry is longer than the archive")
        at = start + -(-size // _BLOCK) * _BLOCK
        if kind in (_LONG_NAME, _PAX):
            if size > _LONGEST_EXTENSION:
                raise TarError("an entry's name is too long")
            name = archive.read(size)
            long_name = _text(name) if kind == _LONG_NAME else _pax_name(name) or long_name
            continue
        if kind not in _NO_FILES:
            yield TarFile(long_name or _name(header), start, size, kind in _REGULAR)
            long_name = ""
    raise TarError(f"more than {_MOST_HEADERS} entries")


def opened(archive: IO[bytes], file: TarFile) -> IO[bytes]:
    """The bytes of one regular file, as a stream that is read from its start."""
    return BufferedReader(_Slice(archive, file))


class _Slice(RawIOBase):
    def __init__(self, archive: IO[bytes], file: TarFile) -> None:
        self._archive, self._at, self._end = archive, file.start, file.start + file.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        self._archive.seek(self._at)
        data = self._archive.read(min(len(view), self._end - self._at))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _sums_up(header: bytes) -> bool:
    try:
        return _number(header[148:156]) == sum(header) - sum(header[148:156]) + 8 * ord(" ")
    except TarError:
        return False


def _number(field: bytes) -> int:
    """Octal digits; the other form, for sizes beyond 8 GiB, is not taken."""
    text = field.strip(b" \0")
    if not all(digit in b"01234567" for digit in text):
        raise TarError("a header holds a number that is none")
    return int(text, 8) if text else 0


def _name(header: bytes) -> str:
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{_text(header[:100])}" if prefix else _text(header[:100])


def _pax_name(records: bytes) -> str:
    """The value of `path` among records such as `20 path=folder/file\\n`. Raises TarError for a size of its own."""
    name = ""
    while records:
        digits, blank, _ = records.partition(b" ")
        if not blank or not digits.isdigit() or len(digits) > 6 or not len(digits) < int(digits) <= len(records):
            raise TarError("an extended header that is none")
        key, _, value = records[len(digits) + 1 : int(digits) - 1].partition(b"=")
        if key == b"path":
            name = _text(value)
        elif key == b"size":
            raise TarError("an entry states its size in an extended header, as one beyond 8 GiB does")
        records = records[int(digits) :]
    return name


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "backslashreplace")
