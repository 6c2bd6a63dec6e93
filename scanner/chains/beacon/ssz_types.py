"""Values as SSZ writes them: what types of them there are, their parts, and their roots, from the bytes alone.

The bytes are hostile: lengths and offsets are checked before anything is cut, and what the types nest is fixed by the
types and not by the bytes. That a value means something is not checked: its root is what it is held against.

Not in here: which types a chain has (`bodies`).

Source: Ethereum consensus specs, `ssz/simple-serialize.md` (serialization, merkleization).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Protocol

from scanner.chains.beacon.ssz import ROOT, levels, number_leaf, siblings

OFFSET = 4  # bytes that say where a part of no fixed length begins


class SszType(Protocol):
    """Of a value."""

    @property
    def size(self) -> int | None:
        """Bytes of each; None where they may differ."""

    def root(self, data: bytes) -> bytes:
        """SSZ's hash_tree_root. Raises ValueError for bytes that are no value of this type."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Bytes of fixed length without parts of their own: numbers, roots, keys, bits, and vectors of numbers or roots."""

    size: int

    def root(self, data: bytes) -> bytes:
        _expect(len(data) == self.size, f"{len(data)} bytes, and {self.size} belong there")
        return levels(_chunks(data), _depth(-(-self.size // ROOT)))[-1]


@dataclass(frozen=True, slots=True)
class Packed:
    """A list of numbers or roots, all of one size, or of bytes."""

    item: int  # bytes of each
    most: int
    size: None = None

    @property
    def depth(self) -> int:
        """Levels from the packed chunks to their root, the length not yet mixed in."""
        return _depth(-(-self.most * self.item // ROOT))

    def root(self, data: bytes) -> bytes:
        count, rest = divmod(len(data), self.item)
        _expect(not rest and count <= self.most, f"{len(data)} bytes are no list of at most {self.most}")
        return with_length(levels(_chunks(data), self.depth)[-1], count)


@dataclass(frozen=True, slots=True)
class Bits:
    """A list of bits, behind the last of which stands one more that ends it."""

    most: int
    size: None = None

    def root(self, data: bytes) -> bytes:
        _expect(len(data) > 0 and data[-1] > 0, "a list of bits that has no end")
        count = 8 * (len(data) - 1) + data[-1].bit_length() - 1
        _expect(count <= self.most, f"{count} bits, at most {self.most} are taken")
        kept = (data[:-1] + bytes([data[-1] ^ 1 << count % 8]))[: -(-count // 8)]
        return with_length(levels(_chunks(kept), _depth(-(-self.most // 256)))[-1], count)


@dataclass(frozen=True, slots=True)
class VectorOf:
    """A vector of values with parts of their own, each of the same fixed length."""

    item: SszType
    count: int

    @property
    def size(self) -> int:
        return (self.item.size or 0) * self.count

    def root(self, data: bytes) -> bytes:
        step = self.item.size or 0
        _expect(len(data) == self.size, f"{len(data)} bytes, and {self.size} belong there")
        roots = [self.item.root(data[start : start + step]) for start in range(0, len(data), step)]
        return levels(b"".join(roots), _depth(self.count))[-1]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values with parts of their own, or of no fixed length."""

    item: SszType
    most: int
    size: None = None

    @property
    def depth(self) -> int:
        """Levels from the values' roots to the root over them, the length not yet mixed in."""
        return _depth(self.most)

    def root(self, data: bytes) -> bytes:
        items = self._items(data)
        return with_length(levels(b"".join(map(self.item.root, items)), self.depth)[-1], len(items))

    def _items(self, data: bytes) -> list[bytes]:
        step = self.item.size
        if step is None:
            if not data:
                return []
            first = int.from_bytes(data[:OFFSET], "little")
            _expect(len(data) >= OFFSET and first >= OFFSET and first % OFFSET == 0, "an offset that points nowhere")
            _expect(first // OFFSET <= self.most, f"a list of more than {self.most}")
            return _cut(data, range(0, first, OFFSET), first)
        count, rest = divmod(len(data), step)
        _expect(not rest and count <= self.most, f"{len(data)} bytes are no list of at most {self.most}")
        return [data[start : start + step] for start in range(0, len(data), step)]


@dataclass(frozen=True)
class Container:
    """A value of several fields, each with a name."""

    fields: tuple[tuple[str, SszType], ...]

    @cached_property
    def size(self) -> int | None:
        """Bytes of it, where all its fields have a fixed length."""
        sizes = [kind.size for _, kind in self.fields]
        return None if None in sizes else self.fixed

    @cached_property
    def fixed(self) -> int:
        """Bytes of the part before the fields of no fixed length, each of which has its offset there."""
        return sum(OFFSET if kind.size is None else kind.size for _, kind in self.fields)

    def place(self, name: str) -> int:
        """Which field has this name."""
        return [each for each, _ in self.fields].index(name)

    def parts(self, data: bytes) -> list[bytes]:
        """The bytes of each field. Raises ValueError."""
        _expect(
            len(data) == self.size if self.size is not None else len(data) >= self.fixed, "a value that is cut short"
        )
        found: list[bytes] = []
        offsets: list[int] = []
        at = 0
        for _, kind in self.fields:
            length = OFFSET if kind.size is None else kind.size
            if kind.size is None:
                offsets.append(at)
            found.append(data[at : at + length])
            at += length
        rest = iter(_cut(data, offsets, self.fixed))
        return [next(rest) if kind.size is None else each for each, (_, kind) in zip(found, self.fields, strict=True)]

    def roots(self, data: bytes) -> list[bytes]:
        """The root of each field. Raises ValueError."""
        return [kind.root(part) for part, (_, kind) in zip(self.parts(data), self.fields, strict=True)]

    @property
    def depth(self) -> int:
        """Levels from the fields' roots to the container's."""
        return _depth(len(self.fields))

    def root(self, data: bytes) -> bytes:
        return self.root_of(self.roots(data))

    def root_of(self, roots: Sequence[bytes]) -> bytes:
        """The root over these of all fields."""
        return levels(b"".join(roots), self.depth)[-1]

    def branch(self, roots: Sequence[bytes], name: str) -> list[bytes]:
        """The siblings of a field's root among these of all fields, the lowest first."""
        return siblings(levels(b"".join(roots), self.depth), self.place(name))


def container(**fields: SszType) -> Container:
    """A container with these fields, in order."""
    return Container(tuple(fields.items()))


def with_length(root: bytes, count: int) -> bytes:
    """The root of a list of so many."""
    return sha256(root + number_leaf(count)).digest()


def _cut(data: bytes, offsets: Sequence[int], first: int) -> list[bytes]:
    """The pieces of `data` that these offsets in it point at, one behind the other up to its end."""
    starts = [int.from_bytes(data[at : at + OFFSET], "little") for at in offsets]
    if not starts:
        return []
    ends = [*starts[1:], len(data)]
    _expect(starts[0] == first, "an offset that does not point behind the fixed part")
    _expect(all(start <= end for start, end in zip(starts, ends, strict=True)), "offsets that do not ascend")
    return [data[start:end] for start, end in zip(starts, ends, strict=True)]


def _chunks(data: bytes) -> bytes:
    return data + bytes(-len(data) % ROOT)


def _depth(chunks: int) -> int:
    return max(chunks - 1, 0).bit_length()


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
