"""What nodeos' chain API answers, read into values, every field checked before it is used.

Each function raises NodeError MALFORMED for what is not documented, and what else stands with it. Not in here: asking.

Source: Antelope's documentation (chain_api_plugin); leap, `chain_plugin.hpp` for the fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.[05]00)?", re.ASCII)  # blocks are half a second apart
_ASSET = re.compile(r"(0|[1-9][0-9]{0,14})\.([0-9]{4}) ([A-Z]{1,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Info:
    """Where a node's chain stands."""

    chain: str  # its id, 64 hex digits
    head: int
    head_id: str
    final: int
    oldest: int  # the oldest block that the node has


@dataclass(frozen=True, slots=True)
class Header:
    """A block, by its id and its parent's, which begin with their numbers."""

    number: int
    id: str
    previous: str
    time: datetime


def info_of(answer: Any) -> Info:
    """A `get_info` answer."""
    head, final = number_field(answer, "head_block_num"), number_field(answer, "last_irreversible_block_num")
    head_id = _id(answer, "head_block_id", head)
    if final > head:
        raise malformed("the node's last irreversible block is above its head")
    oldest = number_field(answer, "earliest_available_block_num") if "earliest_available_block_num" in answer else 1
    return Info(_id(answer, "chain_id"), head, head_id, final, oldest)


def header_of(answer: Any, number: int) -> Header:
    """A `get_block_info` answer for the block of this number. Its id begins with it, and its parent's with the last."""
    if number_field(answer, "block_num") != number:
        raise malformed(f"asked for block {number}, the node gave another")
    time = field(answer, "timestamp", str)
    if not _TIME.fullmatch(time):
        raise malformed("a block's time is none")
    try:
        moment = datetime.fromisoformat(time).replace(tzinfo=UTC)
    except ValueError:
        raise malformed("a block's time is none") from None
    previous = _id(answer, "previous", number - 1)
    return Header(number, _id(answer, "id", number), previous, moment)


def held_in(answer: Any, name: str, head: int, symbol: str) -> int:
    """Atoms of the system's coin that a `get_account` answer shows: liquid, staked for itself, and coming back.

    Raises NodeError WRONG_BLOCK for an answer that is of another head than the block `head`.
    """
    if field(answer, "account_name", str) != name:
        raise malformed("the answer is of another account")
    if number_field(answer, "head_block_num") != head:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of another block")
    liquid = answer.get("core_liquid_balance")
    atoms = 0 if liquid is None else atoms_of(liquid, symbol)
    for part, owners, amounts in (
        ("self_delegated_bandwidth", ("from", "to"), ("net_weight", "cpu_weight")),
        ("refund_request", ("owner",), ("net_amount", "cpu_amount")),
    ):
        said = answer.get(part)
        if said is None:
            continue
        if not isinstance(said, dict) or any(said.get(each) != name for each in owners):
            raise malformed(f"{part} is of another account")
        atoms += sum(atoms_of(said.get(each), symbol) for each in amounts)
    return atoms


def balance_in(answer: Any, symbol: str) -> int:
    """Atoms in a `get_currency_balance` answer: none where the account has no row."""
    if not isinstance(answer, list) or len(answer) > 1:
        raise malformed("the answer is no list of at most one balance")
    return sum(atoms_of(each, symbol) for each in answer)


def atoms_of(value: Any, symbol: str) -> int:
    """Atoms of an amount of a coin of four decimals, such as "1.0000 EOS"."""
    match = _ASSET.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[3] != symbol:
        raise malformed(f"an amount is no amount of {symbol}")
    return int(match[1] + match[2])


def number_field(answer: Any, name: str) -> int:
    """A block's number: 32 bits."""
    number = field(answer, name, int)
    if not 0 <= number < 2**32:
        raise malformed(f"{name} is no block's number")
    return number


def _id(answer: Any, name: str, number: int | None = None) -> str:
    text = field(answer, name, str)
    if not _ID.fullmatch(text):
        raise malformed(f"{name} is no id of 64 hex digits")
    if number is not None and int(text[:8], 16) != number:
        raise malformed(f"{name} is not the id of block {number}")
    return text
