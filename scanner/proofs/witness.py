"""A witness: the byte strings that proofs are made of, each once and found by its Keccak-256 hash; and its file.

One witness serves all accounts of a snapshot, since the upper nodes of a trie lie on many paths: trie nodes of the
state and of token contracts, and the block header they hang from. Whether they prove anything is not judged here.

The file (`witness.bin`), all integers big-endian:

    16 bytes   "reserve-witness" and the format's version, 1
     8 bytes   how many records follow
     each      4 bytes of length, then that many bytes, the records in ascending order of their hashes

Nothing follows the last record. No hash is stored: the reader computes them all. Equal sets give equal files, and
there is one file for a set only, so that a digest of the file is a digest of the set. It is not compressed: a trie
node is mostly hashes, and zlib takes off only 5 to 7 percent (bench/proofs.py).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Protocol

from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

MAX_RECORD = 128 * 1024
"""Bytes in one record. A trie node has at most 532 where keys are hashes; a header's extra data may reach 100 KiB."""

MAX_FILE = 8 * 1024**3
"""Bytes in one file, unless the reader is told otherwise."""

_MAGIC = b"reserve-witness\x01"
_HASH = 32  # bytes
_LENGTH = 4  # bytes that say how long a record is
_KEPT = 1 << 17  # records of a file that are kept: the upper nodes of a trie lie on many paths


class Readable(Protocol):
    """A binary file open for reading, or what behaves like one: at most `size` bytes, none at its end."""

    def read(self, size: int, /) -> bytes: ...


class SeekableFile(Readable, Protocol):
    """A binary file of which any place can be read."""

    def seek(self, offset: int, /) -> int: ...
    def tell(self) -> int: ...


class Witness:
    """Byte strings by their Keccak-256 hash. There is no way to put one in under a hash that is not its own."""

    __slots__ = ("_by_hash", "_stored")

    def __init__(self, records: Iterable[bytes] = (), stored: StoredRecords | None = None) -> None:
        """`stored` are records that stay in their file, none of which is added a second time."""
        self._by_hash: dict[bytes, bytes] = {}
        self._stored = StoredRecords() if stored is None else stored
        for record in records:
            self.add(record)

    @classmethod
    def together(cls, parts: Iterable[Witness]) -> Witness:
        """The records of all `parts`."""
        whole = cls()
        for part in parts:
            whole.adopt(part, part)
        return whole

    def add(self, record: bytes) -> bytes:
        """Takes a byte string in, and returns its hash. Raises ProofError TOO_LARGE beyond MAX_RECORD."""
        if len(record) > MAX_RECORD:
            raise ProofError(Flaw.TOO_LARGE, f"a record of {len(record)} bytes, at most {MAX_RECORD} are taken")
        digest = keccak256(record)
        if self._stored.place(digest) is None:
            self._by_hash[digest] = record
        return digest

    def adopt(self, other: Witness, hashes: Iterable[bytes]) -> None:
        """Takes over records of another witness, such as those that its proofs reached, without hashing them again."""
        for digest in hashes:
            record = other.get(digest)
            if record is None:
                raise KeyError(digest)
            self._by_hash[digest] = record

    def get(self, digest: bytes) -> bytes | None:
        """The byte string with this hash, if it is here."""
        record = self._by_hash.get(digest)
        return self._stored.get(digest) if record is None and self._stored.count else record

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._by_hash or self._stored.place(digest) is not None

    def __iter__(self) -> Iterator[bytes]:
        """The hashes, in no order."""
        return chain(self._by_hash, self._stored.hashes())

    def __len__(self) -> int:
        return len(self._by_hash) + self._stored.count


