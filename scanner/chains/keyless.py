"""Accounts without a key: what lies there can be moved by no key, or is held by a protocol for others.

The zero address, burn addresses, precompiles and system contracts, deposit contracts and the escrows of bridges,
wrappers (whose coins belong to the holders of the wrapped token), scripts that can never be spent or that anyone can
spend. What an exchange declares there is not its own. Some follow from a rule, the others stand in a table: both
are in the families' `keyless` modules.

An account that is not found here may have no key all the same: only well-known ones are. Not here: contracts of the
assets that a claim declares (`weighing.uncounted`), which need no table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

from scanner.chains.accounts import account_key
from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.registry import family
from scanner.core.columns import Accounts
from scanner.core.ids import Chain


def keyless(chain: Chain, revision: int = REVISION) -> Callable[[bytes], str | None]:
    """The function from an account's key on `chain` to what the account is, in a few words; to None for others."""
    listed, rule = _listed(chain, revision), family(chain).keyless

    def what(key: bytes) -> str | None:
        return listed.get(key) or rule(chain, key)

    return what


def keyless_unlikely(
    chain: Chain, others: Collection[bytes], revision: int = REVISION
) -> Callable[[Accounts], bool] | None:
    """The function that looks at many accounts at once and is true only where none of them is without a key, nor one of
    `others`: where it is false, each has to be looked at. None on chains whose accounts have to be looked at anyway."""
    mark, none_keyless = family(chain).keyless_mark, family(chain).none_keyless
    if mark is None and none_keyless is None and family(chain).has_keyless_rule:
        return None
    known = frozenset((*_listed(chain, revision), *others))

    def none_among(accounts: Accounts) -> bool:
        if mark is not None and mark in accounts.packed():
            return False
        return (none_keyless is None or none_keyless(accounts)) and known.isdisjoint(accounts)

    return none_among


@cache
def _listed(chain: Chain, revision: int) -> dict[bytes, str]:
    """By key: those of the family's table that stand under the chain, or under its namespace, in that revision."""
    places = (chain.namespace, str(chain))
    rows = family(chain).keyless_accounts
    return {
        account_key(chain, each.account): each.what for each in rows if each.on in places and stands(each, revision)
    }
