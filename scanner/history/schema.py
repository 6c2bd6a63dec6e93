"""The tables of a history, and their version.

Three are the truth, and only ever appended to; the database itself refuses anything else:

    entry          an envelope's bytes, and when they were added
    verification   that an entry was verified: when, and against which keys
    claim, account, span     which accounts a verified claim declares: see accounts.py

Two are derived from the envelopes (entry.py) for searching, and may be made anew: `said` and `line`.
"""

from __future__ import annotations

from typing import Final

from scanner.errors import InputError
from scanner.history.databases.interface import Database

VERSION: Final = 2

TRUTH: Final = {
    "entry": "number INTEGER PRIMARY KEY, digest {binary} NOT NULL UNIQUE, added_at {text} NOT NULL,"
    " document {binary} NOT NULL",
    "verification": "entry INTEGER NOT NULL REFERENCES entry, at {text} NOT NULL, keyids {text} NOT NULL,"
    " PRIMARY KEY (entry, keyids)",
    "claim": "number INTEGER PRIMARY KEY, digest {binary} NOT NULL UNIQUE, accounts INTEGER NOT NULL",
    "chain": "number INTEGER PRIMARY KEY, name {text} NOT NULL UNIQUE",
    "account": "number INTEGER PRIMARY KEY, chain INTEGER NOT NULL REFERENCES chain, key {binary} NOT NULL,"
    " UNIQUE (chain, key)",
    "span": "claim INTEGER NOT NULL REFERENCES claim, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (claim, first)",
}
DERIVED: Final = {
    "said": "entry INTEGER PRIMARY KEY REFERENCES entry, exchange {text} NOT NULL, as_of {text} NOT NULL,"
    " scanned_at {text} NOT NULL, claim {binary} NOT NULL, subject {binary} NOT NULL, finding {binary} NOT NULL,"
    " verdict {text} NOT NULL, complete INTEGER NOT NULL, threshold {text} NOT NULL, gaps INTEGER NOT NULL",
    "line": "entry INTEGER NOT NULL REFERENCES entry, unit {text} NOT NULL, held {text} NOT NULL, owed {text},"
    " ratio {text}, verdict {text} NOT NULL, stated {text}, holdings INTEGER NOT NULL, gaps INTEGER NOT NULL,"
    " custody {text} NOT NULL, ratio_with_custody {text}, withheld INTEGER NOT NULL, PRIMARY KEY (entry, unit)",
}


def prepare(database: Database, *, create: bool) -> None:
    """Makes the tables where there are none and `create` says so. Raises InputError for tables of another version."""
    if create and not database.has("entry"):
        with database.writing():
            if not database.has("entry"):  # another writer may have been first
                _make(database)
    if not database.has("entry"):
        raise InputError.at(database.name, "no history is there; `scanner log add` makes one")
    found = database.one("SELECT version FROM version")
    if found != (VERSION,):
        raise InputError.at(database.name, f"a history of version {(found or ('unknown',))[0]}; expected {VERSION}")


def _make(database: Database) -> None:
    database.run("CREATE TABLE version (version INTEGER NOT NULL)")
    database.run("INSERT INTO version VALUES (?)", VERSION)
    for table, columns in (TRUTH | DERIVED).items():
        database.run(f"CREATE TABLE {table} ({columns.format(binary=database.binary, text=database.text)})")
    database.run("CREATE INDEX said_of_claim ON said (claim)")
    database.run("CREATE INDEX said_of_the_same ON said (subject)")
    for table in ("version", *TRUTH):
        database.forbid_change(table)
