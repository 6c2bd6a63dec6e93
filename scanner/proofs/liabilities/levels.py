"""The engine of hash trees for a whole tree in one file, the root first: every parent is hashed again.

The file is read with two cursors, one a level ahead of the other, and cut into blocks of parents with their children,
which may be checked on several processors. What is held does not grow with the tree, but for ten bytes a leaf, by which
a leaf that stands twice is found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.proofs.liabilities.interface import Each, Refuted

PARENTS: Final = 1 << 13
"""Parents of a block: a megabyte or two of text, and some 50 ms of work."""
_KEPT: Final = 10
"""Bytes of each leaf's hash: among 10**8 leaves two are alike by chance once in 10**8 trees."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of parents with all lines of their children, in the file's order."""

    height: int  # of the children; the leaves' is 1
    line: int  # the number of the first child's line, counted from 1
    first: int  # the first child's position on its level, in the file's order
    parents: bytes
    children: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """What a block that holds says of its leaves; empty above them."""

    leaves: int = 0
    kept: tuple[bytes, ...] = ()  # by first byte: the beginnings of the leaves' hashes; empty if there are none
    found: tuple[bytes, ...] = ()  # what was looked for


def checked_leaves(hashes: Sequence[bytes], found: Iterable[bytes] = ()) -> Checked:
    """Of leaves with these hashes, 32 bytes each."""
    return Checked(len(hashes), kept_of(hashes), tuple(found))


def kept_of(hashes: Iterable[bytes]) -> tuple[bytes, ...]:
    """The beginnings of hashes, by first byte."""
    beginnings = sorted(each[:_KEPT].ljust(_KEPT, b"\0") for each in hashes)
    cuts = [bisect_left(beginnings, bytes([first])) for first in range(256)] + [len(beginnings)]
    return tuple(b"".join(beginnings[cuts[first] : cuts[first + 1]]) for first in range(256))


class Distinct:
    """Whether any hash stands twice, of which only beginnings are kept."""

    def __init__(self) -> None:
        self._kept = [bytearray() for _ in range(256)]

    def add(self, kept: tuple[bytes, ...]) -> None:
        """The hashes of one block, as `kept_of` has them."""
        for known, more in zip(self._kept, kept, strict=False):
            known.extend(more)

    def repeated(self) -> bytes | None:
        """The beginning of one that stands twice."""
        for known in self._kept:
            seen: set[bytes] = set()
            for start in range(0, len(known), _KEPT):
                beginning = bytes(known[start : start + _KEPT])
                if beginning in seen:
                    return beginning
                seen.add(beginning)
        return None


@dataclass(frozen=True, slots=True)
class Walked:
    """What is known of a tree all of whose parents were hashed again."""

    leaves: int
    found: tuple[bytes, ...]


def walk(blocks: Iterator[Block], check: Callable[[Block], Checked], each: Each) -> Walked:
    """Checks all blocks of a tree. Raises what `check` raises, and Refuted for a leaf that stands twice.

    `check` is called on other processors where `each` has some: it has to be picklable.
    """
    leaves, found, distinct = 0, [], Distinct()
    for checked in each(check, blocks):
        leaves += checked.leaves
        found.extend(checked.found)
        distinct.add(checked.kept)
    if (repeated := distinct.repeated()) is not None:
        raise Refuted(f"a leaf stands twice: {repeated.hex()}...")
    return Walked(leaves, tuple(found))


def first_wrong(expected: Sequence[bytes], stated: bytes) -> tuple[int, bytes]:
    """Of parents that do not hold: the first, by its position in the block, and its line as stated."""
    lines = stated.split(b"\n")[:-1]
    return next(
        ((position, line) for position, line in enumerate(lines) if expected[position : position + 1] != [line]),
        (0, b""),
    )
