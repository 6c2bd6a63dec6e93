"""What a toncenter server answers, read into values, every field checked before it is used.

Each function takes the result of a call and raises NodeError: MALFORMED for what is not documented, and what else
stands with each. Not in here: asking.

Source: toncenter.com/api/v2 (its answers are tonlib's objects: `tonlib_api.tl`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

HASH_BYTES: Final = 32
MOST_NANOTON: Final = 10**20  # a hundred thousand million coins: there are some five thousand million
_MASTERCHAIN: Final = -1
_WHOLE_SHARD: Final = "-9223372036854775808"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_NO_TRANSACTION: Final = {"lt": "0", "hash": base64.b64encode(bytes(HASH_BYTES)).decode()}


@dataclass(frozen=True, slots=True)
class BlockId:
    """A masterchain block, by its number and its hashes of 32 bytes."""

    seqno: int
    root: bytes
    file: bytes


def block_of(value: object) -> BlockId:
    """The masterchain block that a `ton.blockIdExt` names."""
    if field(value, "workchain", int) != _MASTERCHAIN or field(value, "shard", str) != _WHOLE_SHARD:
        raise malformed("a block of another chain than the masterchain")
    return BlockId(_seqno(value), _hash(value, "root_hash"), _hash(value, "file_hash"))


def first_block_of(result: Mapping[str, Any]) -> bytes:
    """The root hash of the network's zero state, in a `getMasterchainInfo` answer."""
    return _hash(field(result, "init", dict), "root_hash")


def header_of(result: Mapping[str, Any]) -> tuple[BlockId, BlockId, int]:
    """The block, its parent, and its time in seconds since 1970, of a `getBlockHeader` answer."""
    parents = field(result, "prev_blocks", list)
    if len(parents) != 1:
        raise malformed("a masterchain block that does not have one parent")
    time = field(result, "gen_utime", int)
    if not 0 <= time < 2**32:
        raise malformed("a block's time is none")
    return block_of(field(result, "id", dict)), block_of(parents[0]), time


def balance_of(result: Mapping[str, Any], block: BlockId) -> int:
    """Nanotons in a `getAddressInformation` answer. Raises NodeError WRONG_BLOCK for one that is of another block.

    A balance of a number is an account's that does not exist, and all else has to say so too: elsewhere it is a text.
    """
    if block_of(field(result, "block_id", dict)) != block:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of another block")
    balance, state = result.get("balance"), field(result, "state", str)
    if state not in ("active", "uninitialized", "frozen"):
        raise malformed("an account in a state that is none")
    if type(balance) is int:
        last = field(result, "last_transaction_id", dict)
        absent = state == "uninitialized" and all(last.get(name) == value for name, value in _NO_TRANSACTION.items())
        if balance or not absent:
            raise malformed("a balance is a number, and the account is not said to be missing")
        return 0
    if not isinstance(balance, str) or not _NUMBER.fullmatch(balance) or int(balance) > MOST_NANOTON:
        raise malformed("a balance is no number of nanotons")
    return int(balance)


def _seqno(value: object) -> int:
    seqno = field(value, "seqno", int)
    if not 0 <= seqno < 2**31:
        raise malformed("a block's number is none")
    return seqno


def _hash(value: object, name: str) -> bytes:
    try:
        data = base64.b64decode(field(value, name, str), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != HASH_BYTES:
        raise malformed(f"{name} is no hash of {HASH_BYTES} bytes in base64")
    return data
