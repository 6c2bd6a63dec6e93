"""The engine of hash trees for a whole tree in one file, the root first: every parent is hashed again.

The file is read with two cursors, one a level ahead of the other, and cut into blocks of parents with their children,
which may be checked on several processors. What is held does not grow with the tree: the beginnings of leaves' hashes,
by which one that stands twice is found, go to a file where they are many (`distinct`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.proofs.liabilities.distinct import Distinct, kept_of
from scanner.proofs.liabilities.interface import Each, Refuted, Spill

PARENTS: Final = 1 << 13
"""Parents of a block: a megabyte or two of text, and some 50 ms of work."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Lines of parents with all lines of their children, in the file's order."""

    height: int  # of the children; the leaves' is 1
    line: int  # the number of the first child's line, counted from 1
    first: int  # the first child's position on its level, in the file's order
    parents: bytes
    children: bytes


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """What a block that holds says of its leaves; empty above them."""

    leaves: int = 0
    kept: tuple[bytes, ...] = ()  # by first byte: the beginnings of the leaves' hashes; empty if there are none
    found: tuple[bytes, ...] = ()  # what was looked for


def checked_leaves(hashes: Sequence[bytes], found: Iterable[bytes] = ()) -> CheckedBlock:
    """Of leaves with these hashes, 32 bytes each."""
    return CheckedBlock(len(hashes), kept_of(hashes), tuple(found))


@dataclass(frozen=True, slots=True)
class Walked:
    """What is known of a tree all of whose parents were hashed again."""

    leaves: int
    found: tuple[bytes, ...]


def walk(
    blocks: Iterator[LineBlock], check: Callable[[LineBlock], CheckedBlock], each: Each, spill: Spill | None = None
) -> Walked:
    """Checks all blocks of a tree. Raises what `check` raises, Refuted for a leaf that stands twice, and OSError.

    `check` is called on other processors where `each` has some: it has to be picklable.
    """
    leaves, found, distinct = 0, [], Distinct(spill)
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
