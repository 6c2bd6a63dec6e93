"""Entries as they are read: made of the envelopes' bytes each time, and of nothing that is only written beside them.

Who may write to the database may write any row. So what an entry says is read from its envelope, which has to be
the one of its digest, and that it was verified is believed as far as signatures go: every key that a verification
names has to be kept whole, and to have signed these very bytes. What does not fit is a fault, reported by entry.

What a row is still believed for: when an envelope was added and when it was verified, that the evidence was recomputed
then, and that no last entry is missing. docs/history.md says so to readers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scanner.errors import AttestationInvalid
from scanner.history import accounts
from scanner.history.columns import blob, is_time
from scanner.history.databases.interface import Database, Value
from scanner.history.entry import Entry, EnvelopeSummary, Line, Verification, read_summary
from scanner.history.keys import CheckedSignatures
from scanner.history.stamps import kept_roots, kept_stamps
from scanner.weighing.declared import DeclaredAccounts

SAID: Final = "exchange, as_of, owed_as_of, scanned_at, claim, subject, finding, verdict, complete, threshold, gaps"
LINE: Final = (
    "unit, held, owed, ratio, verdict, stated, holdings, gaps, custody, ratio_with_custody, withheld, at_least"
)

UNLIKE: Final = "its columns do not say what its envelope says; `scanner log rebuild` makes them anew"
_ALL: Final = "SELECT number FROM entry"


@dataclass(slots=True)
class Stored:
    """The entries that are sound, in the order of being added, and what is wrong with others."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def stored(database: Database, checked: CheckedSignatures, which: str = _ALL, *parameters: Value) -> Stored:
    """The entries whose numbers a query gives. Of all entries, also what belongs to none of them is a fault."""
    keys = {str(keyid): blob(spki) for keyid, spki in database.rows("SELECT keyid, spki FROM auditor")}
    claimed = _by_entry(
        database.rows(f"SELECT entry, at, keyids FROM verification WHERE entry IN ({which})", *parameters)
    )
    stamped = _by_entry(
        database.rows(f"SELECT entry, digest, answer, root, at FROM stamp WHERE entry IN ({which})", *parameters)
    )
    roots = kept_roots(database)
    columns = _columns(database, which, parameters)
    found = Stored()
    # One envelope at a time: a history may be larger than memory.
    for number, named, added_at, kept in database.rows(
        f"SELECT number, digest, added_at, document FROM entry WHERE number IN ({which}) ORDER BY number", *parameters
    ):
        digest, document = blob(named), blob(kept)
        said = _read(number, digest, str(added_at), document)
        if isinstance(said, str):
            found.faults.append(said)
            continue
        shown, faults = verifications(document, claimed.get(number, ()), keys, checked)
        stamps, strange = kept_stamps(document, stamped.get(number, ()), roots)
        faults += strange
        if columns.get(number) != said:
            faults.append(UNLIKE)
        found.faults += [f"entry {number}: {fault}" for fault in faults]
        if not faults:
            found.entries.append(Entry(number, digest.hex(), added_at, said, shown, stamps))
    if which == _ALL:
        found.faults += _strays(database)
        found.faults += accounts.faults(database, _stated(found.entries))
        if not found.faults:  # else it is not known which claims the entries name
            found.faults += accounts.strays(database)
    return found


def _read(number: int, digest: bytes, added_at: str, document: bytes) -> EnvelopeSummary | str:
    """What the envelope says, or what is wrong with it."""
    if hashlib.sha256(document).digest() != digest:
        return f"the envelope of entry {number} is not the one that was added"
    if not is_time(added_at):
        return f"entry {number}: the moment of its being added is none"
    try:
        return read_summary(document)
    except AttestationInvalid as error:
        return f"entry {number}: {str(error).partition(': ')[2]}"


def verifications(
    document: bytes, rows: Iterable[Sequence[Any]], keys: Mapping[str, bytes], checked: CheckedSignatures
) -> tuple[tuple[Verification, ...], list[str]]:
    """What the rows say, and what of it the envelope does not bear out."""
    found, faults = [], list[str]()
    for at, names in sorted(rows, key=str):
        keyids = tuple(str(names).split(" "))
        if not is_time(at):
            faults.append("the moment of a verification is none")
        elif list(keyids) != sorted(set(keyids)):
            faults.append("a verification names keys out of order, or none")
        elif unknown := [keyid for keyid in keyids if keyid not in keys]:
            faults.append(f"it is said to be verified against {_shown(unknown[0])}, and no such key is kept")
        elif strangers := [keyid for keyid in keyids if not _signed(document, keyid, keys[keyid], checked)]:
            faults.append(f"it is said to be verified against {_shown(strangers[0])}, which did not sign it")
        else:
            found.append(Verification(at, keyids))
    return tuple(found), faults


def _signed(document: bytes, keyid: str, spki: bytes, checked: CheckedSignatures) -> bool:
    return hashlib.sha256(spki).hexdigest() == keyid and checked.signed(document, spki)


def _columns(database: Database, which: str, parameters: Sequence[Value]) -> dict[int, EnvelopeSummary]:
    """What the columns that are searched by say of each entry."""
    lines = _by_entry(
        database.rows(f"SELECT entry, {LINE} FROM line WHERE entry IN ({which}) ORDER BY entry, unit", *parameters)
    )
    found = {}
    for entry, *columns in database.rows(f"SELECT entry, {SAID} FROM said WHERE entry IN ({which})", *parameters):
        exchange, as_of, owed_as_of, scanned_at, *digests, verdict, complete, threshold, gaps = columns
        claim, subject, finding = (digest.hex() if isinstance(digest, bytes) else "" for digest in digests)
        found[entry] = EnvelopeSummary(
            *(exchange, as_of, owed_as_of, scanned_at, claim, subject, finding, verdict),
            complete=bool(complete),
            threshold=threshold,
            gaps=gaps,
            lines=tuple(Line(*line) for line in lines.get(entry, ())),
        )
    return found


def _stated(entries: Iterable[Entry]) -> dict[str, DeclaredAccounts]:
    """The accounts of each verified claim. Two envelopes that hold state the same, so either does."""
    return {entry.said.claim: entry.said.accounts for entry in entries if entry.verified and entry.said.accounts}


def _strays(database: Database) -> Iterator[str]:
    """What belongs to no entry, and entries that are missing from the row of their numbers."""
    for table in ("verification", "said", "line", "stamp"):
        for (number,) in database.rows(
            f"SELECT DISTINCT entry FROM {table} WHERE entry NOT IN ({_ALL}) ORDER BY entry LIMIT 10"
        ):
            named = number if isinstance(number, int) else "without a number,"
            yield f"{table} speaks of an entry {named} that is not there"
    numbers = database.one("SELECT COUNT(*), MIN(number), MAX(number) FROM entry")
    if numbers is not None and numbers[0] and (numbers[1] != 1 or numbers[2] != numbers[0]):
        yield f"there are {numbers[0]} entries, numbered from {numbers[1]} to {numbers[2]}: some are missing"


def _by_entry(rows: Iterable[Sequence[Any]]) -> dict[int, list[Sequence[Any]]]:
    found: dict[int, list[Sequence[Any]]] = {}
    for entry, *row in rows:
        found.setdefault(entry, []).append(row)
    return found


def _shown(keyid: str) -> str:
    return keyid if re.fullmatch("[0-9a-f]{64}", keyid) else "something that is no key's name"
