"""What a full node of Aptos answers, read into values, every field checked before it is used.

Each function raises NodeError MALFORMED for what is not documented, and what else stands with it. Not in here: asking.

Source: aptos.dev, Aptos Node API; aptos-core, `coin.move` and `fungible_asset.move` for the resources.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.chains.aptos.node.client import number_of
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

_HASH = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-f]{1,64}", re.ASCII)
_LATEST: Final = 253_402_300_799_000_000  # microseconds: the end of the year 9999, which datetime ends with
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Block:
    """A block, and the versions of the ledger that its transactions made."""

    height: int
    hash: str
    time: datetime
    first: int
    last: int


def block_of(answer: Any, height: int) -> Block:
    """The block in an answer of `/blocks/by_height`."""
    found = number_of(field(answer, "block_height", str), "block_height")
    if found != height:
        raise malformed(f"asked for block {height}, the node gave block {found}")
    name = field(answer, "block_hash", str)
    if not _HASH.fullmatch(name):
        raise malformed("block_hash is no hash")
    micros = number_of(field(answer, "block_timestamp", str), "block_timestamp")
    first, last = (number_of(field(answer, each, str), each) for each in ("first_version", "last_version"))
    if micros > _LATEST or last < first:
        raise malformed("a block of a time that cannot be, or of no versions")
    return Block(height, name, _EPOCH + timedelta(microseconds=micros), first, last)


def check_follows(parent: Block, block: Block) -> None:
    """Raises NodeError unless the versions of `block` are those after the ones of `parent`."""
    if parent.last + 1 != block.first or parent.time > block.time:
        raise malformed(f"block {block.height} does not follow on block {parent.height}")


def newest_of(answer: Any) -> tuple[int, int]:
    """The oldest and the newest block that the node has, in its index."""
    oldest, newest = (number_of(field(answer, each, str), each) for each in ("oldest_block_height", "block_height"))
    if newest < oldest:
        raise malformed("the node's newest block is older than its oldest")
    return oldest, newest


def amount_of(value: Any) -> int:
    """Atoms in the result of a view function."""
    return number_of(value, "a balance")


def coins_in(answer: Any) -> int:
    """Atoms in an account's CoinStore."""
    return number_of(field(field(_data(answer, "0x1::coin::CoinStore<"), "coin", dict), "value", str), "value")


def assets_in(answer: Any, metadata: bytes) -> int:
    """Atoms in a FungibleStore, which has to be one of the asset with this metadata."""
    data = _data(answer, "0x1::fungible_asset::FungibleStore")
    inner = field(field(data, "metadata", dict), "inner", str)
    if not _ADDRESS.fullmatch(inner) or bytes.fromhex(inner[2:].zfill(64)) != metadata:
        raise malformed("a store of another asset than the one that was asked for")
    return number_of(field(data, "balance", str), "balance")


def authentication_key_of(answer: Any) -> bytes:
    """The 32 bytes that an account's resource has for the key that it obeys."""
    text = field(_data(answer, "0x1::account::Account"), "authentication_key", str)
    if not _HASH.fullmatch(text):
        raise malformed("authentication_key is no key's hash")
    return bytes.fromhex(text[2:])


def concurrent_in(answer: Any) -> int:
    """Atoms in a ConcurrentFungibleBalance, which a store may have beside it."""
    data = _data(answer, "0x1::fungible_asset::ConcurrentFungibleBalance")
    return number_of(field(field(data, "balance", dict), "value", str), "value")


def decimals_of(value: Any) -> int:
    """The result of `fungible_asset::decimals`: a number of 8 bits, which the API writes as one."""
    if type(value) is not int or not 0 <= value < 2**8:
        raise malformed("decimals that are none")
    return value


def check_ran_at(block: Block, height: Any, micros: Any) -> None:
    """Raises NodeError WRONG_BLOCK unless view functions saw the height and the time of `block`.

    A server that does not heed the version it is asked at gives those of another block.
    """
    time = _EPOCH + timedelta(microseconds=min(number_of(micros, "now_microseconds"), _LATEST))
    if number_of(height, "get_current_block_height") != block.height or time != block.time:
        raise NodeError(Why.WRONG_BLOCK, "view functions do not run at the version that they are asked for at")


def _data(answer: Any, kind: str) -> dict[str, Any]:
    if not field(answer, "type", str).startswith(kind):
        raise malformed(f"a resource that is no {kind.rstrip('<')}")
    return field(answer, "data", dict)
