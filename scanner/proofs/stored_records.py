"""Byte strings that lie in a file and are found by their Keccak-256 hash: some fifty bytes of memory each.

A few megabytes of those that were asked for last are kept, since the upper nodes of a trie lie on many paths. What is
read is hashed again: the file may have changed. Not here: what a witness is, and the form of its file (`witness`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final, Protocol

from scanner.core.columns import AccountIndex, Accounts
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

_GENERATION: Final = 8 * 1024**2  # bytes of records that are kept, of each of two generations


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
        self._hashes = Accounts()
        self._numbers = AccountIndex(self._hashes)
        self._starts = array("Q")  # of the records, in the file
        self._sizes = array("I")
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self._kept = 0  # bytes of the young ones

    def append(self, digest: bytes, start: int, size: int) -> None:
        """A record that stands in the file from `start` on. Its hash is none of those before."""
        self._hashes.append(digest)
        self._numbers.enter()
        self._starts.append(start)
        self._sizes.append(size)

    def write(self, file: SpillFile, digest: bytes, record: bytes) -> None:
        """A record that is written to the end of `file`, which is this one's. Raises OSError."""
        start = self._starts[-1] + self._sizes[-1] if self._starts else 0
        file.seek(start)
        file.write(record)
        self.append(digest, start, len(record))
        self._keep(digest, record)

    def place(self, digest: bytes) -> int | None:
        """Which of the records has this hash."""
        return self._numbers.find(digest)

    def hash_at(self, place: int) -> bytes:
        return self._hashes.at(place)

    def get(self, digest: bytes) -> bytes | None:
        """The record with this hash; None where there is none, or none any more."""
        record = self._young.get(digest)
        if record is None:
            record = self._old[digest] if digest in self._old else self._read(digest)
            if record is not None:
                self._keep(digest, record)
        return record

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[bytes]:
        """The hashes, in the order of the records."""
        return iter(self._hashes)

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
