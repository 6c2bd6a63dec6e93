"""Rows of a column by number, and what all columns do with them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final, TypeGuard

Positions = Sequence[int]

_AT_A_TIME: Final = 1 << 16
_UNSIGNED: Final = "BHILQ"  # types of arrays


def is_stretch(positions: Positions) -> TypeGuard[range]:
    """Whether the rows stand beside each other, so that they can be copied as one."""
    return isinstance(positions, range) and positions.step == 1


def require_rows(positions: Positions, count: int) -> None:
    """Raises IndexError unless all are rows of `count`, counted from the start: a column that left out what is not
    there would put every later value beside another row."""
    if not positions:
        return
    if isinstance(positions, range):
        ends = [positions[0], positions[-1]]
    else:
        ends = [max(positions)]
        if not (isinstance(positions, array) and positions.typecode in _UNSIGNED):
            ends.append(min(positions))
    for at in ends:
        if not 0 <= at < count:
            raise IndexError(at)


def items_at(data: bytes | bytearray, width: int, positions: Positions) -> bytes:
    """Items of `width` bytes each, those at `positions`, in that order. Raises IndexError."""
    require_rows(positions, len(data) // width)
    if is_stretch(positions):
        return bytes(data[positions.start * width : max(positions.start, positions.stop) * width])
    items = bytearray()
    for start in range(0, len(positions), _AT_A_TIME):  # an object each, while they are picked
        items += b"".join([data[at * width : (at + 1) * width] for at in positions[start : start + _AT_A_TIME]])
    return bytes(items)


def checked(at: int, count: int) -> int:
    """`at`, counted from the start. Raises IndexError outside of `count` rows."""
    if not -count <= at < count:
        raise IndexError(at)
    return at + count if at < 0 else at
