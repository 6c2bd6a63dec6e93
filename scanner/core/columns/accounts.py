"""Byte strings, one for each row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate
from operator import eq, itemgetter
from struct import iter_unpack
from typing import overload

from scanner.core.columns.positions import Positions, checked, items_at, require_rows

_ONLY = itemgetter(0)


class Accounts(Sequence[bytes]):
    """Byte strings, in a row."""

    __slots__ = ("_data", "_digest", "_ends", "_width")

    def __init__(self, items: Iterable[bytes] = ()) -> None:
        self._data: bytes | bytearray = bytearray()
        self._width: int | None = None  # of all items, while they have one; None where there are none
        self._ends: array[int] | None = None  # where each item ends, once they are of several lengths
        self._digest: bytes | None = None  # once it was asked for
        for item in items:
            self.append(item)

    @classmethod
    def of_width(cls, data: bytes, width: int) -> Accounts:
        """Items of `width` bytes each, as they stand in `data`. Raises ValueError for a last one that is cut short."""
        if width < 1 or len(data) % width:
            raise ValueError(f"{len(data)} bytes are no items of {width}")
        items = cls()
        items._data, items._width = data, width if data else None
        return items

    @classmethod
    def of(cls, items: Sequence[bytes]) -> Accounts:
        """The same as `Accounts(items)`, several times as fast."""
        widths = set(map(len, items))
        if len(widths) == 1 and 0 not in widths:
            return cls.of_width(b"".join(items), widths.pop())
        made = cls()
        if widths:
            made._data, made._width = b"".join(items), len(items[0]) or None
            made._ends = array("Q", accumulate(map(len, items)))
        return made

    def append(self, item: bytes) -> None:
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        self._digest = None
        if self._ends is None and len(item) != self._width:
            if self._width is None and item:
                self._width = len(item)
            else:
                width = self._width or 1
                self._ends = array("Q", range(width, len(self._data) + 1, width))
        self._data += item
        if self._ends is not None:
            self._ends.append(len(self._data))

    @property
    def width(self) -> int | None:
        """How many bytes each item has; None where they differ, or there is none."""
        return self._width if self._ends is None else None

    def join(self, other: Accounts) -> None:
        """All of `other`'s items."""
        if self._ends is None and other._ends is None and self._width in (None, other._width):
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            self._data += bytes(other._data)  # a copy: a column may be joined to itself
            self._width, self._digest = other._width if other._data else self._width, None
            return
        if not len(other):
            return
        ends = other._ends
        if ends is None:
            width = other._width or 1
            ends = array("Q", range(width, len(other._data) + 1, width))
        if self._ends is None:
            width = self._width or 1
            self._ends = array("Q", range(width, len(self._data) + 1, width))
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        added = [len(self._data) + end for end in ends]
        self._data += bytes(other._data)
        self._ends.extend(added)
        self._digest = None

    def packed(self) -> bytes:
        """All items in a row."""
        return bytes(self._data)

    def digest(self) -> bytes:
        """32 bytes that no other sequence of items has."""
        if self._digest is None:
            ends = f"{self._width}".encode() if self._ends is None else self._ends.tobytes()
            key = blake2b(ends, digest_size=32).digest()
            self._digest = blake2b(self._data, digest_size=32, key=key).digest()
        return self._digest

    def take(self, positions: Positions) -> Accounts:
        """The items at `positions`, in that order. Raises IndexError for a row that is not there."""
        taken = Accounts()
        if self._ends is None and self._width is not None:
            taken._width = self._width if len(positions) else None
            taken._data = items_at(self._data, self._width, positions)
            return taken
        require_rows(positions, len(self))
        return self.of([self.at(position) for position in positions])

    def __len__(self) -> int:
        if self._ends is not None:
            return len(self._ends)
        return len(self._data) // self._width if self._width else 0

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Accounts: ...
    def __getitem__(self, at: int | slice) -> bytes | Accounts:
        if isinstance(at, slice):
            return self.take(range(*at.indices(len(self))))
        return self.at(checked(at, len(self)))

    def at(self, row: int) -> bytes:
        """The item of a row that is there, counted from the start: indexing for those who have counted already."""
        if self._ends is not None:
            return bytes(self._data[self._ends[row - 1] if row else 0 : self._ends[row]])
        width = self._width or 0
        return bytes(self._data[row * width : (row + 1) * width])

    def __iter__(self) -> Iterator[bytes]:
        data = bytes(self._data)
        if self._ends is None:
            return map(_ONLY, iter_unpack(f"{self._width or 1}s", data))
        return map(data.__getitem__, map(slice, (0, *self._ends[:-1]), self._ends))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Accounts) or len(self) != len(other):
            return False
        if self._ends is None and other._ends is None and self._width == other._width:
            return self._data == other._data
        return all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # it grows
