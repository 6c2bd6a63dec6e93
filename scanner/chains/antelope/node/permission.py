"""Which keys may move an account's coins, from a node's answer: its active permission. Not in here: asking.

A permission asks for a weight, which keys have, other accounts, and waiting. What is read is the keys of secp256k1: who
signs with so many of them as have the weight needs nothing else. Where they have not, other accounts decide as well,
and those are not asked. The owner permission, by which an active one may be replaced, is not looked at.

Source: Antelope's documentation (chain_api_plugin, get_account; "Accounts and permissions").
"""

from __future__ import annotations

from typing import Any, Final

from scanner.chains.antelope.keys import key_of
from scanner.clients.fields import field, malformed
from scanner.core.control import ContractOwners
from scanner.errors import NodeError, Why

_ACTIVE: Final = "active"


def active_permission_of(answer: Any, name: str) -> ContractOwners:
    """The keys, with their weights, and the weight that it takes, of a `get_account` answer.

    Raises NodeError: UNSUPPORTED where keys alone do not reach that weight, MALFORMED for what is not documented.
    """
    if field(answer, "account_name", str) != name:
        raise malformed("the answer is of another account")
    permissions = [each for each in field(answer, "permissions", list) if field(each, "perm_name", str) == _ACTIVE]
    if len(permissions) != 1:
        raise malformed("an account has one active permission")
    asked = field(permissions[0], "required_auth", dict)
    weights: dict[bytes, int] = {}
    for each in field(asked, "keys", list):
        try:
            key = key_of(field(each, "key", str))
        except ValueError as error:
            raise malformed(f"a permission's key: {error}") from None
        if key in weights:
            raise malformed("a permission that names a key twice")
        if key is not None:
            weights[key] = field(each, "weight", int)
    threshold = field(asked, "threshold", int)
    if sum(weights.values()) < threshold:
        raise NodeError(Why.UNSUPPORTED, "the account obeys other accounts, which are not asked for their keys")
    keys = tuple(sorted(weights))
    try:
        return ContractOwners(keys, threshold, weights=tuple(weights[each] for each in keys))
    except ValueError as error:
        raise malformed(f"a permission that cannot be: {error}") from None
