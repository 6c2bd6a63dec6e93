"""The tables of a history, and their version.

These are the truth, and only ever appended to; the database itself refuses anything else:

    entry          an envelope's bytes, and when they were added
    verification   that an entry was verified: when, and against which keys
    auditor        these keys, whole, so that each signature can be checked again
    claim, account, span     which accounts a verified claim declares: see accounts.py
    several, several_verification     the same of statements of several moments: series, and claims together
    stamp, tsa_root    time stamps over envelopes, and the roots by which they were checked: see stamps.py

Two are derived from the envelopes (entry.py) for searching, and may be made anew: `said` and `line`.

The way up from an older version: the truth has stayed as it is in all of them, though not all had all of its tables.
So what is missing is made, and what is derived is dropped, made as it is now, and filled again (`log.rebuild`). The
table `version` is only added to, too, and its highest row counts.
"""

from __future__ import annotations

from typing import Final

from scanner.errors import HistoryInvalid, InputError
from scanner.history.databases.interface import Database, DatabaseLayout

VERSION: Final = 7

TRUTH: Final = {
    "entry": "number INTEGER PRIMARY KEY, digest {binary} NOT NULL UNIQUE, added_at {text} NOT NULL,"
    " document {binary} NOT NULL",
    "verification": "entry INTEGER NOT NULL REFERENCES entry, at {text} NOT NULL, keyids {text} NOT NULL,"
    " PRIMARY KEY (entry, keyids)",
    "auditor": "keyid {text} PRIMARY KEY, spki {binary} NOT NULL",
    "claim": "number INTEGER PRIMARY KEY, digest {binary} NOT NULL UNIQUE, accounts INTEGER NOT NULL",
    "chain": "number INTEGER PRIMARY KEY, name {text} NOT NULL UNIQUE",
    "account": "number INTEGER PRIMARY KEY, chain INTEGER NOT NULL REFERENCES chain, key {binary} NOT NULL,"
    " UNIQUE (chain, key)",
    "span": "claim INTEGER NOT NULL REFERENCES claim, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (claim, first)",
}
SEVERAL: Final = {
    "several": "number INTEGER PRIMARY KEY, digest {binary} NOT NULL UNIQUE, added_at {text} NOT NULL,"
    " document {binary} NOT NULL",
    "several_verification": "several INTEGER NOT NULL REFERENCES several, at {text} NOT NULL, keyids {text} NOT NULL,"
    " PRIMARY KEY (several, keyids)",
}
STAMPS: Final = {
    "tsa_root": "digest {binary} PRIMARY KEY, certificate {binary} NOT NULL",
    "stamp": "entry INTEGER NOT NULL REFERENCES entry, digest {binary} NOT NULL, answer {binary} NOT NULL,"
    " root {binary} NOT NULL REFERENCES tsa_root, at {text} NOT NULL, PRIMARY KEY (entry, digest)",
}
DERIVED: Final = {
    "said": "entry INTEGER PRIMARY KEY REFERENCES entry, exchange {text} NOT NULL, as_of {text} NOT NULL,"
    " owed_as_of {text} NOT NULL, scanned_at {text} NOT NULL,"
    " claim {binary} NOT NULL, subject {binary} NOT NULL, finding {binary} NOT NULL,"
    " verdict {text} NOT NULL, complete INTEGER NOT NULL, threshold {text} NOT NULL, gaps INTEGER NOT NULL",
    "line": "entry INTEGER NOT NULL REFERENCES entry, unit {text} NOT NULL, held {text} NOT NULL, owed {text},"
    " ratio {text}, verdict {text} NOT NULL, stated {text}, holdings INTEGER NOT NULL, gaps INTEGER NOT NULL,"
    " custody {text} NOT NULL, ratio_with_custody {text}, withheld INTEGER NOT NULL, at_least INTEGER NOT NULL,"
    " PRIMARY KEY (entry, unit)",
}


