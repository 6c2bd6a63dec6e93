"""START READING HERE. Envelopes into a history, append-only, and entries out of it.

There are two ways in, and no third. `append` verifies the attestation itself, all ten steps, before it is written down
as verified; no one else's word for it is taken. `keep_unverified` keeps an envelope of which nothing was checked,
marked as such: it is listed, and counts for nothing. Verifying it later adds to its record.

What comes out is derived from the envelopes each time (`stored.py`): no row is believed for being there.

The same envelope twice is one entry. What is made of several envelopes for one claim is `series.py`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.verify import Judge, verify
from scanner.errors import AttestationInvalid, HistoryInvalid, InputError
from scanner.history import accounts
from scanner.history.columns import blob
from scanner.history.databases import connect
from scanner.history.databases.interface import Database, Value
from scanner.history.entry import Entry, EnvelopeSummary, read_summary
from scanner.history.keys import CheckedSignatures, KeptKey
from scanner.history.schema import prepare, unguarded
from scanner.history.several import Several, stored_several
from scanner.history.stamps import keep
from scanner.history.stored import LINE, SAID, UNLIKE, Stored, stored
from scanner.proofs.stamps.authority import Authority
from scanner.weighing.claim import Claim
from scanner.weighing.control.recognise import judged
from scanner.weighing.policy import Policy


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an envelope."""

    entry: Entry
    new: bool  # the envelope was not there before
    others: tuple[Entry, ...]  # of the same claim and snapshots, so of the same attestation


class HistoryLog:
    """An open history. Reading methods see one moment inside `at_one_moment`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._checked = CheckedSignatures()

    @property
    def name(self) -> str:
        """Where it is kept, without credentials."""
        return self.database.name

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        with self.database.reading():
            yield

    def entries(self) -> list[Entry]:
        """All entries, in the order of being added, as their envelopes say. Raises HistoryInvalid; see `stored`."""
        return self._sound(stored(self.database, self._checked))

    def of_claim(self, digest: str) -> list[Entry]:
        """The entries that name a claim, by the sha256 of its file in hex: whether there is anything left to do.

        Raises HistoryInvalid."""
        return self._some("SELECT entry FROM said WHERE claim = ?", bytes.fromhex(digest))

    def same(self, entry: int) -> list[Entry]:
        """The entries of the same claim and snapshots as this one, itself among them. Raises HistoryInvalid."""
        return self._some("SELECT entry FROM said WHERE subject = (SELECT subject FROM said WHERE entry = ?)", entry)

    def faults(self) -> list[str]:
        """What is not as the envelopes say, and not as this program made it."""
        of_several = stored_several(self.database, self._checked).faults
        return [*unguarded(self.database), *stored(self.database, self._checked).faults, *of_several]

    def several(self) -> list[Several]:
        """The statements of several moments, in the order of being added. Raises HistoryInvalid."""
        found = stored_several(self.database, self._checked)
        if faults := [*unguarded(self.database), *found.faults]:
            raise HistoryInvalid(self.name, faults)
        return found.found

    def _some(self, which: str, parameter: Value) -> list[Entry]:
        return self._sound(stored(self.database, self._checked, which, parameter))

    def _sound(self, found: Stored) -> list[Entry]:
        faults = [*unguarded(self.database), *found.faults]
        if faults:
            raise HistoryInvalid(self.name, faults)
        return found.entries

    def document(self, number: int) -> bytes:
        """The envelope's bytes. Raises InputError if they are no longer those that were added."""
        row = self.database.one("SELECT digest, document FROM entry WHERE number = ?", number)
        if row is None:
            raise InputError.at(self.name, f"there is no entry {number}")
        document = blob(row[1])
        if hashlib.sha256(document).digest() != row[0]:
            raise InputError.at(self.name, f"the envelope of entry {number} is not the one that was added")
        return document

    def statement(self, number: int) -> bytes:
        """The envelope of a statement of several moments. Raises InputError if it is no longer the one that was
        added."""
        row = self.database.one("SELECT digest, document FROM several WHERE number = ?", number)
        if row is None:
            raise InputError.at(self.name, f"there is no statement {number}")
        document = blob(row[1])
        if hashlib.sha256(document).digest() != row[0]:
            raise InputError.at(self.name, f"the envelope of statement {number} is not the one that was added")
        return document

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> HistoryLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_history(location: str, *, create: bool = False, upgrade: bool = False) -> HistoryLog:
    """The history in a SQLite file or at a PostgreSQL URL; with `create` it is made where there is none, with `upgrade`
    one of an older version becomes one of this, of which all that is derived is to be made anew (`rebuild`).

    Raises InputError, which tells no user or password of a URL.
    """
    database = connect(location, create=create)
    try:
        prepare(database, create=create, upgrade=upgrade)
    except BaseException:
        database.close()
        raise
    return HistoryLog(database)


