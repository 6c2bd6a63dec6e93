"""Whole numbers, one for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import eq
from struct import pack, unpack
from typing import Final, overload

from scanner.core.columns.positions import Positions, checked, items_at

WORD: Final = 32
"""Bytes of a number in a packed column: an EVM word."""

_LARGEST: Final = (1 << 8 * WORD) - 1
_LANES: Final = WORD // 8
_WIDTHS: Final = (4, 8, 16, WORD + 1)  # the last has room for None beside all that a word can hold
_CODES: Final = {4: "I", 8: "Q"}  # of `struct`, for words that it knows
_AT_A_TIME: Final = 4096  # words that are made numbers of together


class Words(Sequence[int | None]):
    """Whole numbers from 0 to 2**256 - 1, or None. Wider words are taken up when the first number needs them."""

    __slots__ = ("_data", "_none", "_width")

    def __init__(self, values: Iterable[int | None] = ()) -> None:
        self._of_width(_WIDTHS[0], bytearray())
        for value in values:
            self.append(value)

    @classmethod
    def of(cls, values: Sequence[int | None]) -> Words:
        """The same as `Words(values)`, several times as fast. Raises ValueError for a number out of range."""
        if None in values:
            return cls(values)
        numbers: Sequence[int] = values  # type: ignore[assignment]  # none of them is None
        lowest, highest = min(numbers, default=0), max(numbers, default=0)
        if lowest < 0 or highest > _LARGEST:
            raise ValueError(f"{lowest if lowest < 0 else highest} is no amount of atoms; expected 0 to 2**256 - 1")
        width = next(width for width in _WIDTHS if highest < (1 << 8 * width) - 1)
        words = cls()
        if width in _CODES:
            words._of_width(width, bytearray(pack(f">{len(numbers)}{_CODES[width]}", *numbers)))
        else:
            words._of_width(width, bytearray(b"".join([number.to_bytes(width) for number in numbers])))
        return words

    def append(self, value: int | None) -> None:
        """Raises ValueError for a number out of range."""
        word = self._word(value)  # which may take up wider words
        self._data += word

    def extend(self, column: bytes) -> None:
        """Numbers as a packed column has them: 32 bytes each, big-endian. Raises ValueError where one is cut short."""
        count, rest = divmod(len(column), WORD)
        if rest:
            raise ValueError(f"{len(column)} bytes are no numbers of {WORD}")
        width = _narrowest(column, self._width)
        if width > self._width:
            self._widen(width)
        added = bytearray(count * width)
        if width % 8:
            for place in range(min(width, WORD)):
                added[width - 1 - place :: width] = column[WORD - 1 - place :: WORD]
        else:  # the same, eight bytes at a time
            lanes, wide = width // 8, memoryview(column).cast("Q")
            narrow = memoryview(added).cast("Q")
            for lane in range(lanes):
                narrow[lane::lanes] = wide[_LANES - lanes + lane :: _LANES]
            narrow.release()
        self._data += added

    def join(self, other: Words) -> None:
        """All of `other`'s numbers."""
        if other._width > self._width:
            self._widen(other._width)
        elif other._width < self._width:
            other = other.take(range(len(other)))
            other._widen(self._width)
        self._data += bytes(other._data)  # a copy: a column may be joined to itself

    def packed(self) -> bytes:
        """The numbers as a packed column; where one is None the column holds filler."""
        column = bytearray(WORD * len(self))
        for place in range(min(self._width, WORD)):
            column[WORD - 1 - place :: WORD] = self._data[self._width - 1 - place :: self._width]
        return bytes(column)

    def dump(self) -> tuple[int, bytes]:
        """How many bytes each number takes, and all of them in a row: what `load` makes the same column of."""
        return self._width, bytes(self._data)

    @classmethod
    def load(cls, width: int, data: bytes) -> Words:
        """Raises ValueError for a width that no column has, or numbers that are cut short."""
        if width not in _WIDTHS or len(data) % width:
            raise ValueError(f"{len(data)} bytes are no numbers of {width}")
        words = cls()
        words._of_width(width, bytearray(data))
        return words

    def take(self, positions: Positions) -> Words:
        """The numbers at `positions`, in that order. Raises IndexError for a row that is not there."""
        taken = Words()
        taken._of_width(self._width, bytearray(items_at(self._data, self._width, positions)))
        return taken

    def __len__(self) -> int:
        return len(self._data) // self._width

    @overload
    def __getitem__(self, at: int) -> int | None: ...
    @overload
    def __getitem__(self, at: slice) -> Words: ...
    def __getitem__(self, at: int | slice) -> int | Words | None:
        if isinstance(at, slice):
            return self.take(range(*at.indices(len(self))))
        start = checked(at, len(self)) * self._width
        value = int.from_bytes(self._data[start : start + self._width])
        return None if value == self._none else value

    def __setitem__(self, at: int, value: int | None) -> None:
        word = self._word(value)
        start = checked(at, len(self)) * self._width
        self._data[start : start + self._width] = word

    def __iter__(self) -> Iterator[int | None]:
        return chain.from_iterable(self._pieces())

    def _pieces(self) -> Iterator[Sequence[int | None]]:
        """All numbers, some thousands at a time."""
        data, width, none = bytes(self._data), self._width, self._none
        piece = _AT_A_TIME * width
        for start in range(0, len(data), piece):
            numbers = _numbers(data[start : start + piece], width)
            yield [None if number == none else number for number in numbers] if none in numbers else numbers

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Words) and self._width == other._width:
            return self._data == other._data
        return isinstance(other, Words) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # it grows

    def _of_width(self, width: int, data: bytearray) -> None:
        self._width, self._data = width, data
        self._none = (1 << 8 * width) - 1  # what stands for None

    def _word(self, value: int | None) -> bytes:
        if value is None:
            return self._none.to_bytes(self._width)
        if not 0 <= value <= _LARGEST:  # of which the widest words would have room for more
            raise ValueError(f"{value} is no amount of atoms; expected 0 to 2**256 - 1")
        if value >= self._none:
            self._widen(next(width for width in _WIDTHS if value < (1 << 8 * width) - 1))
        return value.to_bytes(self._width)

    def _widen(self, width: int) -> None:
        """Every word becomes longer in front: by zeros, or by what makes None of it."""
        old, count = self._width, len(self)
        wider = bytearray(count * width)
        for place in range(old):
            wider[width - 1 - place :: width] = self._data[old - 1 - place :: old]
        nones = [at for at, value in enumerate(self) if value is None] if b"\xff" * old in self._data else []
        for at in nones:
            wider[at * width : (at + 1) * width] = b"\xff" * width
        self._of_width(width, wider)


def _numbers(data: bytes, width: int) -> Sequence[int]:
    """The words of `width` bytes each, as numbers."""
    if width in _CODES:
        return unpack(f">{len(data) // width}{_CODES[width]}", data)
    if width == 16:
        halves = unpack(f">{len(data) // 8}Q", data)
        return [high << 64 | low for high, low in zip(halves[::2], halves[1::2], strict=True)]
    number = int.from_bytes
    return [number(data[at : at + width]) for at in range(0, len(data), width)]


def _narrowest(column: bytes, least: int) -> int:
    """The narrowest width, `least` or more, in which a packed column's numbers fit and none of them reads as None."""
    count = len(column) // WORD
    eights = memoryview(column).cast("Q")
    unused = next((lane for lane in range(_LANES) if bytes(eights[lane::_LANES]).count(0) != 8 * count), _LANES)
    first = range(8 * unused, min(8 * unused + 8, WORD))
    highest = next((at for at in first if column[at::WORD].count(0) != count), WORD)  # the first byte in use
    needed = WORD - highest + (highest < WORD and b"\xff" in column[highest::WORD])
    return next(width for width in _WIDTHS if width >= max(least, needed))
