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

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from weakref import finalize

from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Marks
from scanner.proofs.stored_records import Readable, SeekableFile, SpillFile, StoredRecords, exactly

MAX_RECORD = 128 * 1024
"""Bytes in one record. A trie node has at most 532 where keys are hashes; a header's extra data may reach 100 KiB."""

MAX_FILE = 8 * 1024**3
"""Bytes in one file, unless the reader is given another limit."""

_MAGIC = b"reserve-witness\x01"
_HASH = 32  # bytes
_LENGTH = 4  # bytes that say how long a record is


class Witness:
    """Byte strings by their Keccak-256 hash. There is no way to put one in under a hash that is not its own."""

    __slots__ = ("_by_hash", "_in_memory", "_others", "_parts", "_size", "_spill", "_spilled", "_stored")

    def __init__(
        self,
        records: Iterable[bytes] = (),
        stored: StoredRecords | None = None,
        *,
        spill: Callable[[], SpillFile] | None = None,
        in_memory: int = 0,
    ) -> None:
        """`stored` are records that stay in their file, none of which is added a second time. `spill` opens the file
        that takes up what is added once it comes to more than `in_memory` bytes; without it, memory does."""
        self._by_hash: dict[bytes, bytes] = {}
        self._stored = StoredRecords() if stored is None else stored
        self._parts: tuple[tuple[Witness, Marks | None], ...] = ()  # None: all of its records
        self._others: int | None = None  # how many records there are in other witnesses, once they were counted
        self._spill = spill
        self._in_memory = in_memory
        self._size = 0  # bytes of the records in memory
        self._spilled: SpillFile | None = None
        for record in records:
            self.add(record)

    @classmethod
    def of_marked(cls, parts: Iterable[tuple[Witness, Marks]]) -> Witness:
        """Of each of these witnesses, which grow no more, the records that are marked, and are there. They stay where
        they are."""
        whole = cls()
        for part, marks in parts:
            if part._is_of_one:  # whose records have the same numbers where they lie
                ((within, _),) = part._parts
                whole._parts += ((within, marks.of(within)),)
            else:
                whole._parts += ((part, marks),)
        return whole

    @classmethod
    def together(cls, parts: Iterable[Witness]) -> Witness:
        """The records of all `parts`, which grow no more. They stay where they are."""
        whole = cls()
        for part in parts:
            whole._parts += (
                part._parts if part._parts and not (part._by_hash or part._stored.count) else ((part, None),)
            )
        return whole

    def add(self, record: bytes) -> bytes:
        """Takes a byte string in, and returns its hash. Raises ProofError TOO_LARGE beyond MAX_RECORD, and OSError
        where it goes to a file that cannot be written."""
        if len(record) > MAX_RECORD:
            raise ProofError(Flaw.TOO_LARGE, f"a record of {len(record)} bytes, at most {MAX_RECORD} are taken")
        digest = keccak256(record)
        if digest not in self:
            self._take(digest, record)
        return digest

    def get(self, digest: bytes) -> bytes | None:
        """The byte string with this hash, if it is here."""
        record = self._by_hash.get(digest)
        if record is None and self._stored.count:
            record = self._stored.get(digest)
        if record is None and self._parts:
            found = (part.get(digest) for part, marks in self._parts if marks is None or digest in marks)
            record = next((each for each in found if each is not None), None)
        return record

    def place(self, digest: bytes) -> int | None:
        """The number of the record with this hash, where it lies in a file."""
        found = self._stored.place(digest)
        if found is not None or not self._parts:
            return found
        start = self._stored.count
        for part, _ in self._parts:
            found = part.place(digest)
            if found is not None:
                return start + found
            start += part.places
        return found

    @property
    def _is_of_one(self) -> bool:
        return len(self._parts) == 1 and not self._by_hash and not self._stored.count

    @property
    def places(self) -> int:
        """How many records lie in files."""
        return self._stored.count + sum(part.places for part, _ in self._parts)

    def hash_at(self, place: int) -> bytes:
        """The hash of the record with this number."""
        if place < self._stored.count:
            return self._stored.hash_at(place)
        place -= self._stored.count
        for part, _ in self._parts:
            if place < part.places:
                return part.hash_at(place)
            place -= part.places
        raise IndexError(place)

    def __contains__(self, digest: bytes) -> bool:
        if digest in self._by_hash or self._stored.place(digest) is not None:
            return True
        return any(digest in part and (marks is None or digest in marks) for part, marks in self._parts)

    def __iter__(self) -> Iterator[bytes]:
        """The hashes: of records that were added in the order in which they were, of others in none."""
        own = chain(self._stored, self._by_hash)
        return chain(own, self._elsewhere()) if self._parts else own

    def __len__(self) -> int:
        if self._parts and self._others is None:
            self._others = sum(1 for _ in self._elsewhere())
        return len(self._by_hash) + self._stored.count + (self._others or 0)

    def _elsewhere(self) -> Iterator[bytes]:
        """The hashes of records that stay in other witnesses, each once."""
        if self._is_of_one and (only := self._parts[0][1]) is not None:
            part = self._parts[0][0]
            yield from (digest for digest in only if part.place(digest) is not None or digest in part)
            return
        for number, (part, marks) in enumerate(self._parts):
            earlier = self._parts[:number]
            for digest in part if marks is None else marks:
                if digest in self._by_hash or self._stored.place(digest) is not None or digest not in part:
                    continue
                if not any(digest in each and (of is None or digest in of) for each, of in earlier):
                    yield digest

    def _take(self, digest: bytes, record: bytes) -> None:
        if self._spilled is not None:
            self._stored.write(self._spilled, digest, record)
            return
        self._by_hash[digest] = record
        self._size += len(record)
        if self._spill is not None and self._size > self._in_memory:
            self._spilled = self._spill()
            self._stored = StoredRecords(self._spilled)
            finalize(self._stored, self._spilled.close)
            for each, moved in self._by_hash.items():
                self._stored.write(self._spilled, each, moved)
            self._by_hash = {}


