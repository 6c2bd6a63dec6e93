"""Accounts that are nobody's: what lies there can be moved by no key, or is held by a protocol for others.

The zero address, burn addresses, precompiles and system contracts, deposit contracts and the escrows of bridges,
wrappers (whose coins belong to the holders of the wrapped token), scripts that can never be spent or that anyone can
spend. What an exchange declares there is not its own. Some follow from a rule (`rules`), the others stand in a table
(`core.facts.keyless_accounts`).

An account that is not found here may be nobody's all the same: only well-known ones are. Not here: contracts of the
assets that a claim declares (`core.uncounted`), which need no table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from scanner.core.address import account_key
from scanner.core.facts import REVISION
from scanner.core.facts.keyless_accounts import TABLE
from scanner.core.ids import Chain
from scanner.core.keyless.rules import RULES


def keyless(chain: Chain, revision: int = REVISION) -> Callable[[bytes], str | None]:
    """The function from an account's key on `chain` to what the account is, in a few words; to None for others."""
    listed, rule = _listed(chain, revision), RULES.get(chain.namespace)
    if rule is None:
        return listed.get

    def what(key: bytes) -> str | None:
        return listed.get(key) or rule(chain, key)

    return what


@cache
def _listed(chain: Chain, revision: int) -> dict[bytes, str]:
    """By key: those of the table that stand under the chain, or under its namespace, in that revision."""
    places = (chain.namespace, str(chain))
    return {
        account_key(chain, each.account): each.what for each in TABLE if each.on in places and each.since <= revision
    }
