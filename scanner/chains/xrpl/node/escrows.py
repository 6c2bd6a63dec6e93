"""What an account of the XRP Ledger has put into escrow for itself, from a server's list of its escrows. Pure.

XRP in escrow has left the balance. It counts where no one but the account can ever get it: the account is both the one
who pays and the one who is paid, and a time alone ends the escrow. With a condition it may stay there for ever, unless
it can be cancelled after a time as well. What is in escrow for another account is that other's to come, and an escrow
from another one is not this account's yet: neither counts. Tokens in escrow are no XRP.

Source: xrpl.org, "Escrow" (ledger entry), "account_objects".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.chains.account_forms import AddressError
from scanner.chains.xrpl.accounts import account_key
from scanner.chains.xrpl.node.answers import drops_of
from scanner.clients.fields import field, malformed
from scanner.core.ids import Chain

_NETWORK: Final = Chain("xrpl", "0")  # addresses are written alike on all


@dataclass(frozen=True, slots=True)
class Page:
    """A part of an account's list of escrows."""

    own: dict[str, int]
    """Drops that count, by the escrow's name in the ledger; 0 where nothing does."""

    marker: object
    """Where the list goes on, for the server alone to understand; None at its end."""


def page_of(result: Mapping[str, Any], account: str) -> Page:
    """Of an `account_objects` answer that was asked for escrows. Raises NodeError MALFORMED."""
    if field(result, "account", str) != account:
        raise malformed("the escrows are of another account")
    own: dict[str, int] = {}
    for entry in field(result, "account_objects", list):
        name = field(entry, "index", str)
        if name in own:
            raise malformed("a list that has an escrow twice")
        own[name] = _own(entry, account)
    return Page(own, result.get("marker"))


def _own(entry: object, account: str) -> int:
    if not isinstance(entry, dict) or entry.get("LedgerEntryType") != "Escrow":
        raise malformed("something else among the escrows")
    payer, payee = _account(field(entry, "Account", str)), _account(field(entry, "Destination", str))
    if _account(account) not in {payer, payee}:
        raise malformed("an escrow that is not the account's")
    amount = entry.get("Amount")
    if isinstance(amount, dict):
        field(amount, "value", str)
        return 0
    drops = drops_of(entry, "Amount")
    conditional = "Condition" in entry or "FinishFunction" in entry
    counts = payer == payee and (not conditional or "CancelAfter" in entry)
    return drops if counts else 0


def _account(text: str) -> bytes:
    try:
        return account_key(_NETWORK, text)
    except AddressError as error:
        raise malformed(str(error)) from None
