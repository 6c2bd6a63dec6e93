"""A record as a cell: its bits, read from the front, and the hashes of what it refers to; and TON's dictionaries.

A dictionary is a tree of cells by the bits of a key, whose edges carry labels. Not in here: what lies in them.

Sources: TVM's whitepaper, 3.1 (cells), 3.3 (dictionaries); `crypto/block/block.tlb` of ton-blockchain/ton.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.records_by_hash import Find
from scanner.chains.ton.cells import HASH_BYTES
from scanner.proofs.flaws import Flaw, ProofError

_DEPTH_BYTES: Final = 2
_EXOTIC: Final = 8  # of the first descriptor byte


class MissingCell(ProofError):
    """A walk that came to a cell which is not at hand: it was cut, or never had."""

    def __init__(self, digest: bytes) -> None:
        self.digest = digest
        super().__init__(Flaw.INCOMPLETE, f"the cell {digest.hex()} is missing")


class Slice:
    """What is left of a cell: bits, from the front, and hashes of what it refers to."""

    def __init__(self, record: bytes) -> None:
        """Raises ProofError for bytes that are no representation of a cell with nothing cut."""
        count, at = _references(record)
        second = record[1]
        data, rest = record[2 : 2 + (second + 1) // 2], record[at:]
        self.exotic = bool(record[0] & _EXOTIC)
        self.references = [rest[start : start + HASH_BYTES] for start in range(0, HASH_BYTES * count, HASH_BYTES)]
        number, self.bits = int.from_bytes(data), 8 * len(data)
        if second % 2:
            cut = (number & -number).bit_length()  # the bit that ends the data, and the zeros behind it
            if not 1 <= cut <= 8:
                raise ProofError(Flaw.MALFORMED, "a cell whose bits do not end")
            number, self.bits = number >> cut, self.bits - cut
        self._number = number

    def take(self, bits: int) -> int:
        """The number that the next bits are. Raises ProofError where there are fewer."""
        if bits > self.bits:
            raise ProofError(Flaw.MALFORMED, "a cell that is cut short")
        self.bits -= bits
        taken = self._number >> self.bits
        self._number &= (1 << self.bits) - 1
        return taken

    def signed(self, bits: int) -> int:
        """The same, in two's complement."""
        number = self.take(bits)
        return number - (1 << bits) if number >> bits - 1 else number

    def digest(self) -> bytes:
        """The next 256 bits."""
        return self.take(8 * HASH_BYTES).to_bytes(HASH_BYTES)

    def reference(self) -> bytes:
        """The hash of the next cell that is referred to. Raises ProofError where there is none."""
        if not self.references:
            raise ProofError(Flaw.MALFORMED, "a cell that refers to fewer than it should")
        return self.references.pop(0)

    def coins(self) -> int:
        """An amount: how many bytes, in four bits, and the bytes."""
        return self.take(8 * self.take(4))

    def tagged(self, tag: int, bits: int, what: str) -> None:
        """That the next bits are this tag. Raises ProofError."""
        if self.take(bits) != tag:
            raise ProofError(Flaw.MALFORMED, f"{what} is none")


def cell(digest: bytes, find: Find) -> Slice:
    """The ordinary cell with this hash. Raises MissingCell, and ProofError for another kind of cell."""
    found = any_cell(digest, find)
    if found.exotic:
        raise ProofError(Flaw.MALFORMED, "an exotic cell where none belongs")
    return found


def any_cell(digest: bytes, find: Find) -> Slice:
    """The cell with this hash, of whatever kind. Raises MissingCell."""
    record = find(digest)
    if record is None:
        raise MissingCell(digest)
    return Slice(record)


def entry_at(root: bytes, key: int, bits: int, find: Find) -> Slice | None:
    """What follows the label of the leaf for a key of so many bits, None where it is shown that there is no leaf.

    Of an augmented dictionary too, whose leaves have their extra before their value. Raises ProofError.
    """
    node = cell(root, find)
    while True:
        size, label = _label(node, bits)
        if label != key >> bits - size:
            return None
        bits -= size
        key &= (1 << bits) - 1
        if bits == 0:
            return node
        bits -= 1
        right = key >> bits
        key &= (1 << bits) - 1
        children = [node.reference(), node.reference()]
        node = cell(children[right], find)


def _label(node: Slice, most: int) -> tuple[int, int]:
    """How long an edge's label is, and its bits."""
    room = most.bit_length()  # bits in which a length up to `most` is given
    if not node.take(1):
        size = 0
        while node.take(1):
            size += 1
        bits = node.take(_within(size, most))
    elif not node.take(1):
        size = _within(node.take(room), most)
        bits = node.take(size)
    else:
        bit = node.take(1)
        size = _within(node.take(room), most)
        bits = (1 << size) - 1 if bit else 0
    return size, bits


def _within(size: int, most: int) -> int:
    if size > most:
        raise ProofError(Flaw.MALFORMED, "a label that is longer than its key")
    return size


def _references(record: bytes) -> tuple[int, int]:
    """How many cells the record refers to, and where their hashes begin."""
    first, second = (record[0], record[1]) if len(record) > 1 else (255, 0)
    count = first & 7
    at = 2 + (second + 1) // 2 + _DEPTH_BYTES * count
    if first & ~(7 | _EXOTIC) or count > 4 or len(record) != at + HASH_BYTES * count:
        raise ProofError(Flaw.MALFORMED, "no representation of a cell with nothing cut")
    return count, at
