"""Values of Ethereum's JSON-RPC, read strictly: quantities, data, blocks, and the header our code answers with.

Everything else than the documented spelling is refused as MALFORMED, because a value that needs guessing at is not
evidence. Pure. Not in here: asking (`evm.ladder`), and what an error object means (`evm.errors`).

Sources: execution-apis, "base-types" and "block"; EIP-1474; EIP-1898.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scanner.chains.evm.balance_call import WORD
from scanner.chains.evm.facts import EvmChain
from scanner.chains.evm.node.code import HEADER
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.shape import MOST
from scanner.errors import NodeError, Why

_QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})", re.ASCII)
_HASH = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_LATEST_TIME = 253_402_300_800  # 10000-01-01: a time in milliseconds lies beyond it


def quantity(value: object, what: str) -> int:
    """A QUANTITY of at most 256 bits. `what` names it in the error."""
    if not isinstance(value, str) or _QUANTITY.fullmatch(value) is None:
        raise NodeError(Why.MALFORMED, f"{what} is no hexadecimal quantity of up to 256 bits")
    return int(value, 16)


def data(value: object, what: str) -> bytes:
    """DATA of any length."""
    if isinstance(value, str) and value[:2] == "0x" and value.isascii():
        try:
            found = bytes.fromhex(value[2:])
        except ValueError:
            found = b""
        if 2 * len(found) == len(value) - 2:  # fromhex passes over blanks
            return found
    raise NodeError(Why.MALFORMED, f"{what} is no hexadecimal data")


def hex_data(content: bytes) -> str:
    """DATA as JSON-RPC writes it."""
    return "0x" + content.hex()


def at(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as a block parameter: by hash, and an error rather than an answer if it was reorganised away."""
    return {"blockHash": snapshot.hash, "requireCanonical": True}


def snapshot_of(block: object, chain: Chain) -> Snapshot:
    """A snapshot from a block object. Raises NodeError MALFORMED."""
    if not isinstance(block, Mapping):
        raise NodeError(Why.MALFORMED, "the block is no object")
    names = {}
    for name in ("hash", "parentHash"):
        value = block.get(name)
        if not isinstance(value, str) or _HASH.fullmatch(value) is None:
            raise NodeError(Why.MALFORMED, f"the block's {name} is no 32-byte hash")
        names[name] = value.lower()
    time = quantity(block.get("timestamp"), "the block's timestamp")
    if time >= _LATEST_TIME:
        raise NodeError(Why.MALFORMED, "the block's timestamp is no time in seconds")
    height = quantity(block.get("number"), "the block's number")
    if height > MOST:
        raise NodeError(Why.MALFORMED, "the block's number is beyond all that a statement can name")
    return Snapshot(chain, height, names["hash"], names["parentHash"], datetime.fromtimestamp(time, UTC))


def check_header(header: bytes, snapshot: Snapshot, ways: EvmChain) -> None:
    """That the chain's id, the block's number and its parent's hash, as our code saw them, are the snapshot's.

    At blocks where BLOCKHASH gives something else (`EvmChain.blockhash_since`) the parent is not asked of it.
    Raises NodeError WRONG_CHAIN or WRONG_BLOCK.
    """
    if len(header) != HEADER:
        raise NodeError(Why.MALFORMED, "the answer's header is cut short")
    chain_id, number = int.from_bytes(header[:WORD]), int.from_bytes(header[WORD : 2 * WORD])
    if chain_id != int(snapshot.chain.reference):
        raise NodeError(Why.WRONG_CHAIN, f"the answer was computed on chain id {chain_id}")
    if number != snapshot.height:
        raise NodeError(Why.WRONG_BLOCK, f"the answer was computed at height {number}, not {snapshot.height}")
    shows_parent = ways.blockhash_since is not None and snapshot.time >= ways.blockhash_since
    if shows_parent and hex_data(header[2 * WORD :]) != snapshot.parent:
        raise NodeError(Why.WRONG_BLOCK, "the answer was computed on top of another parent block")
