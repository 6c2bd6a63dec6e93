"""Merkle branches of SSZ: that a value stands at a place of a container whose root is known.

A place is named by a generalized index: 1 is the root, the children of g are 2g and 2g + 1. A branch holds the
siblings on the way up, the lowest first.

Source: Ethereum consensus specs, `ssz/merkle-proofs.md` (generalized indices), `ssz/simple-serialize.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
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


def within(outer: int, *inner: int) -> int:
    """The index, from the outermost root, of a place in a container that stands at a place of another, and so on."""
    for index in inner:
        depth = index.bit_length() - 1
        outer = (outer << depth) | (index ^ (1 << depth))
    return outer


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
    return levels(b"".join(leaves), width.bit_length() - 1)[-1]


def branch_of(leaves: Sequence[bytes], width: int, at: int) -> list[bytes]:
    """The siblings of the leaf at this place, the lowest first."""
    return siblings(levels(b"".join(leaves), width.bit_length() - 1), at)


def levels(leaves: bytes, depth: int) -> list[bytes]:
    """From the leaves, 32 bytes each, one level after the other up to the root, which is `depth` levels above them.

    Whatever is missing of the 2 ** depth leaves is zeros; of no level more is kept than is not zeros alone. Raises
    ValueError for more leaves than that.
    """
    if len(leaves) > ROOT << depth or len(leaves) % ROOT:
        raise ValueError(f"{len(leaves)} bytes of leaves, and there is room for {2**depth} of {ROOT}")
    found = [leaves]
    for height in range(depth):
        level = found[-1]
        if len(level) % (2 * ROOT):
            level += zeros_root(height)
        nodes = (sha256(level[start : start + 2 * ROOT]).digest() for start in range(0, len(level), 2 * ROOT))
        found.append(b"".join(nodes))
    return [*found[:-1], found[-1] or zeros_root(depth)]


def siblings(of: Sequence[bytes], at: int) -> list[bytes]:
    """Of the leaf at this place below `levels`, the lowest first."""
    found = []
    for height, level in enumerate(of[:-1]):
        start = ROOT * (at >> height ^ 1)
        found.append(level[start : start + ROOT] or zeros_root(height))
    return found


@cache
def zeros_root(height: int) -> bytes:
    """The root over 2 ** height leaves of zeros."""
    return bytes(ROOT) if height == 0 else sha256(2 * zeros_root(height - 1)).digest()
