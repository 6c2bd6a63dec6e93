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

from collections.abc import Iterable, Iterator
from typing import Protocol

from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

MAX_RECORD = 128 * 1024
"""Bytes in one record. A trie node has at most 532 where keys are hashes; a header's extra data may reach 100 KiB."""

MAX_FILE = 8 * 1024**3
"""Bytes in one file, unless the reader is told otherwise."""

_MAGIC = b"reserve-witness\x01"


class Readable(Protocol):
    """A binary file open for reading, or what behaves like one: at most `size` bytes, none at its end."""

    def read(self, size: int, /) -> bytes: ...


class Witness:
    """Byte strings by their Keccak-256 hash. There is no way to put one in under a hash that is not its own."""

    __slots__ = ("_by_hash",)

    def __init__(self, records: Iterable[bytes] = ()) -> None:
        self._by_hash: dict[bytes, bytes] = {}
        for record in records:
            self.add(record)

    @classmethod
    def together(cls, parts: Iterable[Witness]) -> Witness:
        """The records of all `parts`."""
        whole = cls()
        for part in parts:
            whole._by_hash.update(part._by_hash)
        return whole

    def add(self, record: bytes) -> bytes:
        """Takes a byte string in, and returns its hash. Raises ProofError TOO_LARGE beyond MAX_RECORD."""
        if len(record) > MAX_RECORD:
            raise ProofError(Flaw.TOO_LARGE, f"a record of {len(record)} bytes, at most {MAX_RECORD} are taken")
        digest = keccak256(record)
        self._by_hash[digest] = record
        return digest

    def adopt(self, other: Witness, hashes: Iterable[bytes]) -> None:
        """Takes over records of another witness, such as those that its proofs reached, without hashing them again."""
        for digest in hashes:
            self._by_hash[digest] = other._by_hash[digest]

    def get(self, digest: bytes) -> bytes | None:
        """The byte string with this hash, if it is here."""
        return self._by_hash.get(digest)

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._by_hash

    def __iter__(self) -> Iterator[bytes]:
        """The hashes, in no order."""
        return iter(self._by_hash)

    def __len__(self) -> int:
        return len(self._by_hash)


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
    if _exactly(source, len(_MAGIC)) != _MAGIC:
        raise ProofError(Flaw.MALFORMED, "no witness file of version 1")
    count = int.from_bytes(_exactly(source, 8), "big")
    read = len(_MAGIC) + 8
    witness = Witness()
    last = b""
    for _ in range(count):
        length = int.from_bytes(_exactly(source, 4), "big")
        read += 4 + length
        if length > MAX_RECORD or read > max_bytes:
            raise ProofError(Flaw.TOO_LARGE, f"a witness beyond {max_bytes} bytes, or a record beyond {MAX_RECORD}")
        digest = witness.add(_exactly(source, length))
        if digest <= last:
            raise ProofError(Flaw.MALFORMED, "a witness whose records are not in ascending order of their hashes")
        last = digest
    if source.read(1):
        raise ProofError(Flaw.MALFORMED, "bytes after the last record of a witness")
    return witness


def _exactly(source: Readable, size: int) -> bytes:
    """`size` bytes, in however many pieces a raw or compressed stream hands them out."""
    data = source.read(size)
    while len(data) < size:
        more = source.read(size - len(data))
        if not more:
            raise ProofError(Flaw.MALFORMED, "a witness file that is cut short")
        data += more
    return data