def append(
    history: HistoryLog,
    envelope: bytes,
    claim: Claim,
    keys: Collection[Key],
    evidence: BinaryIO,
    *,
    at: datetime,
    witness: BinaryIO | None = None,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> Appended:
    """Verify an attestation as `scanner.verify` does, and keep it as verified at this moment (aware).

    An entry that was kept without being verified becomes a verified one. The claim's accounts are kept with it. Raises
    AttestationInvalid, and then nothing is kept.
    """
    shown = verify(envelope, claim, keys, evidence, witness=witness, policy=policy, judge=judge)
    said = read_summary(envelope)
    signers = [KeptKey(key.spki) for key in {key.keyid: key for key in keys}.values()]
    for key in signers:
        if not read_envelope(envelope).is_signed_by(key):
            raise AttestationInvalid(2, f"the key {key.keyid} is none whose signature a history can check again")
    with history.database.writing():
        number, new = _keep(history.database, envelope, said, at)
        for key in signers:
            history.database.run(
                "INSERT INTO auditor (keyid, spki) VALUES (?, ?) ON CONFLICT DO NOTHING", key.keyid, key.spki
            )
        history.database.run(
            "INSERT INTO verification (entry, at, keyids) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            *(number, _text(at), " ".join(shown.keyids)),
        )
        accounts.keep(history.database, claim)
        faults = list(accounts.faults(history.database, {said.claim: shown.finding.accounts}))
        if faults:
            raise HistoryInvalid(history.name, faults)
    return _appended(history, number, new)


def date(
    history: HistoryLog, appended: Appended, stamps: Iterable[tuple[bytes, Authority]], *, at: datetime
) -> Appended:
    """Keep time stamps of an entry, which were checked: each as it was answered, with whose it is."""
    with history.database.writing():
        keep(history.database, appended.entry.number, stamps, at)
    return _appended(history, appended.entry.number, appended.new)


def keep_unverified(history: HistoryLog, envelope: bytes, *, at: datetime) -> Appended:
    """Keep an envelope of which nothing is known but that it is well-formed. Raises AttestationInvalid if it is not."""
    said = read_summary(envelope)
    with history.database.writing():
        number, new = _keep(history.database, envelope, said, at)
    return _appended(history, number, new)


def rebuild(history: HistoryLog) -> int:
    """Make all derived columns anew from the envelopes' bytes. The number of entries."""
    with history.database.writing():
        history.database.run("DELETE FROM line")
        history.database.run("DELETE FROM said")
        numbers = [number for (number,) in history.database.rows("SELECT number FROM entry ORDER BY number")]
        for number in numbers:
            _derive(history.database, number, read_summary(history.document(number)))
    return len(numbers)


def check(history: HistoryLog, keys: Collection[Key] = ()) -> list[str]:
    """What is not as the envelopes say, and not as this program made it: empty for a history that is sound.

    With `keys`, an entry that is verified, and not against one of them, is a fault too: a history shows that a key
    signed, and cannot know whose it is.
    """
    known = {key.keyid for key in keys}
    with history.at_one_moment():
        faults = history.faults()
        if faults or not known:
            return faults
        return [
            f"entry {entry.number} is verified against no key that was given, but {', '.join(sorted(named))}"
            for entry in history.entries()
            if entry.verified and not known & (named := {each for one in entry.verifications for each in one.keyids})
        ]


def _keep(database: Database, envelope: bytes, said: EnvelopeSummary, at: datetime) -> tuple[int, bool]:
    digest = hashlib.sha256(envelope).digest()
    known = database.one("SELECT number FROM entry WHERE digest = ?", digest)
    if known is not None:
        return known[0], False
    last = database.one("SELECT COALESCE(MAX(number), 0) FROM entry")
    number = 1 + (last[0] if last else 0)
    database.run(
        "INSERT INTO entry (number, digest, added_at, document) VALUES (?, ?, ?, ?)",
        *(number, digest, _text(at), envelope),
    )
    _derive(database, number, said)
    return number, True


def _derive(database: Database, number: int, said: EnvelopeSummary) -> None:
    digests = (bytes.fromhex(said.claim), bytes.fromhex(said.subject), bytes.fromhex(said.finding))
    times = (said.exchange, said.as_of, said.owed_as_of, said.scanned_at)
    rest = (said.verdict, int(said.complete), said.threshold, said.gaps)
    database.run(
        f"INSERT INTO said (entry, {SAID}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(number, *times, *digests, *rest),
    )
    for line in said.lines:
        database.run(
            f"INSERT INTO line (entry, {LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(number, *astuple(line)[:-3], int(line.withheld), line.at_least),
        )


def _appended(history: HistoryLog, number: int, new: bool) -> Appended:
    same = {entry.number: entry for entry in history.same(number)}
    entry = same.pop(number, None)
    if entry is None:
        raise HistoryInvalid(history.name, [f"entry {number}: {UNLIKE}"])
    return Appended(entry, new, tuple(same.values()))


def _text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment} has no zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
