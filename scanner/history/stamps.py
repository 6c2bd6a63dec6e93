"""Time stamps of entries: kept as they were answered, with the root that they were checked by, and checked again each
time they are read.

A history has no roots of its own. Who adds a stamp names roots, and the one to which it leads is kept whole, so that
readers see by which word it dates the entry, and can name the same root to `scanner verify`. What a row says is not
believed: the stamp has to hold over the entry's own envelope. Not in here: OpenTimestamps, whose proofs need an anchor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scanner.attesting.dated import dated
from scanner.attesting.times import written_time
from scanner.history.columns import is_time
from scanner.history.databases.interface import Database
from scanner.proofs.stamps.authority import Authority, NotInstalled, Roots


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """What a stamp shows of an entry's envelope."""

    at: str  # when it was checked and added: this history's word
    before: str | None  # the envelope existed before it; None where nothing is shown
    authority: Authority | None = None
    reason: str = ""  # why nothing is shown


def keep(database: Database, entry: int, stamps: Iterable[tuple[bytes, Authority]], at: datetime) -> None:
    """Keep stamps that were checked, each as it was answered with whose it is, once. Inside a `writing`."""
    for answer, by in stamps:
        root = bytes.fromhex(by.root_digest)
        insert = "INSERT INTO tsa_root (digest, certificate) VALUES (?, ?) ON CONFLICT DO NOTHING"
        database.run(insert, root, by.root_certificate)
        insert = "INSERT INTO stamp (entry, digest, answer, root, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        database.run(insert, entry, hashlib.sha256(answer).digest(), answer, root, written_time(at))


def kept_roots(database: Database) -> dict[bytes, bytes]:
    """The certificates of roots, in DER, by their SHA-256."""
    rows = database.rows("SELECT digest, certificate FROM tsa_root")
    return {digest: certificate for digest, certificate in rows if _is_of(digest, certificate)}


def kept_stamps(
    document: bytes, rows: Iterable[Sequence[Any]], roots: Mapping[bytes, bytes]
) -> tuple[tuple[KeptStamp, ...], list[str]]:
    """What stamps show of an envelope, by the rows (digest, answer, root, at) that an entry has; and what is not as
    this program writes it."""
    found: list[KeptStamp] = []
    faults: list[str] = []
    for digest, answer, root, at in sorted(rows, key=lambda row: (str(row[3]), str(row[0]))):
        if not _is_of(digest, answer):
            faults.append("a time stamp of it is not the one that was added")
        elif root not in roots:
            faults.append("a time stamp of it is said to be by a root, and no such root is kept")
        elif not is_time(at):
            faults.append("the moment of a time stamp's being added is none")
        else:
            found.append(_shown(document, answer, roots[root], at))
    return tuple(found), faults


def _shown(document: bytes, answer: bytes, root: bytes, at: str) -> KeptStamp:
    try:
        shown = dated(document, answer, Roots.of(root))
    except NotInstalled:
        return KeptStamp(at, None, reason="not checked here, which needs reserve-scanner with its extra stamp")
    except ValueError:
        return KeptStamp(at, None, reason="the root that it was checked by cannot be read")
    if shown.before is None:
        return KeptStamp(at, None, reason=shown.reason)
    return KeptStamp(at, written_time(shown.before), shown.authority)


def _is_of(digest: object, data: object) -> bool:
    return isinstance(data, bytes) and hashlib.sha256(data).digest() == digest
