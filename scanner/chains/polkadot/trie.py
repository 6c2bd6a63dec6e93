"""The state's trie of Substrate chains: from a root down to a key's value, or to the place where it would be.

Keys are walked four bits at a time. A node is found by its blake2b-256, or stands within its parent where it has fewer
than 32 bytes; a long value (state version 1) is found by its own hash. Whatever is not the one encoding of a node has
no meaning here, and what is missing is missing: only a node that has no such child shows that a key is not there.

Source: spec.polkadot.network, "State Storage" (Merkle value, node header, partial key).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.polkadot.scale import read_compact
from scanner.chains.records_by_hash import Find
from scanner.proofs.flaws import Flaw, ProofError

HASH_BYTES: Final = 32
_CHILDREN: Final = 16


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the first byte of a node says: how many of its bits are the kind, and what follows."""

    bits: int  # of the first byte, from the top
    branch: bool
    value: bool
    hashed: bool  # the value is the hash of a record


# By the bits that the kind takes: their value, and the kind. Source: spec.polkadot.network, "Node Header".
_KINDS: Final = (
    (0b01, _Kind(2, branch=False, value=True, hashed=False)),
    (0b10, _Kind(2, branch=True, value=False, hashed=False)),
    (0b11, _Kind(2, branch=True, value=True, hashed=False)),
    (0b001, _Kind(3, branch=False, value=True, hashed=True)),
    (0b0001, _Kind(4, branch=True, value=True, hashed=True)),
)
_EMPTY: Final = b"\0"


@dataclass(frozen=True, slots=True)
class _Node:
    partial: list[int]  # nibbles
    value: bytes | None
    hashed: bool
    children: dict[int, bytes]  # by nibble: a hash of 32 bytes, or the node itself


def value_at(root: bytes, key: bytes, find: Find) -> bytes | None:
    """The value at `key` under the root, None where it is shown that there is none. Raises ProofError."""
    left = [nibble for byte in key for nibble in (byte >> 4, byte & 15)]
    encoded = _found(root, find)
    if encoded == _EMPTY:
        return None
    while True:
        node = _decode(encoded)
        size = len(node.partial)
        if left[:size] != node.partial:
            return None
        left = left[size:]
        if not left:
            return _found(node.value, find) if node.hashed and node.value is not None else node.value
        child = node.children.get(left[0])
        if child is None:
            return None
        left = left[1:]
        encoded = _found(child, find) if len(child) == HASH_BYTES else child


def _found(digest: bytes, find: Find) -> bytes:
    record = find(digest)
    if record is None:
        raise ProofError(Flaw.INCOMPLETE, f"the record {digest.hex()} is missing")
    return record


def _decode(data: bytes) -> _Node:
    """The node in these bytes. Raises ProofError unless they are the encoding of one, and nothing more."""
    kind = next((kind for bits, kind in _KINDS if data[:1] and data[0] >> 8 - kind.bits == bits), None)
    if kind is None:
        raise ProofError(Flaw.MALFORMED, "no node of a trie begins so")
    partial, at = _partial(data, kind.bits)
    bitmap = 0
    if kind.branch:
        bitmap, at = int.from_bytes(_slice(data, at, 2), "little"), at + 2
        if not bitmap:
            raise ProofError(Flaw.MALFORMED, "a branch without children")
    value: bytes | None = None
    if kind.hashed:
        value, at = _slice(data, at, HASH_BYTES), at + HASH_BYTES
    elif kind.value:
        value, at = _sized(data, at)
    children: dict[int, bytes] = {}
    for nibble in range(_CHILDREN):
        if bitmap >> nibble & 1:
            children[nibble], at = _sized(data, at)
            if not 0 < len(children[nibble]) <= HASH_BYTES:
                raise ProofError(Flaw.MALFORMED, "a child that is neither a node nor the hash of one")
    if at != len(data):
        raise ProofError(Flaw.MALFORMED, "bytes after the end of a node")
    return _Node(partial, value, kind.hashed, children)


def _partial(data: bytes, bits: int) -> tuple[list[int], int]:
    """The nibbles that the node adds to the key, and where they end."""
    most = 0xFF >> bits
    count, at = data[0] & most, 1
    if count == most:
        more = 0xFF
        while more == 0xFF:
            more = _slice(data, at, 1)[0]
            count, at = count + more, at + 1
    packed = _slice(data, at, (count + 1) // 2)
    nibbles = [nibble for byte in packed for nibble in (byte >> 4, byte & 15)]
    if count % 2:
        if nibbles[0]:
            raise ProofError(Flaw.MALFORMED, "a key of odd length that does not begin with a zero")
        nibbles = nibbles[1:]
    return nibbles, at + len(packed)


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = read_compact(data, at)
    return _slice(data, at, size), at + size


def _slice(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ProofError(Flaw.MALFORMED, "a node that is cut short")
    return data[at : at + size]
