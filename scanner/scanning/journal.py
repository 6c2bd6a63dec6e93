"""What a run has settled so far, on disk: a run that was killed goes on from there, and asks for nothing twice.

The file is only ever added to, a batch at a time:

    16 bytes    what it is, and the format's version
    16 bytes    which key its digests are made with
    each        4 bytes of length, 32 bytes of digest, the record

A record's digest is taken with a secret key over the digest before it and the record. Whoever has not the key can cut
the file off behind any record, or put back what it was at an earlier time, and the run asks for the rest again; he can
add, change, move or leave out nothing. What does not hold is told, cut off and read from the nodes again. A record that
is cut short is what a kill in the middle of writing leaves behind, and is told likewise. What the key does not show is
that a record is recent: it was an answer of the nodes named in it to a scan of the same claim at the same blocks.

A file that is no journal, or is one of another version or under another key, is refused and left as it is.

Batches are found by what was asked: block, asset, accounts, and the operators there were to ask. The first record says
for which claim and under which policy; the journal of another is begun anew. A run that ended with gaps closes a round,
and the next one asks for these gaps again, and for nothing else.

The file is locked while it is open (`folder_lock.py`), so that two runs never write into one folder. Nothing here asks
a node or knows where keys come from, and nothing of the attestation rests on how it is written.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Final

from scanner.core.columns import Accounts
from scanner.core.evidence import Batch
from scanner.core.ids import Chain
from scanner.errors import InputError
from scanner.scanning import journal_record
from scanner.scanning.events import JournalCut, JournalFound, Observer, ignore
from scanner.scanning.folder_lock import Lock, flock, is_at, locked
from scanner.scanning.settled import Settled

_NAME: Final = b"scanner-journal"
_MAGIC: Final = _NAME + b"\x02"
_KEY_NAME: Final = 16  # bytes that say which key it is
_START: Final = len(_MAGIC) + _KEY_NAME
_DIGEST: Final = 32
_HEAD: Final = 4 + _DIGEST
_PLAN, _ROUND, _BATCH = b"P", b"R", b"B"  # the first byte of a record: its kind


@dataclass(frozen=True, slots=True)
class Kept:
    """A batch as it was settled before; `again`: its gaps are of a round that has ended, and are asked for anew."""

    settled: Settled
    again: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """A batch's record in the file."""

    at: int
    size: int
    before: bytes  # the digest of the record before it
    digest: bytes
    round: int