INDEXES: Final = {"said_of_claim": ("said", "claim"), "said_of_the_same": ("said", "subject")}
TABLES: Final = {"version": "version INTEGER NOT NULL"} | TRUTH | SEVERAL | STAMPS | DERIVED
GUARDED: Final = ("version", *TRUTH, *SEVERAL, *STAMPS)  # of which no row may be changed or deleted


def prepare(database: Database, *, create: bool, upgrade: bool = False) -> None:
    """Makes the tables where there are none and `create` says so; with `upgrade` those of an older version become this
    one's, with nothing derived in them yet. Raises InputError for tables of another version, HistoryInvalid for what is
    there and is not as this program makes it: it might act on those who read or write."""
    if create and not database.has("version"):
        with database.writing():
            if not database.has("version"):  # another writer may have been first
                _make(database)
    if not database.has("version"):
        raise InputError.at(database.name, "no history is there; `scanner log add` makes one")
    version = _version(database)
    older = version in _OLDER and version != VERSION
    if older and upgrade:
        _check(database, _OLDER[version])
        with database.writing():
            if _version(database) == version:  # another writer may have been first
                _raise(database)
    elif older:
        what = f"a history of version {version}; `scanner log rebuild` makes it one of version {VERSION}"
        raise InputError.at(database.name, what)
    elif version != VERSION:
        raise InputError.at(database.name, f"a history of version {version or 'unknown'}; expected {VERSION}")
    _check(database, LAYOUT)


def _version(database: Database) -> int:
    """0 where none is written down, or what is no number."""
    found = database.one("SELECT MAX(version) FROM version")
    return found[0] if found and isinstance(found[0], int) else 0


def _check(database: Database, layout: DatabaseLayout) -> None:
    if strange := database.unlike(layout).strange:
        raise HistoryInvalid(database.name, strange)


def unguarded(database: Database) -> list[str]:
    """What of the database's own guard over the rows is missing."""
    return [f"{name} is missing, which refuses changes" for name in database.unlike(LAYOUT).missing]


def _make(database: Database) -> None:
    database.make(LAYOUT)
    database.run("INSERT INTO version VALUES (?)", VERSION)


def _raise(database: Database) -> None:
    """What is derived, as this version has it, and empty; and what an older version had no table for."""
    missing = {name: columns for name, columns in (SEVERAL | STAMPS).items() if not database.has(name)}
    database.make(DatabaseLayout(missing, {}, tuple(missing)))
    for table in reversed(DERIVED):
        database.run(f"DROP TABLE {table}")
    indexes = {name: index for name, index in INDEXES.items() if index[0] in DERIVED}
    database.make(DatabaseLayout(DERIVED, indexes, ()))
    database.run("INSERT INTO version VALUES (?)", VERSION)


LAYOUT: Final = DatabaseLayout(TABLES, INDEXES, GUARDED)

_LATER: Final = {*SEVERAL, *STAMPS}
_OLD: Final = {name: columns for name, columns in TABLES.items() if name not in _LATER}
_OLD_GUARDED: Final = tuple(name for name in GUARDED if name not in _LATER)
_LINE_3: Final = DERIVED["line"].replace(" at_least INTEGER NOT NULL,", "")
_SAID_4: Final = {"said": DERIVED["said"].replace(" owed_as_of {text} NOT NULL,", "")}
_OLDER: Final = {
    3: DatabaseLayout(_OLD | _SAID_4 | {"line": _LINE_3}, INDEXES, _OLD_GUARDED),
    4: DatabaseLayout(_OLD | _SAID_4, INDEXES, _OLD_GUARDED),
    5: DatabaseLayout(_OLD, INDEXES, _OLD_GUARDED),
    6: DatabaseLayout(_OLD | SEVERAL, INDEXES, (*_OLD_GUARDED, *SEVERAL)),
}
"""How older versions look. What they have of the truth is as it is now."""
