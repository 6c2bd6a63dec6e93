"""What aelf's Web API answers, read into values, every field checked before it is used.

Each function raises NodeError MALFORMED for what is not documented, and what else stands with it. Not in here: asking.

Source: aelf's documentation (Web API reference); AElf, `GetBalanceOutput` in `token_contract.proto`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from scanner.chains.aelf.view_call import address
from scanner.clients.fields import field, malformed
from scanner.core.protobuf import fields

MOST_ATOMS: Final = 2**63 - 1
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2}){1,512}", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Status:
    """Where a node's chain stands: its best block, at which calls run, and the last one that is irreversible."""

    chain: str
    height: int
    hash: str
    final: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block by its height and hash, and its parent's."""

    height: int
    hash: str
    parent: str
    time: datetime


def status_of(answer: Any) -> Status:
    """A `chainStatus` answer."""
    height, final = height_field(answer, "BestChainHeight"), height_field(answer, "LastIrreversibleBlockHeight")
    if final > height:
        raise malformed("the node's last irreversible block is above its best one")
    return Status(field(answer, "ChainId", str), height, hash_field(answer, "BestChainHash"), final)


def block_of(answer: Any, height: int, chain: str) -> Block:
    """A `blockByHeight` answer for the block at this height of this chain."""
    header = field(answer, "Header", dict)
    if height_field(header, "Height") != height:
        raise malformed(f"asked for block {height}, the node gave another")
    if field(header, "ChainId", str) != chain:
        raise malformed("a block of another chain")
    return Block(height, hash_field(answer, "BlockHash"), hash_field(header, "PreviousBlockHash"), _time(header))


def balance_in(answer: Any, symbol: str, owner: bytes) -> int:
    """Atoms in the hex that a view call of `GetBalance` answers, which has to name the symbol and the owner."""
    if not isinstance(answer, str) or not _HEX.fullmatch(answer):
        raise malformed("the result of a view call is not in hex")
    try:
        found = fields(bytes.fromhex(answer))
    except ValueError as error:
        raise malformed(f"the result of a view call: {error}") from None
    if found.pop(1, None) != symbol.encode() or found.pop(2, None) != address(owner):
        raise malformed("the balance is of another coin, or of another account")
    atoms = found.pop(3, 0)  # a zero is left out
    if found or not isinstance(atoms, int) or atoms > MOST_ATOMS:
        raise malformed("the result of a view call is no balance")
    return atoms


def height_field(answer: Any, name: str) -> int:
    """A height of 63 bits."""
    height = field(answer, name, int)
    if not 0 <= height < 2**63:
        raise malformed(f"{name} is no height")
    return height


def hash_field(answer: Any, name: str) -> str:
    """64 hex digits."""
    text = field(answer, name, str)
    if not _HASH.fullmatch(text):
        raise malformed(f"{name} is no hash of 64 hex digits")
    return text


def _time(header: Any) -> datetime:
    match = _TIME.fullmatch(field(header, "Time", str))
    if match is None:
        raise malformed("a block's time is none")
    micros = int((match[2] or "").ljust(7, "0")[:6])
    try:
        return datetime.fromisoformat(match[1]).replace(microsecond=micros, tzinfo=UTC)
    except ValueError:
        raise malformed("a block's time is none") from None