class StoredRecords:
    """Records that stay in their file, and are read when somebody asks for one: 52 bytes of memory each, and some of
    those that are asked for most. What is read is hashed again: the file may have changed."""

    def __init__(self, file: SeekableFile | None = None) -> None:
        self._file = file
        self._hashes = bytearray()
        self._starts = array("Q")  # of the records, in the file
        self._sizes = array("I")
        self._beginnings = array("Q")  # of the hashes: the first eight bytes, which ascend
        self.get = lru_cache(maxsize=_KEPT)(self._read)

    @property
    def count(self) -> int:
        return len(self._beginnings)

    def append(self, digest: bytes, start: int, size: int) -> None:
        """A record whose hash comes after all those before."""
        self._hashes += digest
        self._beginnings.append(int.from_bytes(digest[:8]))
        self._starts.append(start)
        self._sizes.append(size)

    def hashes(self) -> Iterator[bytes]:
        return (bytes(self._hashes[at : at + _HASH]) for at in range(0, len(self._hashes), _HASH))

    def place(self, digest: bytes) -> int | None:
        """Which of the records has this hash."""
        beginning = int.from_bytes(digest[:8])
        at = bisect_left(self._beginnings, beginning)
        while at < self.count and self._beginnings[at] == beginning:
            if self._hashes[_HASH * at : _HASH * (at + 1)] == digest:
                return at
            at += 1
        return None

    def _read(self, digest: bytes) -> bytes | None:
        """The record with this hash; None where there is none, or none any more."""
        at = self.place(digest)
        if at is None or self._file is None:
            return None
        self._file.seek(self._starts[at])
        try:
            record = _exactly(self._file, self._sizes[at])
        except ProofError:
            return None
        return record if keccak256(record) == digest else None


def dump(witness: Witness) -> Iterator[bytes]:
    """The witness as a file, piece by piece, to be written one after the other."""
    yield _MAGIC
    yield len(witness).to_bytes(8, "big")
    for digest in sorted(witness):
        record = witness.get(digest) or b""
        yield len(record).to_bytes(4, "big") + record


def load(source: Readable, max_bytes: int = MAX_FILE) -> Witness:
    """The witness in a file. Every record is hashed; what was written about it elsewhere plays no part.

    Raises ProofError: MALFORMED for a file that `dump` would not have written (another version, cut short, records out
    of order or twice, bytes after the end), TOO_LARGE beyond `max_bytes`, MAX_RECORD, or a stated count beyond both.
    """
    return Witness(record for _, _, record in _records(source, max_bytes))


def load_stored(file: SeekableFile, max_bytes: int = MAX_FILE) -> Witness:
    """`load`, of a file that is open for as long as the witness is asked: its records stay there."""
    start = file.tell()
    stored = StoredRecords(file)
    for at, digest, record in _records(file, max_bytes):
        stored.append(digest, start + at + _LENGTH, len(record))
    return Witness(stored=stored)


def _records(source: Readable, max_bytes: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Where each record begins, counted from the file's start; its hash; and the record. Raises ProofError."""
    if _exactly(source, len(_MAGIC)) != _MAGIC:
        raise ProofError(Flaw.MALFORMED, "no witness file of version 1")
    count = int.from_bytes(_exactly(source, 8), "big")
    read = len(_MAGIC) + 8
    last = b""
    for _ in range(count):
        start, length = read, int.from_bytes(_exactly(source, _LENGTH), "big")
        read += _LENGTH + length
        if length > MAX_RECORD or read > max_bytes:
            raise ProofError(Flaw.TOO_LARGE, f"a witness beyond {max_bytes} bytes, or a record beyond {MAX_RECORD}")
        record = _exactly(source, length)
        digest = keccak256(record)
        if digest <= last:
            raise ProofError(Flaw.MALFORMED, "a witness whose records are not in ascending order of their hashes")
        last = digest
        yield start, digest, record
    if source.read(1):
        raise ProofError(Flaw.MALFORMED, "bytes after the last record of a witness")


def _exactly(source: Readable, size: int) -> bytes:
    """`size` bytes, in however many pieces a raw or compressed stream hands them out."""
    data = source.read(size)
    while len(data) < size:
        more = source.read(size - len(data))
        if not more:
            raise ProofError(Flaw.MALFORMED, "a witness file that is cut short")
        data += more
    return data
