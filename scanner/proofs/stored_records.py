"""Byte strings that lie in a file and are found by their Keccak-256 hash: some fifty bytes of memory each.

Some megabytes of those that were asked for last are kept, since the upper nodes of a trie lie on many paths. What is
read is hashed again: the file may have changed. Not here: what a witness is, and the form of its file (`witness`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from operator import itemgetter
from struct import iter_unpack
from typing import Final, Protocol

from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

_HASH: Final = 32  # bytes
_FIRST: Final = 64  # places of the table
_ONLY: Final = itemgetter(0)
_GENERATION: Final = 24 * 1024**2  # bytes of records that are kept, of each of two generations


class Readable(Protocol):
    """A binary file open for reading, or what behaves like one: at most `size` bytes, none at its end."""

    def read(self, size: int, /) -> bytes: ...


class SeekableFile(Readable, Protocol):
    """A binary file of which any place can be read."""

    def seek(self, offset: int, /) -> int: ...
    def tell(self) -> int: ...


class SpillFile(SeekableFile, Protocol):
    """An empty binary file, open for reading and writing, that is gone once it is closed."""

    def write(self, data: bytes, /) -> int: ...
    def close(self) -> None: ...


class StoredRecords:
    """Records of one file, numbered in the order in which they were taken in."""

    def __init__(self, file: SeekableFile | None = None) -> None:
        self._file = file
        self.count = 0
        self._hashes = bytearray()
        self._table = array("I", bytes(4 * _FIRST))  # by Python's own keyed hash: numbers of records, from 1; or 0
        self._starts = array("Q")  # of the records, in the file
        self._sizes = array("I")
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self._kept = 0  # bytes of the young ones

    def append(self, digest: bytes, start: int, size: int) -> None:
        """A record that stands in the file from `start` on. Its hash is none of those before."""
        self._hashes += digest
        self._starts.append(start)
        self._sizes.append(size)
        self.count += 1
        if 2 * len(self._starts) > len(self._table):
            self._table = array("I", bytes(8 * len(self._table)))
            for number, known in enumerate(self, 1):
                self._enter(known, number)
        else:
            self._enter(digest, len(self._starts))

    def write(self, file: SpillFile, digest: bytes, record: bytes) -> None:
        """A record that is written to the end of `file`, which is this one's. Raises OSError."""
        start = self._starts[-1] + self._sizes[-1] if self._starts else 0
        file.seek(start)
        file.write(record)
        self.append(digest, start, len(record))
        self._keep(digest, record)

    def place(self, digest: bytes) -> int | None:
        """Which of the records has this hash."""
        table, hashes = self._table, self._hashes
        mask = len(table) - 1
        at = hash(digest) & mask
        while number := table[at]:
            if hashes[_HASH * (number - 1) : _HASH * number] == digest:
                return number - 1
            at = (at + 1) & mask
        return None

    def hash_at(self, place: int) -> bytes:
        return bytes(self._hashes[_HASH * place : _HASH * (place + 1)])

    def get(self, digest: bytes) -> bytes | None:
        """The record with this hash; None where there is none, or none any more."""
        record = self._young.get(digest)
        if record is None:
            record = self._old[digest] if digest in self._old else self._read(digest)
            if record is not None:
                self._keep(digest, record)
        return record

    def __iter__(self) -> Iterator[bytes]:
        """The hashes, in the order of the records."""
        return map(_ONLY, iter_unpack(f"{_HASH}s", bytes(self._hashes)))

    def _enter(self, digest: bytes, number: int) -> None:
        table = self._table
        mask = len(table) - 1
        at = hash(digest) & mask
        while table[at]:
            at = (at + 1) & mask
        table[at] = number

    def _keep(self, digest: bytes, record: bytes) -> None:
        self._young[digest] = record
        self._kept += len(record)
        if self._kept > _GENERATION:
            self._old, self._young, self._kept = self._young, {}, 0

    def _read(self, digest: bytes) -> bytes | None:
        at = self.place(digest)
        if at is None or self._file is None:
            return None
        self._file.seek(self._starts[at])
        try:
            record = exactly(self._file, self._sizes[at])
        except ProofError:
            return None
        return record if keccak256(record) == digest else None


def exactly(source: Readable, size: int) -> bytes:
    """`size` bytes, in however many pieces a raw or compressed stream hands them out. Raises ProofError MALFORMED where
    it ends before."""
    data = source.read(size)
    while len(data) < size:
        more = source.read(size - len(data))
        if not more:
            raise ProofError(Flaw.MALFORMED, "a witness file that is cut short")
        data += more
    return data
