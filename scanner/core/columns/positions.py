"""Rows of a column by number, and what all columns do with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

Positions = Sequence[int]


def is_stretch(positions: Positions) -> TypeGuard[range]:
    """Whether the rows stand beside each other, so that they can be copied as one."""
    return isinstance(positions, range) and positions.step == 1


def items_at(data: bytes | bytearray, width: int, positions: Positions) -> bytes:
    """Items of `width` bytes each, those at `positions`, in that order."""
    if is_stretch(positions):
        return bytes(data[positions.start * width : max(positions.start, positions.stop) * width])
    return b"".join([data[at * width : (at + 1) * width] for at in positions])


def checked(at: int, count: int) -> int:
    """`at`, counted from the start. Raises IndexError outside of `count` rows."""
    if not -count <= at < count:
        raise IndexError(at)
    return at + count if at < 0 else at
