"""What a server of the XRP Ledger answers, read into values, every field checked before it is used.

Each function takes a `result` as `client` hands it out and raises NodeError MALFORMED for what is not documented.
Not in here: asking, and what an error of the server means (`client`).

Source: xrpl.org, "ledger", "account_info" and "server_info" (rippled API version 1, and Clio's).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from scanner.chains.xrpl.header import LedgerHeader
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

FIRST_LEDGER: Final = 32_570
"""The oldest ledger of the main network: those before it were lost in 2012."""

MOST_DROPS: Final = 10**17  # all XRP there ever were

_HASH = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", re.ASCII)


def network_of(result: Mapping[str, Any]) -> int | None:
    """The network's number that `server_info` names; None where the server names none, as older ones do not."""
    info = field(result, "info", dict)
    return None if info.get("network_id") is None else field(info, "network_id", int)


def oldest_of(result: Mapping[str, Any]) -> int:
    """The oldest ledger from which on the server has all of them: `complete_ledgers` of `server_info`.

    Raises NodeError NO_STATE for a server that has none yet.
    """
    written = field(field(result, "info", dict), "complete_ledgers", str)
    ranges = [_RANGE.fullmatch(part.strip()) for part in written.split(",")] if written != "empty" else []
    if not ranges:
        raise NodeError(Why.NO_STATE, "the server has no ledgers yet")
    last = ranges[-1]
    if last is None:
        raise malformed("complete_ledgers is no list of ranges")
    return int(last[1])


def header_of(result: Mapping[str, Any]) -> LedgerHeader:
    """The validated ledger of a `ledger` answer, whose header hashes to the hash that the answer names.

    Raises NodeError NOT_FINAL for a ledger that is not validated, FORGED for a header of another hash.
    """
    if result.get("validated") is not True:
        raise NodeError(Why.NOT_FINAL, "the server does not call that ledger validated")
    ledger = field(result, "ledger", dict)
    try:
        header = LedgerHeader(
            _number(ledger, "ledger_index"),
            _number(ledger, "total_coins"),
            _hash(ledger, "parent_hash"),
            _hash(ledger, "transaction_hash"),
            _hash(ledger, "account_hash"),
            _number(ledger, "parent_close_time"),
            _number(ledger, "close_time"),
            _number(ledger, "close_time_resolution"),
            _number(ledger, "close_flags"),
        )
    except ValueError as error:
        raise malformed(str(error)) from None
    if header.hash != _hash(result, "ledger_hash"):
        raise NodeError(Why.FORGED, "the ledger's header does not hash to the hash that the server names")
    return header


def balance_of(result: Mapping[str, Any], account: str) -> int:
    """The drops of `account` in an `account_info` answer."""
    return drops_of(_data_of(result, account), "Balance")


def owns_entries(result: Mapping[str, Any], account: str) -> bool:
    """Whether `account` has anything of its own in the ledger beside itself, in an `account_info` answer."""
    return field(_data_of(result, account), "OwnerCount", int) != 0


def drops_of(entry: Mapping[str, Any], name: str) -> int:
    """An amount of XRP in an entry of the ledger."""
    drops = _number(entry, name)
    if drops > MOST_DROPS:
        raise malformed(f"{name} is above all XRP that there ever were")
    return drops


def _data_of(result: Mapping[str, Any], account: str) -> dict[str, Any]:
    data: dict[str, Any] = field(result, "account_data", dict)
    if field(data, "Account", str) != account:
        raise malformed("the answer is of another account")
    return data


def require_ledger(result: Mapping[str, Any], height: int, name: str) -> None:
    """That an answer, be it one that there is no such account, is of that validated ledger.

    Raises NodeError WRONG_BLOCK for another one, and for an answer that names none.
    """
    if result.get("validated") is not True:
        raise NodeError(Why.WRONG_BLOCK, "the answer does not say that it is of a validated ledger")
    if result.get("ledger_index") != height or _text(result.get("ledger_hash")).upper() != name:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of another ledger, or names none")


def repeats(result: Mapping[str, Any], account: str, name: str) -> bool:
    """Whether an error that names no ledger repeats the question for this account in the ledger with this hash, as
    Clio's do (`request`)."""
    if not result.keys().isdisjoint({"ledger_hash", "ledger_index", "validated"}):
        return False
    request = result.get("request")
    asked = request.get("params") if isinstance(request, dict) else None
    if not isinstance(asked, list) or len(asked) != 1 or not isinstance(asked[0], dict):
        return False
    return asked[0].get("account") == account and _text(asked[0].get("ledger_hash")).upper() == name


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _hash(answer: Mapping[str, Any], name: str) -> bytes:
    text = _text(answer.get(name))
    if not _HASH.fullmatch(text):
        raise malformed(f"{name} is no hash of 64 hex digits")
    return bytes.fromhex(text)


def _number(answer: Mapping[str, Any], name: str) -> int:
    """A number, or the text of one: rippled writes amounts, and some indices, as texts."""
    value = answer.get(name)
    if type(value) is int and value >= 0:
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise malformed(f"{name} is no whole number")