class Journal:
    """A journal in a file. Opening takes the lock; use it as a context manager.

    `keys`: secrets of the user's own, 16 to 64 bytes each. The first is what a new journal is written with, and one
    that was written with any of them is gone on from. Raises InputError where the file cannot be written, is no journal
    of this version, is under another key, or is another run's.
    """

    def __init__(self, path: Path, keys: Sequence[bytes], lock: Lock = flock) -> None:
        if not keys or not all(16 <= len(key) <= 64 for key in keys):
            raise ValueError("a journal needs keys of 16 to 64 bytes")
        self._path = path
        self._keys = tuple(keys)
        self._secret = self._keys[0]
        self._lock = lock
        self._held = contextlib.ExitStack()
        self.new = False  # whether it was not there, or empty, when it was opened
        self._file: FileIO | None = None
        self._last = b""  # the digest of the last record that holds
        self._end = 0  # where the next record goes
        self._batches: dict[bytes, _Written] = {}  # by key
        self._rounds = 0
        self._operators: dict[Chain, bytes] = {}
        self._observe: Observer = ignore

    def __enter__(self) -> Journal:
        with self._told():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file, self._held = locked(self._path, self._lock)
            try:
                self._recognise()
            except BaseException:
                self._release()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._release()

    @property
    def settled(self) -> int:
        """Batches, of this run and of those that it goes on from."""
        return len(self._batches)

    def drop(self) -> None:
        """Nothing is left to go on with. Raises InputError."""
        with self._told():
            if is_at(self._opened, self._path):
                self._path.unlink()

    def begin(self, plan: object, operators: dict[Chain, list[tuple[str, bool]]], observe: Observer) -> None:
        """A run begins: what earlier ones settled is looked up, and told of.

        `plan`: JSON of the claim and the policy; `operators`: by chain, all that are configured, and whether they are
        the auditor's own. Raises InputError.
        """
        self._observe = observe
        self._operators = {chain: json.dumps(sorted(names)).encode() for chain, names in operators.items()}
        stated = _PLAN + json.dumps(plan, sort_keys=True).encode()
        self._batches, self._rounds = {}, 0
        records = self._holding()
        found = next(records, None)
        if found is not None and found[1] != stated:
            observe(JournalCut(str(self._path), self._size(), "it is of another claim or another policy"))
            found = None
        if found is None:
            self._write_anew(stated)
            return
        for written, record in records:
            if record[:1] == _ROUND:
                self._rounds += 1
            elif record[:1] == _BATCH:
                self._batches[record[1 : 1 + _DIGEST]] = written
        if self._batches:
            observe(JournalFound(str(self._path), len(self._batches)))

    def find(self, batch: Batch) -> Kept | None:
        """The batch as it was settled before, or None. Raises InputError."""
        written = self._batches.get(self._key(batch))
        if written is None:
            return None
        with self._told():
            self._opened.seek(written.at)
            record = self._opened.read(written.size)
        if self._chained(written.before, record) != written.digest:
            raise self._changed()
        try:
            settled = journal_record.decode(record[1 + _DIGEST :])
        except (KeyError, TypeError, ValueError):
            raise InputError.at(str(self._path), "is a journal that another version of this program wrote") from None
        return Kept(settled, again=written.round < self._rounds and settled.outcomes.gaps > 0)

    def keep(self, batch: Batch, settled: Settled) -> None:
        """The batch is settled. Raises InputError where that cannot be written down."""
        key = self._key(batch)
        self._batches[key] = self._append(_BATCH + key + journal_record.encode(settled))

    def end_round(self) -> None:
        """The run is over, and left gaps. Raises InputError."""
        self._append(_ROUND)
        self._rounds += 1

    def _recognise(self) -> None:
        """Which of the keys the file is under, if anything is in it. Raises InputError for what is no journal of ours;
        then nothing of it has changed."""
        self.new = self._size() == 0
        self._opened.seek(0)
        found = self._opened.read(_START)
        magic, name = found[: len(_MAGIC)], found[len(_MAGIC) :]
        if not _MAGIC.startswith(magic):
            version = "of another version" if magic.startswith(_NAME) else "and is no journal of a scan"
            raise InputError.at(str(self._path), f"is there already, {version}; it is left as it is")
        fitting = [key for key in self._keys if _key_name(key).startswith(name)]
        if not fitting:
            what = "is the journal of a scan under another key, and is left as it is; give the --key it was begun with,"
            raise InputError.at(str(self._path), f"{what} remove it, or choose another folder")
        self._secret = fitting[0]

    def _start(self) -> bytes:
        return _MAGIC + _key_name(self._secret)

    def _chained(self, before: bytes, record: bytes) -> bytes:
        """The record's digest, by the one before it (for the first record: by how the file starts)."""
        before = blake2b(before, digest_size=_DIGEST).digest()
        return blake2b(before + record, digest_size=_DIGEST, key=self._secret).digest()

    def _release(self) -> None:
        self._file = None
        self._held.close()

    @property
    def _opened(self) -> FileIO:
        if self._file is None:
            raise ValueError("the journal is not open")
        return self._file

    def _size(self) -> int:
        return os.fstat(self._opened.fileno()).st_size

    def _key(self, batch: Batch) -> bytes:
        accounts = batch.accounts if isinstance(batch.accounts, Accounts) else Accounts(batch.accounts)
        asked = f"{batch.snapshot.chain} {batch.snapshot.hash} {batch.asset} ".encode()
        operators = self._operators.get(batch.snapshot.chain, b"")
        return blake2b(asked + accounts.digest() + operators, digest_size=_DIGEST).digest()

    def _holding(self) -> Iterator[tuple[_Written, bytes]]:
        """The records that hold, each with where it stands; behind the last of them the file is cut off."""
        file, size = self._opened, self._size()
        self._last, self._end = self._start(), _START if size >= _START else 0
        while 0 < self._end < size:
            with self._told():
                file.seek(self._end)
                head = file.read(_HEAD)
                length = int.from_bytes(head[:4])
                record = file.read(length) if self._end + _HEAD + length <= size else b""
            if not record or not hmac.compare_digest(self._chained(self._last, record), head[4:]):
                break
            yield self._standing(record, head[4:]), record
        if self._end < size:
            self._observe(JournalCut(str(self._path), size - self._end, "its end does not hold"))
            with self._told():
                file.truncate(self._end)

    def _write_anew(self, plan: bytes) -> None:
        with self._told():
            self._opened.truncate(0)
            _write(self._opened, self._start())
        self._last, self._end = self._start(), _START
        self._append(plan)

    def _append(self, record: bytes) -> _Written:
        """Adds the record. What could only be written in part is taken back."""
        digest = self._chained(self._last, record)
        with self._told():
            if self._size() != self._end:
                raise self._changed()
        try:
            _write(self._opened, len(record).to_bytes(4) + digest + record)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._opened.truncate(self._end)
            raise self._fault(error) from None
        return self._standing(record, digest)

    def _standing(self, record: bytes, digest: bytes) -> _Written:
        """The record stands behind all others."""
        written = _Written(self._end + _HEAD, len(record), self._last, digest, self._rounds)
        self._last, self._end = digest, written.at + written.size
        return written

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._fault(error) from None

    def _changed(self) -> InputError:
        return InputError.at(str(self._path), "the scan's journal was changed while it was in use")

    def _fault(self, error: OSError) -> InputError:
        return InputError.at(str(self._path), f"the scan's journal cannot be written: {error.strerror or error}")


def _write(file: FileIO, data: bytes) -> None:
    """All of `data`, at the file's end. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _key_name(key: bytes) -> bytes:
    """What tells the key from others, and says nothing of it."""
    return blake2b(b"which key", digest_size=_KEY_NAME, key=key).digest()
