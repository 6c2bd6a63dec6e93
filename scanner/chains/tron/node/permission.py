"""Which keys a Tron account obeys, from a node's answer: its owner permission. Not in here: asking.

Who satisfies the owner permission may do everything with the account, replace its keys as well. An answer without
one is of an account that was never given any: it obeys its own key. Permissions for single operations (active ones) are
the owner's to give, and are not looked at.

Source: tronprotocol/documentation-en, "Account permission management"; java-tron, `Tron.proto` (Permission).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.chains.evm.balance_call import ADDRESS
from scanner.chains.tron.node.answers import hex_bytes, require_no_error
from scanner.clients.fields import field, malformed
from scanner.core.control import ContractOwners
from scanner.errors import NodeError, Why

_PREFIX: Final = b"\x41"  # before the 20 bytes of an address


def permission_of(answer: Any, account: bytes) -> ContractOwners:
    """The keys, with their weights, and the threshold, of a `getaccount` answer. Raises NodeError: REFUSED where the
    node knows no such account, MALFORMED for an answer that is not documented."""
    require_no_error(answer)
    if not answer:
        raise NodeError(Why.REFUSED, "the node knows no such account")
    if _address(answer) != account:
        raise malformed("the answer is of another account")
    permission = answer.get("owner_permission")
    if permission is None:
        return ContractOwners(owner=account)
    weights: dict[bytes, int] = {}
    for key in field(permission, "keys", list):
        if _address(key) in weights:
            raise malformed("a permission that names a key twice")
        weights[_address(key)] = field(key, "weight", int)
    addresses = tuple(sorted(weights))
    try:
        return ContractOwners(
            addresses, field(permission, "threshold", int), weights=tuple(weights[each] for each in addresses)
        )
    except ValueError as error:
        raise malformed(f"a permission that cannot be: {error}") from None


def _address(of: Mapping[str, Any]) -> bytes:
    data = hex_bytes(field(of, "address", str), len(_PREFIX) + ADDRESS)
    if not data.startswith(_PREFIX):
        raise malformed("an address of another network")
    return data[len(_PREFIX) :]
