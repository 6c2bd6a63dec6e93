"""Which accounts each verified claim declares, and what changed from one claim to another.

An account is one of a chain: the same 20 bytes on two chains are two accounts here. Each is numbered when it first
comes up, in the order of chain and key, and a claim is kept as spans of such numbers: a claim of 200,000 accounts as
one row, next month's as a few hundred. What comes in is sorted, numbered and cut into spans by the database; nothing is
counted account by account in here.
"""

from __future__ import annotations

import hashlib
from typing import Final

from scanner.core.address import account_text
from scanner.core.claim import Claim
from scanner.core.ids import Chain
from scanner.history.databases.interface import Database
from scanner.history.spans import Spans

_LONGEST_KEY: Final = 1024  # bytes; a longer one (a bare script) is kept by its digest, since indexes have limits
_WHOLE, _DIGEST = b"\x00", b"\x01"  # what a kept key begins with


def keep(database: Database, claim: Claim) -> None:
    """Keep the accounts of a claim, once. Inside a `writing`."""
    digest = bytes.fromhex(claim.digest)
    if database.one("SELECT number FROM claim WHERE digest = ?", digest):
        return
    chains = {chain: _chain(database, str(chain)) for chain in claim.chains}
    holdings = ((chains[holding.asset.chain], _kept(holding.account)) for holding in claim.holdings)
    with (
        database.scratch("incoming", f"chain INTEGER NOT NULL, key {database.binary} NOT NULL"),
        database.scratch("declared", "number INTEGER NOT NULL"),
    ):
        database.load("incoming", ("chain", "key"), holdings)
        database.run(
            "INSERT INTO account (number, chain, key)"
            " SELECT (SELECT COALESCE(MAX(number), 0) FROM account) + ROW_NUMBER() OVER (ORDER BY chain, key),"
            " chain, key FROM (SELECT DISTINCT chain, key FROM incoming WHERE NOT EXISTS (SELECT 1 FROM account"
            " WHERE account.chain = incoming.chain AND account.key = incoming.key)) AS unknown"
        )
        database.run(
            "INSERT INTO declared (number) SELECT DISTINCT account.number FROM incoming"
            " JOIN account ON account.chain = incoming.chain AND account.key = incoming.key"
        )
        database.run(
            "INSERT INTO claim (number, digest, accounts)"
            " SELECT (SELECT COALESCE(MAX(number), 0) + 1 FROM claim), ?, COUNT(*) FROM declared",
            digest,
        )
        # Numbers that follow each other without a hole differ from their rank by the same amount.
        database.run(
            "INSERT INTO span (claim, first, last)"
            " SELECT (SELECT MAX(number) FROM claim), MIN(number), MAX(number)"
            " FROM (SELECT number, number - ROW_NUMBER() OVER (ORDER BY number) AS island FROM declared) AS ranked"
            " GROUP BY island"
        )


def declared(database: Database) -> dict[str, Spans]:
    """The accounts of each claim, by its digest in hex."""
    found: dict[str, Spans] = {}
    for digest, first, last in database.rows(
        "SELECT digest, first, last FROM span JOIN claim ON claim.number = span.claim ORDER BY span.claim, first"
    ):
        found.setdefault(bytes(digest).hex(), []).append((first, last))
    return found


def named(database: Database, spans: Spans, most: int) -> list[str]:
    """The first accounts of a set, at most so many, as CAIP-10 writes them."""
    found: list[str] = []
    for first, last in spans:
        if len(found) == most:
            break
        rows = database.rows(
            "SELECT chain.name, account.key FROM account JOIN chain ON chain.number = account.chain"
            " WHERE account.number BETWEEN ? AND ? ORDER BY account.number LIMIT ?",
            *(first, last, most - len(found)),
        )
        found += [_text(name, bytes(key)) for name, key in rows]
    return found


def _chain(database: Database, name: str) -> int:
    known = database.one("SELECT number FROM chain WHERE name = ?", name)
    if known is None:
        database.run("INSERT INTO chain (number, name) SELECT COALESCE(MAX(number), 0) + 1, ? FROM chain", name)
        known = database.one("SELECT number FROM chain WHERE name = ?", name)
    return int(known[0]) if known else 0


def _kept(account: bytes) -> bytes:
    return _WHOLE + account if len(account) <= _LONGEST_KEY else _DIGEST + hashlib.sha256(account).digest()


def _text(chain: str, kept: bytes) -> str:
    """An account as it is written; a long script is named by its digest."""
    account = kept[1:]
    text = account_text(Chain.parse(chain), account) if kept[:1] == _WHOLE else f"sha256({account.hex()})"
    return f"{chain}:{text}"
