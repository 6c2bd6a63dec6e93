"""What a Substrate node answers, read into values, every field checked before it is used, and what its errors mean.

Each function takes a result of JSON-RPC and raises NodeError: MALFORMED for what is not documented, and what else
stands with each. Not in here: asking.

Sources: polkadot-sdk, `sc-rpc-api` (chain, state); its client errors (4003, "State already discarded").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanner.chains.polkadot.header import HASH_BYTES, SubstrateHeader, encode, read
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import RpcError
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,8}", re.ASCII)
_METHOD_NOT_FOUND: Final = -32601
_LOST: Final = ("state already discarded", "state not available", "pruned")
_UNKNOWN: Final = ("unknownblock", "unknown block", "header was not found", "block not found")


def meaning(error: NodeError) -> NodeError:
    """The same failure, in the words of this program where the node's own text is known."""
    if not isinstance(error, RpcError):
        return error
    text = error.detail.lower()
    if any(each in text for each in _LOST):
        return NodeError(Why.NO_STATE, "the node does not keep the state of that block")
    if any(each in text for each in _UNKNOWN):
        return NodeError(Why.WRONG_BLOCK, "the node does not know that block")
    if error.code == _METHOD_NOT_FOUND:
        return NodeError(Why.UNSUPPORTED, "the node does not serve this call")
    return error


def hash_of(result: object) -> str:
    """A block's hash, 0x and 64 digits in lower case."""
    return f"0x{hex_bytes(result, HASH_BYTES).hex()}"


def header_of(result: object, name: str) -> SubstrateHeader:
    """The header of a `chain_getHeader` answer, which hashes to `name`. Raises NodeError FORGED for another one,
    WRONG_BLOCK where the node knows none."""
    if result is None:
        raise NodeError(Why.WRONG_BLOCK, "the node does not know that block")
    logs = field(field(result, "digest", dict), "logs", list)
    number = field(result, "number", str)
    if not _NUMBER.fullmatch(number):
        raise malformed("a block's number is none")
    roots = [hex_bytes(field(result, key, str), HASH_BYTES) for key in ("parentHash", "stateRoot", "extrinsicsRoot")]
    try:
        header = read(encode(roots[0], int(number, 16), roots[1], roots[2], [hex_bytes(log) for log in logs]))
    except ProofError as error:
        raise malformed(error.detail) from None
    if f"0x{header.hash.hex()}" != name:
        raise NodeError(Why.FORGED, "the block's header does not hash to its hash")
    return header


def values_of(result: object, keys: Sequence[bytes], name: str) -> list[bytes | None]:
    """The values at `keys`, in order, of a `state_queryStorageAt` answer; None where there is none.

    Raises NodeError WRONG_BLOCK for an answer of another block.
    """
    if not isinstance(result, list) or len(result) != 1 or not isinstance(result[0], Mapping):
        raise malformed("the answer is not of one block")
    if hash_of(field(result[0], "block", str)) != name:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of another block")
    found: dict[bytes, bytes | None] = {}
    for change in field(result[0], "changes", list):
        if not isinstance(change, list) or len(change) != 2:
            raise malformed("a change is no key and value")
        key = hex_bytes(change[0])
        if key in found:
            raise malformed("a key stands twice")
        found[key] = None if change[1] is None else hex_bytes(change[1])
    if found.keys() != set(keys):
        raise malformed("the answer is not of the keys that were asked for")
    return [found[key] for key in keys]


def nodes_of(result: object, name: str) -> list[bytes]:
    """The trie nodes of a `state_getReadProof` answer. Raises NodeError WRONG_BLOCK for one of another block."""
    if hash_of(field(result, "at", str)) != name:
        raise NodeError(Why.WRONG_BLOCK, "the proof is of another block")
    return [hex_bytes(each) for each in field(result, "proof", list)]


def hex_bytes(value: Any, size: int | None = None) -> bytes:
    """The bytes behind 0x, so many of them where that is said."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise malformed("no bytes in hex")
    data = bytes.fromhex(value[2:])
    if size is not None and len(data) != size:
        raise malformed(f"{len(data)} bytes where {size} belong")
    return data
