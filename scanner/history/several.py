"""Statements of several moments in a history: series, and claims together. Kept like the entries, and believed as
little.

One gets in by being verified (`append_series`, `append_together`), and comes out as its envelope says it, each time
with its signatures checked again. None of them counts for a streak, or for anything that entries are weighed by: what
lasted stands beside a report. A series lies beside the entries of the claim that it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scanner.attesting.digests import hex_of
from scanner.attesting.envelope import Key, read_envelope
from scanner.attesting.points import Open
from scanner.attesting.series.statement import is_series, read_series
from scanner.attesting.series.verify import verify_series
from scanner.attesting.together.statement import read_together
from scanner.attesting.together.verify import verify_together
from scanner.attesting.verify import Judge
from scanner.errors import AttestationInvalid, HistoryInvalid
from scanner.history.columns import blob, is_time
from scanner.history.databases.interface import Database
from scanner.history.entry import Verification
from scanner.history.keys import CheckedSignatures, KeptKey
from scanner.history.stored import verifications
from scanner.weighing.claim import Claim
from scanner.weighing.control.recognise import judged
from scanner.weighing.policy import Policy
from scanner.weighing.together import Claims


@dataclass(frozen=True, slots=True)
class Several:
    """One statement of several moments, as its envelope says it."""

    number: int  # in the order of being added, from 1
    digest: str  # sha256 of the envelope's file, hex
    added_at: str
    predicate: Mapping[str, Any]  # {"series": ..., "run": ...} or {"together": ..., "run": ...}
    verifications: tuple[Verification, ...]

    @property
    def claims(self) -> tuple[str, ...]:
        """The digests of the files of the claims that it is of, hex."""
        if "series" in self.predicate:
            return (hex_of(self.predicate["series"]["claim"]),)
        return tuple(hex_of(each["claim"]) for each in self.predicate["together"]["claims"])

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Whose claims these are, by the names in them."""
        if "series" in self.predicate:
            return (self.predicate["series"]["exchange"],)
        return tuple(each["exchange"] for each in self.predicate["together"]["claims"])


@dataclass(slots=True)
class StoredSeveral:
    """Those that are sound, in the order of being added, and what is wrong with others."""

    found: list[Several] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def append_series(
    database: Database,
    envelope: bytes,
    claim: Claim,
    keys: Collection[Key],
    opened: Open,
    *,
    at: datetime,
    policy: Policy | None = None,
    judge: Judge = judged,
) -> int:
    """Verify a series, and keep it as verified at this moment (aware); its number. The same one twice is one. Raises
    AttestationInvalid, and then nothing is kept."""
    shown = verify_series(envelope, claim, keys, opened, policy=policy, judge=judge)
    return _keep(database, envelope, keys, shown.keyids, at)


def append_together(
    database: Database,
    envelope: bytes,
    claims: Claims,
    keys: Collection[Key],
    opened: Open,
    *,
    at: datetime,
    policy: Policy | None = None,
) -> int:
    """The same of what is stated of several claims together."""
    shown = verify_together(envelope, claims, keys, opened, policy=policy)
    return _keep(database, envelope, keys, shown.keyids, at)


def stored_several(database: Database, checked: CheckedSignatures) -> StoredSeveral:
    """All that are kept. Who may write to the database may write any row: what an envelope does not bear out is a
    fault."""
    keys = {str(keyid): blob(spki) for keyid, spki in database.rows("SELECT keyid, spki FROM auditor")}
    claimed: dict[Any, list[tuple[Any, Any]]] = {}
    for number, at, keyids in database.rows("SELECT several, at, keyids FROM several_verification"):
        claimed.setdefault(number, []).append((at, keyids))
    found, numbers = StoredSeveral(), []
    rows = database.rows("SELECT number, digest, added_at, document FROM several ORDER BY number")
    for number, named, added_at, kept in list(rows):
        numbers.append(number)
        digest, document = blob(named), blob(kept)
        if hashlib.sha256(document).digest() != digest:
            found.faults.append(f"the envelope of statement {number} is not the one that was added")
            continue
        try:
            predicate = _read(document)
        except ValueError as error:
            found.faults.append(f"statement {number}: {error}")
            continue
        shown, faults = verifications(document, claimed.get(number, ()), keys, checked)
        if not shown and not faults:
            faults.append("it was never verified")
        if not is_time(added_at):
            faults.append("the moment of its being added is none")
        found.faults += [f"statement {number}: {fault}" for fault in faults]
        if not faults:
            found.found.append(Several(number, digest.hex(), added_at, predicate, shown))
    found.faults += _strays(numbers, claimed)
    return found


def _strays(numbers: list[Any], claimed: Collection[Any]) -> Iterator[str]:
    if set(claimed) - set(numbers):
        yield "several_verification speaks of a statement that is not there"
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"there are {len(numbers)} statements of several moments, and their numbers are others: some are missing"


def _read(document: bytes) -> Mapping[str, Any]:
    """The predicate in an envelope. Raises ValueError."""
    payload = read_envelope(document).payload
    return read_series(payload).predicate if is_series(payload) else read_together(payload).predicate


def _keep(database: Database, envelope: bytes, keys: Collection[Key], keyids: tuple[str, ...], at: datetime) -> int:
    signers = [KeptKey(key.spki) for key in {key.keyid: key for key in keys}.values()]
    for key in signers:
        if not read_envelope(envelope).is_signed_by(key):
            raise AttestationInvalid(2, f"the key {key.keyid} is none whose signature a history can check again")
    digest, time = hashlib.sha256(envelope).digest(), f"{at:%Y-%m-%dT%H:%M:%SZ}"
    with database.writing():
        known = database.one("SELECT number FROM several WHERE digest = ?", digest)
        last = database.one("SELECT COALESCE(MAX(number), 0) FROM several")
        number: int = known[0] if known is not None else 1 + (last[0] if last else 0)
        if known is None:
            insert = "INSERT INTO several (number, digest, added_at, document) VALUES (?, ?, ?, ?)"
            database.run(insert, number, digest, time, envelope)
        for key in signers:
            insert = "INSERT INTO auditor (keyid, spki) VALUES (?, ?) ON CONFLICT DO NOTHING"
            database.run(insert, key.keyid, key.spki)
        insert = "INSERT INTO several_verification (several, at, keyids) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        database.run(insert, number, time, " ".join(keyids))
        if faults := stored_several(database, CheckedSignatures()).faults:
            raise HistoryInvalid(database.name, faults)
    return number
