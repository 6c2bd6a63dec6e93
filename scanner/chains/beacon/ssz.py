"""Merkle branches of SSZ: that a value stands at a place of a container whose root is known.

A place is named by a generalized index: 1 is the root, the children of g are 2g and 2g + 1. A branch holds the
siblings on the way up, the lowest first.

Source: Ethereum consensus specs, `ssz/merkle-proofs.md` (generalized indices), `ssz/simple-serialize.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

ROOT = 32  # bytes


def root_of_branch(leaf: bytes, branch: Sequence[bytes], index: int) -> bytes:
    """The root that a leaf and its siblings come to. Raises ValueError for a branch of another length than the index
    has."""
    if len(branch) != index.bit_length() - 1:
        raise ValueError(f"a branch of {len(branch)} siblings, and {index.bit_length() - 1} lie above such a place")
    node = leaf
    for sibling in branch:
        node = sha256(sibling + node if index & 1 else node + sibling).digest()
        index >>= 1
    return node


def split(data: bytes) -> list[bytes]:
    """The 32-byte roots that stand one after the other."""
    return [data[start : start + ROOT] for start in range(0, len(data), ROOT)]


def packed_root(data: bytes) -> bytes:
    """The root of a byte string of 33 to 64 bytes and fixed length."""
    return sha256(data.ljust(2 * ROOT, b"\0")).digest()


def number_leaf(number: int) -> bytes:
    """A number's leaf: little-endian, in 32 bytes."""
    return number.to_bytes(ROOT, "little")


def merkle_root(leaves: Sequence[bytes], width: int) -> bytes:
    """The root over so many leaves, a power of two, those that are missing being zeros."""
    *_, (root,) = _layers(leaves, width)
    return root


def branch_of(leaves: Sequence[bytes], width: int, at: int) -> list[bytes]:
    """The siblings of the leaf at this place, the lowest first."""
    *below, _root = _layers(leaves, width)
    return [layer[at >> height ^ 1] for height, layer in enumerate(below)]


def _layers(leaves: Sequence[bytes], width: int) -> Iterator[list[bytes]]:
    """From the leaves, filled up with zeros, to the root alone."""
    layer = [*leaves, *[bytes(ROOT)] * (width - len(leaves))]
    yield layer
    while len(layer) > 1:
        layer = [sha256(layer[at] + layer[at + 1]).digest() for at in range(0, len(layer), 2)]
        yield layer
