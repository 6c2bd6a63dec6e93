"""Which keys an account of the XRP Ledger obeys, from a server's answer. Not in here: asking.

An account obeys its master key, from which its address follows, unless that is disabled; and beside it a regular key
and a list of signers, if it has them. What is named is the weakest that suffices: the account itself while its master
key may sign, else the regular key, else the signers with their weights. A regular key that is an address without a key
is how accounts are given up.

Sources: xrpl.org, "AccountRoot" (flags), "SignerList", "account_info".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.chains.account_forms import AddressError
from scanner.chains.xrpl.accounts import account_key
from scanner.clients.fields import field, malformed
from scanner.core.control import ContractOwners
from scanner.core.ids import Chain

_DISABLE_MASTER: Final = 0x00100000
_NETWORK: Final = Chain("xrpl", "0")  # addresses are written alike on all


def signers_of(result: Mapping[str, Any], account: str, key: bytes) -> ContractOwners:
    """Of an `account_info` answer that was asked for signer lists. Raises NodeError MALFORMED."""
    data = field(result, "account_data", dict)
    if field(data, "Account", str) != account:
        raise malformed("the answer is of another account")
    if not field(data, "Flags", int) & _DISABLE_MASTER:
        return ContractOwners(owner=key)
    regular = data.get("RegularKey")
    if regular is not None:
        found = _key(field(data, "RegularKey", str))
        return ContractOwners(owner=found if any(found) else None)
    # The list stands within the account in the first version of the interface, and beside it in the second.
    lists = data.get("signer_lists", result.get("signer_lists"))
    if not isinstance(lists, list):
        raise malformed("the answer has no signer lists")
    return _signers(lists[0]) if lists else ContractOwners()


def _signers(signers: object) -> ContractOwners:
    weights: dict[bytes, int] = {}
    for each in field(signers, "SignerEntries", list):
        entry = field(each, "SignerEntry", dict)
        signer = _key(field(entry, "Account", str))
        if signer in weights:
            raise malformed("a list that names a signer twice")
        weights[signer] = field(entry, "SignerWeight", int)
    keys = tuple(sorted(weights))
    try:
        return ContractOwners(keys, field(signers, "SignerQuorum", int), weights=tuple(weights[each] for each in keys))
    except ValueError as error:
        raise malformed(f"a list of signers that cannot be: {error}") from None


def _key(text: str) -> bytes:
    try:
        return account_key(_NETWORK, text)
    except AddressError as error:
        raise malformed(str(error)) from None
