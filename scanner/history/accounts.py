"""Which accounts each verified claim declares, and what changed from one claim to another.

An account is one of a chain: the same 20 bytes on two chains are two accounts here. Each is numbered when it first
comes up, in the order of chain and key, and a claim is kept as spans of such numbers: a claim of 200,000 accounts as
one row, next month's as a few hundred. What comes in is sorted, numbered and cut into spans by the database.

None of these rows is believed for being there: the envelope of a verified claim states how many accounts there are and
a digest of them (`weighing.declared`), and `faults` holds the rows against both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from scanner.chains.accounts import account_text
from scanner.chains.names import parse_chain
from scanner.core.ids import Chain
from scanner.history.databases.interface import Database
from scanner.history.spans import Spans
from scanner.weighing.claim import Claim
from scanner.weighing.declared import LONGEST, DeclaredAccounts, account_line, digest_line

_WHOLE, _DIGEST = b"\x00", b"\x01"  # what a kept key begins with: indexes have limits, so long ones are kept by digest


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
        found.setdefault(_hex(digest), []).append((first, last))
    return found


def faults(database: Database, stated: Mapping[str, DeclaredAccounts]) -> Iterator[str]:
    """What of these claims' accounts is not as verified envelopes state. Claims are named by their digests in hex.

    Reads every account of every claim: a million take a second or two.
    """
    kept = {_hex(digest): (number, accounts) for number, digest, accounts in database.rows(_CLAIMS)}
    for claim, expected in sorted(stated.items()):
        number, accounts = kept.get(claim, (None, 0))
        if number is None:
            yield f"the accounts of claim sha256:{claim} are missing"
        elif accounts != expected.count or _found(database, number) != expected:
            yield f"the accounts of claim sha256:{claim} are not the {expected.count} that its attestation names"


def strays(database: Database) -> Iterator[str]:
    """Rows that are no claim's of an entry, and accounts that would be two."""
    for (digest,) in database.rows("SELECT digest FROM claim WHERE digest NOT IN (SELECT claim FROM said) LIMIT 10"):
        yield f"there are accounts of a claim sha256:{_hex(digest)}, which no entry names"
    if database.one("SELECT 1 FROM span WHERE claim NOT IN (SELECT number FROM claim) LIMIT 1"):
        yield "there are accounts of a claim that is not there"
    # What is computed is looked up in no index: an index could have been made not to have them.
    once = database.one("SELECT COUNT(*) FROM (SELECT chain + 0, key FROM account GROUP BY chain + 0, key) AS once")
    if once != database.one("SELECT COUNT(*) FROM account"):
        yield "an account is numbered twice"


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


def numbers(database: Database, chain: Chain, keys: Collection[bytes]) -> dict[bytes, int]:
    """The numbers of a chain's accounts, by their keys: of those that are known."""
    kept = {_kept(key): key for key in keys}
    found: dict[bytes, int] = {}
    waiting = sorted(kept)
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        for key, number in database.rows(
            "SELECT account.key, account.number FROM account JOIN chain ON chain.number = account.chain"
            f" WHERE chain.name = ? AND account.key IN ({', '.join('?' * len(some))})",
            str(chain),
            *some,
        ):
            found[kept[bytes(key)]] = number
    return found


_AT_ONCE: Final = 500  # parameters of one statement
_CLAIMS: Final = "SELECT number, digest, accounts FROM claim"
_OF_CLAIM: Final = (
    "SELECT chain.name, account.key FROM span JOIN account ON account.number BETWEEN span.first AND span.last"
    " JOIN chain ON chain.number = account.chain WHERE span.claim = ? ORDER BY chain.name, account.key"
)


def _found(database: Database, claim: int) -> DeclaredAccounts | None:
    """The accounts in the rows of a claim; None where a span is none, or names accounts that are not there."""
    numbers = 0
    for first, last in database.rows("SELECT first, last FROM span WHERE claim = ?", claim):
        if not isinstance(first, int) or not isinstance(last, int) or first > last:
            return None
        numbers += last - first + 1
    found = DeclaredAccounts.of(_line(name, key) for name, key in database.rows(_OF_CLAIM, claim))
    return found if found.count == numbers else None


def _line(chain: object, key: object) -> str:
    """What a row stands for; where it is none that is written here, a line that no claim gives."""
    if isinstance(chain, str) and isinstance(key, bytes):
        if key[:1] == _WHOLE:
            return account_line(chain, key[1:])
        if key[:1] == _DIGEST:
            return digest_line(chain, key[1:])
    return "\n"


def _hex(digest: object) -> str:
    return digest.hex() if isinstance(digest, bytes) else ""


def _chain(database: Database, name: str) -> int:
    known = database.one("SELECT number FROM chain WHERE name = ?", name)
    if known is None:
        database.run("INSERT INTO chain (number, name) SELECT COALESCE(MAX(number), 0) + 1, ? FROM chain", name)
        known = database.one("SELECT number FROM chain WHERE name = ?", name)
    return int(known[0]) if known else 0


def _kept(account: bytes) -> bytes:
    return _WHOLE + account if len(account) <= LONGEST else _DIGEST + hashlib.sha256(account).digest()


def _text(chain: str, kept: bytes) -> str:
    """An account as it is written; a long script is named by its digest."""
    account = kept[1:]
    text = account_text(parse_chain(chain), account) if kept[:1] == _WHOLE else f"sha256({account.hex()})"
    return f"{chain}:{text}"
