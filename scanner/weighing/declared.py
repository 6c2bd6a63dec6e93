"""Which accounts a claim declares, as one number and one digest that anyone can compute again from the claim.

An account is one of a chain: the same bytes on two chains are two, and what holds several assets counts once. The
digest is taken over lines of text, `<chain> <account>` with the account's bytes in hex, sorted by their bytes and each
once: what `LC_ALL=C sort -u | sha256sum` makes of them. docs/predicate.md defines it for others.

Columns are merged while they are read, so that memory does not grow with the claim. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from scanner.core.columns import Accounts, abreast
from scanner.weighing.holdings import HeldAsset, Holdings

LONGEST: Final = 1024  # bytes of an account that stands there whole; of a longer one (a bare script) its SHA-256 does

_AT_A_TIME: Final = 10_000  # accounts of one asset
_CHARACTERS: Final = 1 << 19  # that are hashed together


@dataclass(frozen=True, slots=True)
class DeclaredAccounts:
    """How many accounts there are, and the digest of them."""

    count: int
    sha256: str  # hex

    @classmethod
    def of(cls, lines: Iterable[str]) -> DeclaredAccounts:
        """Of lines as `account_line` writes them, or several of them as one text, in order and each once."""
        count, size, digest, waiting = 0, 0, hashlib.sha256(), list[str]()
        for text in chain(lines, [""]):
            waiting.append(text)
            size += len(text)
            if size >= _CHARACTERS or not text:
                several = "".join(waiting)
                count += several.count("\n")
                digest.update(several.encode())
                waiting.clear()
                size = 0
        return cls(count, digest.hexdigest())


def declared_accounts(holdings: Holdings) -> DeclaredAccounts:
    """The accounts of a claim's holdings, whose columns are in the order of their accounts."""
    parts: dict[str, list[HeldAsset]] = {}
    for part in holdings.parts:
        parts.setdefault(str(part.asset.chain), []).append(part)
    return DeclaredAccounts.of(lines for chain in sorted(parts) for lines in _lines(chain, parts[chain]))


def account_line(chain: str, account: bytes) -> str:
    """The line of an account that is short enough to stand there whole."""
    return f"{chain} {account.hex()}\n"


def digest_line(chain: str, sha256: bytes) -> str:
    """The line of an account that is longer, by its digest. It comes after all others of its chain."""
    return f"{chain} sha256:{sha256.hex()}\n"


def _lines(chain: str, parts: Iterable[HeldAsset]) -> Iterator[str]:
    """The lines of one chain, many of them as one text."""
    long: set[bytes] = set()
    for accounts in _in_order([part.accounts for part in parts]):
        if accounts.width is not None and accounts.width <= LONGEST:
            keys = accounts.packed().hex("\n", accounts.width)
            yield f"{chain} " + keys.replace("\n", f"\n{chain} ") + "\n"
            continue
        if max(map(len, accounts)) > LONGEST:
            long.update(hashlib.sha256(account).digest() for account in accounts if len(account) > LONGEST)
        yield "".join([account_line(chain, account) for account in accounts if len(account) <= LONGEST])
    for sha256 in sorted(long):
        yield digest_line(chain, sha256)


def _in_order(columns: Sequence[Accounts]) -> Iterator[Accounts]:
    """All accounts of ascending columns, each once and in order, some thousands at a time."""
    for rows in abreast(columns, _AT_A_TIME):
        taken = [column.take(some) for column, some in zip(columns, rows, strict=True)]
        if accounts := list(dict.fromkeys(sorted(chain.from_iterable(taken)))):  # of columns that ascend already
            yield Accounts.of(accounts)
