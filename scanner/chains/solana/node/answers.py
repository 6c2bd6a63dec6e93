"""What a Solana node answers, read into values, every field checked before it is used.

Each function takes a decoded `result` and raises NodeError MALFORMED for what is not documented, and what else stands
with each. Not in here: asking, and what a token's bytes mean (`solana.tokens`).

Source: solana.com, "Solana RPC Methods"; agave, `account-decoder` and `sdk/clock`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.chains.solana.stakes import STAKE
from scanner.chains.solana.tokens import AMOUNT, PROGRAMS
from scanner.clients.fields import field, malformed
from scanner.core import base58
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

CLOCK: Final = base58.decode("SysvarC1ock11111111111111111111111111111111")
"""The account in which a bank of the chain keeps its own slot: who reads it beside others knows of when they are."""

CLOCK_SIZE: Final = 40  # bytes: slot, start of the epoch, epoch, epoch of the leaders, time
_SYSVAR: Final = base58.decode("Sysvar1111111111111111111111111111111111111")
_KEY: Final = 32
_MOST: Final = 2**64 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a slot has it; of its data as much as was asked for."""

    lamports: int
    program: bytes  # its owner in the words of the chain: who may change it
    executable: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class FoundAccounts:
    """Accounts in the order in which they were asked for, all of one slot; None where there is none."""

    slot: int
    found: tuple[Account | None, ...]


def accounts_of(answer: object, count: int) -> FoundAccounts:
    """The `count` accounts of a `getMultipleAccounts` answer, behind which the clock was asked for.

    Raises NodeError WRONG_BLOCK where the clock is of another slot than the answer says of itself.
    """
    slot, values = _with_slot(answer)
    if len(values) != count + 1:
        raise malformed(f"{len(values)} accounts where {count + 1} were asked for")
    *found, clock = [None if value is None else _account(value) for value in values]
    if clock is None or clock.program != _SYSVAR or len(clock.data) != CLOCK_SIZE:
        raise malformed("the account behind the last one is not the clock")
    if int.from_bytes(clock.data[:8], "little") != slot:
        raise NodeError(Why.WRONG_BLOCK, "the accounts are of another slot than the answer says")
    return FoundAccounts(slot, tuple(found))


def largest_of(answer: object) -> list[bytes]:
    """The token accounts of a `getTokenAccountsByOwner` answer of amounts alone that hold something, the largest
    first."""
    held: list[tuple[int, bytes]] = []
    for value in _with_slot(answer)[1]:
        account = _account(field(value, "account", dict))
        if account.program not in PROGRAMS or len(account.data) != AMOUNT:
            raise malformed("a token account in the list is none")
        held.append((int.from_bytes(account.data, "little"), key_of(field(value, "pubkey", str))))
    return [key for amount, key in sorted(held, key=lambda each: (-each[0], each[1])) if amount]


def stakes_of(answer: object, withdrawer: bytes) -> frozenset[bytes]:
    """The stake accounts of a `getProgramAccounts` answer of withdrawers alone, which were asked for by this one."""
    found = set()
    for value in _with_slot(answer)[1]:
        account = _account(field(value, "account", dict))
        if account.program != STAKE or account.data != withdrawer:
            raise malformed("a stake account in the list is none, or of another withdrawer")
        found.add(key_of(field(value, "pubkey", str)))
    return frozenset(found)


def block_of(answer: object, chain: Chain, slot: int) -> Snapshot:
    """The block of a `getBlock` answer for `slot`, under the slot's number. Raises NodeError NOT_FINAL where there is
    none yet."""
    if answer is None:
        raise NodeError(Why.NOT_FINAL, f"the node has no block of slot {slot} yet")
    parent = field(answer, "parentSlot", int)
    if not (0 <= parent < slot or parent == slot == 0):
        raise malformed(f"the block before that of slot {slot} is said to be of slot {parent}")
    name, before = (base58.encode(key_of(field(answer, each, str))) for each in ("blockhash", "previousBlockhash"))
    try:
        time = _EPOCH + timedelta(seconds=field(answer, "blockTime", int))
    except OverflowError:
        raise malformed("the block's time is beyond all calendars") from None
    return Snapshot(chain, slot, name, before, time)


def number_of(answer: object) -> int:
    """A slot's number."""
    if type(answer) is not int or not 0 <= answer <= _MOST:
        raise malformed("the answer is no slot")
    return answer


def key_of(text: str) -> bytes:
    """The 32 bytes of a key or a hash."""
    try:
        key = base58.decode(text)
    except ValueError:
        key = b""
    if len(key) != _KEY:
        raise malformed("32 bytes in base58 were expected")
    return key


def _with_slot(answer: object) -> tuple[int, Sequence[Any]]:
    """The slot and the list of an answer that has both."""
    return number_of(field(field(answer, "context", dict), "slot", int)), field(answer, "value", list)


def _account(value: object) -> Account:
    lamports = field(value, "lamports", int)
    if not 0 <= lamports <= _MOST:
        raise malformed("lamports that no account can have")
    data = field(value, "data", list)
    if len(data) != 2 or not isinstance(data[0], str) or data[1] != "base64":
        raise malformed("an account's data is not in base64, as was asked for")
    try:
        decoded = base64.b64decode(data[0], validate=True)
    except (binascii.Error, ValueError):
        raise malformed("an account's data is no base64") from None
    return Account(lamports, key_of(field(value, "owner", str)), field(value, "executable", bool), decoded)
