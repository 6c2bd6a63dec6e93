"""What a run has settled so far, on disk: a run that was killed goes on from there, and asks for nothing twice.

The file is only ever added to, a batch at a time:

    16 bytes    what it is, and the format's version
    16 bytes    which key its digests are made with
    each        4 bytes of length, 32 bytes of digest, the record

A record's digest is taken with a secret key over the digest before it and the record. Who has not the key can cut the
file off behind any record, or put back what it was at an earlier time, and the run asks for the rest again; but can
add, change, move or leave out nothing. What does not hold is reported, cut off and read from the nodes again. A record
that is cut short is what a kill in the middle of writing leaves behind, and is reported likewise. What the key does not
show is that a record is recent: it was an answer of the nodes named in it to a scan of the same claim at the same
blocks.

A file that is no journal, or is one of another version or under another key, is refused and left as it is.

Kept are batches as they were read, trie nodes that proved something (they are walked again), and the block of which the
seed of a sample was made. Batches are found by what was asked. The first record says for which claim and under which
policy; the journal of another is begun anew. A run that ended with gaps closes a round, and the next one asks for these
gaps again, and for nothing else.

The file is locked while it is open (`folder_lock.py`), so that two runs never write into one folder. Nothing here asks
a node or knows where keys come from, and nothing of the attestation rests on how it is written.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Final

from scanner.core.evidence import Batch, Snapshot
from scanner.core.ids import Chain
from scanner.core.outcomes import Outcomes
from scanner.core.paths import AnyPath
from scanner.errors import InputError
from scanner.scanning import journal_record
from scanner.scanning.events import JournalCut, JournalFound, Observer, ignore
from scanner.scanning.folder_lock import is_at, locked
from scanner.scanning.journal_chain import DIGEST, KEY_NAME, Written, chained, key_name, write_whole
from scanner.sources.lock_file import Lock, flock

_NAME: Final = b"scanner-journal"
_MAGIC: Final = _NAME + b"\x04"
_START: Final = len(_MAGIC) + KEY_NAME
_HEAD: Final = 4 + DIGEST
_PLAN, _ROUND, _BATCH, _PROOFS, _SEED = b"P", b"R", b"B", b"N", b"S"  # the first byte of a record: its kind


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch as it was settled before; `again`: its gaps are of a round that has ended, and are asked for anew."""

    outcomes: Outcomes
    again: bool


