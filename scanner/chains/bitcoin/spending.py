"""A transaction without its witness, from hostile bytes: which outputs it spends, and which it makes.

These are the bytes whose hash is the transaction's name: no name commits to a witness, so that it has no place here.
Nothing is judged: whether a signature held was the network's to decide.

Source: Bitcoin developer reference, "Raw transaction format"; BIP-141, BIP-144 (what the name commits to).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.bitcoin.header import double_sha256
from scanner.proofs.flaws import Flaw, ProofError

_INNER_NODE: Final = 64
"""Bytes of an inner node of a block's Merkle tree, which could be read as a transaction as long, and stand for one."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Names are 32 bytes in hashing order; amounts in atoms."""

    name: bytes
    spent: tuple[tuple[bytes, int], ...]  # the transactions, and the numbers of their outputs
    outputs: tuple[tuple[int, bytes], ...]  # amounts, and scripts


def read_spending(raw: bytes) -> Spending:
    """Raises ProofError for anything but one whole transaction in the form that is hashed for its name."""
    if len(raw) == _INNER_NODE:
        raise ProofError(Flaw.MALFORMED, "a transaction of 64 bytes, which may be an inner node of a Merkle tree")
    reader = _Reader(raw)
    reader.take(4)
    spent = []
    for _ in range(reader.count()):
        spent.append((reader.take(32), int.from_bytes(reader.take(4), "little")))
        reader.take(reader.count())
        reader.take(4)
    outputs = []
    for _ in range(reader.count()):
        amount = int.from_bytes(reader.take(8), "little")
        outputs.append((amount, reader.take(reader.count())))
    reader.take(4)
    if not spent or not outputs or reader.left:
        raise ProofError(Flaw.MALFORMED, "bytes that are no transaction without its witness")
    return Spending(double_sha256(raw), tuple(spent), tuple(outputs))


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._raw) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise ProofError(Flaw.MALFORMED, "a transaction that ends too early")
        self._at += count
        return self._raw[self._at - count : self._at]

    def count(self) -> int:
        """A CompactSize integer, in its shortest form."""
        first = self.take(1)[0]
        if first < 0xFD:
            return first
        size = 2 << (first - 0xFD)
        found = int.from_bytes(self.take(size), "little")
        if found < (0xFD if size == 2 else 1 << (4 * size)):
            raise ProofError(Flaw.MALFORMED, "a length in a transaction that is not written in the shortest way")
        return found