def dump(witness: Witness) -> Iterator[bytes]:
    """The witness as a file, piece by piece, to be written one after the other."""
    yield _MAGIC
    yield len(witness).to_bytes(8, "big")
    shares = [bytearray() for _ in range(256)]  # of the hashes, by their first byte
    for digest in witness:
        shares[digest[0]] += digest
    while shares:
        share = bytes(shares.pop(0))
        for digest in sorted(share[at : at + _HASH] for at in range(0, len(share), _HASH)):
            record = witness.get(digest) or b""
            yield len(record).to_bytes(_LENGTH, "big") + record


def load(source: Readable, max_bytes: int = MAX_FILE, most: int | None = None) -> Witness:
    """The witness in a file. Every record is hashed; what was written about it elsewhere plays no part.

    Raises ProofError: MALFORMED for a file that `dump` would not have written (another version, cut short, records out
    of order or twice, bytes after the end), TOO_LARGE beyond `max_bytes`, MAX_RECORD, or for more than `most` records.
    """
    return Witness(record for _, _, record in _records(source, max_bytes, most))


def load_stored(file: SeekableFile, max_bytes: int = MAX_FILE) -> Witness:
    """`load`, of a file that is open for as long as the witness is asked: its records stay there."""
    start = file.tell()
    stored = StoredRecords(file)
    for at, digest, record in _records(file, max_bytes):
        stored.append(digest, start + at + _LENGTH, len(record))
    return Witness(stored=stored)


def _records(source: Readable, max_bytes: int, most: int | None = None) -> Iterator[tuple[int, bytes, bytes]]:
    """Where each record begins, counted from the file's start; its hash; and the record. Raises ProofError."""
    if exactly(source, len(_MAGIC)) != _MAGIC:
        raise ProofError(Flaw.MALFORMED, "no witness file of version 1")
    count = int.from_bytes(exactly(source, 8), "big")
    if most is not None and count > most:
        raise ProofError(Flaw.TOO_LARGE, f"{count} records, at most {most} are taken")
    read = len(_MAGIC) + 8
    last = b""
    for _ in range(count):
        start, length = read, int.from_bytes(exactly(source, _LENGTH), "big")
        read += _LENGTH + length
        if length > MAX_RECORD or read > max_bytes:
            raise ProofError(Flaw.TOO_LARGE, f"a witness beyond {max_bytes} bytes, or a record beyond {MAX_RECORD}")
        record = exactly(source, length)
        digest = keccak256(record)
        if digest <= last:
            raise ProofError(Flaw.MALFORMED, "a witness whose records are not in ascending order of their hashes")
        last = digest
        yield start, digest, record
    if source.read(1):
        raise ProofError(Flaw.MALFORMED, "bytes after the last record of a witness")