class Journal:
    """A journal in a file. Opening takes the lock; use it as a context manager.

    `keys`: secrets of the user's own, 16 to 64 bytes each. The first is what a new journal is written with, and one
    that was written with any of them is gone on from. Raises InputError where the file cannot be written, is no journal
    of this version, is under another key, or is another run's.
    """

    def __init__(self, path: AnyPath, keys: Sequence[bytes], lock: Lock = flock) -> None:
        if not keys or not all(16 <= len(key) <= 64 for key in keys):
            raise ValueError("a journal needs keys of 16 to 64 bytes")
        self._path = Path(path)
        self._keys = tuple(keys)
        self._secret = self._keys[0]
        self._lock = lock
        self._held = contextlib.ExitStack()
        self.new = False  # whether it was not there, or empty, when it was opened
        self._file: FileIO | None = None
        self._last = b""  # the digest of the last record that holds
        self._end = 0  # where the next record goes
        self._batches: dict[bytes, Written] = {}  # by key
        self._of_block: dict[bytes, list[Written]] = {}  # what is not a batch's, by kind and key
        self._rounds = 0
        self._operators: dict[Chain, bytes] = {}
        self._observe: Observer = ignore

    def __enter__(self) -> Journal:
        with self._reported():
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
        with self._reported():
            if is_at(self._opened, self._path):
                self._path.unlink()

    def begin(self, plan: object, operators: dict[Chain, list[tuple[str, bool]]], observe: Observer) -> None:
        """A run begins: what earlier ones settled is looked up, and reported.

        `plan`: JSON of the claim and the policy; `operators`: by chain, all that are configured, and whether they are
        the auditor's own. Raises InputError.
        """
        self._observe = observe
        self._operators = {chain: json.dumps(sorted(names)).encode() for chain, names in operators.items()}
        stated = _PLAN + json.dumps(plan, sort_keys=True).encode()
        self._batches, self._of_block, self._rounds = {}, {}, 0
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
                self._batches[record[1 : 1 + DIGEST]] = written
            else:
                self._of_block.setdefault(record[: 1 + DIGEST], []).append(written)
        if self._batches:
            observe(JournalFound(str(self._path), len(self._batches)))

    def find(self, batch: Batch) -> KeptBatch | None:
        """The batch as it was settled before, or None. Raises InputError."""
        written = self._batches.get(self._key(batch))
        if written is None:
            return None
        with self._of_this_version():
            outcomes = journal_record.decode(self._read(written))
        return KeptBatch(outcomes, again=written.round < self._rounds and outcomes.gaps > 0)

    def keep(self, batch: Batch, outcomes: Outcomes) -> None:
        """The batch is settled. Raises InputError where that cannot be written down."""
        key = self._key(batch)
        self._batches[key] = self._append(_BATCH + key + journal_record.encode(outcomes))

    def proofs(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Headers and trie nodes that may prove something at the block, trusted like any answer. Raises InputError."""
        for written in self._of_block.get(_PROOFS + journal_record.block_key(snapshot), ()):
            yield from journal_record.decode_proofs(self._read(written))

    def keep_proofs(self, snapshot: Snapshot, records: Iterable[bytes]) -> None:
        """These prove something at the block. Raises InputError where that cannot be written down."""
        self._append(_PROOFS + journal_record.block_key(snapshot) + journal_record.encode_proofs(records))

    def seed_block(self, snapshot: Snapshot) -> Snapshot | None:
        """The block of which the seed for a sample at `snapshot` was made, where it was drawn before."""
        for written in self._of_block.get(_SEED + journal_record.block_key(snapshot), ()):
            with self._of_this_version():
                return journal_record.decode_block(self._read(written), snapshot.chain)
        return None

    def keep_seed_block(self, snapshot: Snapshot, block: Snapshot) -> None:
        """The seed for a sample at `snapshot` is made of `block`, in runs to come too. Raises InputError."""
        self._append(_SEED + journal_record.block_key(snapshot) + journal_record.encode_block(block))

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
        fitting = [key for key in self._keys if key_name(key).startswith(name)]
        if not fitting:
            what = "is the journal of a scan under another key, and is left as it is; give the --key it was begun with,"
            raise InputError.at(str(self._path), f"{what} remove it, or choose another folder")
        self._secret = fitting[0]

    def _start(self) -> bytes:
        return _MAGIC + key_name(self._secret)

    def _release(self) -> None:
        self._file = None
        self._held.close()

    def _read(self, written: Written) -> bytes:
        """What a record says after its kind and its key."""
        with self._reported():
            self._opened.seek(written.at)
            record = self._opened.read(written.size)
        if chained(self._secret, written.before, record) != written.digest:
            raise self._changed()
        return record[1 + DIGEST :]

    @contextlib.contextmanager
    def _of_this_version(self) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, OverflowError):
            raise InputError.at(str(self._path), "is a journal that another version of this program wrote") from None

    @property
    def _opened(self) -> FileIO:
        if self._file is None:
            raise ValueError("the journal is not open")
        return self._file

    def _size(self) -> int:
        return os.fstat(self._opened.fileno()).st_size

    def _key(self, batch: Batch) -> bytes:
        return journal_record.batch_key(batch, self._operators.get(batch.snapshot.chain, b""))

    def _holding(self) -> Iterator[tuple[Written, bytes]]:
        """The records that hold, each with where it stands; behind the last of them the file is cut off."""
        file, size = self._opened, self._size()
        self._last, self._end = self._start(), _START if size >= _START else 0
        while 0 < self._end < size:
            with self._reported():
                file.seek(self._end)
                head = file.read(_HEAD)
                length = int.from_bytes(head[:4])
                record = file.read(length) if self._end + _HEAD + length <= size else b""
            if not record or not hmac.compare_digest(chained(self._secret, self._last, record), head[4:]):
                break
            yield self._standing(record, head[4:]), record
        if self._end < size:
            self._observe(JournalCut(str(self._path), size - self._end, "its end does not hold"))
            with self._reported():
                file.truncate(self._end)

    def _write_anew(self, plan: bytes) -> None:
        with self._reported():
            self._opened.truncate(0)
            write_whole(self._opened, self._start())
        self._last, self._end = self._start(), _START
        self._append(plan)

    def _append(self, record: bytes) -> Written:
        """Adds the record. What could only be written in part is taken back."""
        digest = chained(self._secret, self._last, record)
        with self._reported():
            if self._size() != self._end:
                raise self._changed()
        try:
            write_whole(self._opened, len(record).to_bytes(4) + digest + record)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._opened.truncate(self._end)
            raise self._fault(error) from None
        return self._standing(record, digest)

    def _standing(self, record: bytes, digest: bytes) -> Written:
        """The record stands behind all others."""
        written = Written(self._end + _HEAD, len(record), self._last, digest, self._rounds)
        self._last, self._end = digest, written.at + written.size
        return written

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._fault(error) from None

    def _changed(self) -> InputError:
        return InputError.at(str(self._path), "the scan's journal was changed while it was in use")

    def _fault(self, error: OSError) -> InputError:
        return InputError.at(str(self._path), f"the scan's journal cannot be written: {error.strerror or error}")
