"""Values of which only a few are distinct, one for each row."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import eq
from typing import Final, Generic, TypeVar, overload

from scanner.core.columns.positions import Positions, is_stretch, require_rows

T = TypeVar("T", bound=Hashable)
U = TypeVar("U", bound=Hashable)

_FEW: Final = 64  # values: so many passes over bytes take as long as one that makes a number of each
_CODES: Final = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))


class Coded(Sequence[T], Generic[T]):
    """Values of which only a few are distinct."""

    __slots__ = ("_codes", "_numbers", "_values")

    def __init__(self, values: Iterable[T] = ()) -> None:
        self._values: list[T] = []
        self._numbers: dict[T, int] = {}
        self._codes: array[int] = array(_CODES[0][0])
        for value in values:
            self.append(value)

    @classmethod
    def of(cls, values: Sequence[T]) -> Coded[T]:
        """The same as `Coded(values)`, several times as fast."""
        made = cls()
        made._numbers = {value: code for code, value in enumerate(dict.fromkeys(values))}
        made._values = list(made._numbers)
        typecode = next(typecode for typecode, room in _CODES if len(made._values) <= room)
        made._codes = array(typecode, map(made._numbers.__getitem__, values))
        return made

    def append(self, value: T) -> None:
        code = self._numbers.get(value)
        if code is None:
            code = self._code(value)  # which may take up longer codes
        self._codes.append(code)

    def extend(self, value: T, count: int) -> None:
        """`count` times the same."""
        code = self._code(value)
        self._codes.extend(array(self._codes.typecode, [code]) * count)

    def join(self, other: Coded[T]) -> None:
        """All of `other`'s values."""
        codes = [self._code(value) for value in other._values]
        self._codes.extend(other._codes_changed(codes, self._codes.typecode))

    def dump(self) -> tuple[list[T], str, bytes]:
        """The distinct values; by which array type each row names one of them; these names in a row, in this machine's
        byte order. What `load` makes the same column of."""
        return list(self._values), self._codes.typecode, self._codes.tobytes()

    @classmethod
    def load(cls, values: Iterable[T], typecode: str, data: bytes) -> Coded[T]:
        """Raises ValueError for a type that no column has, for names that are cut short, or of no value."""
        column = cls()
        column._values = list(values)
        column._numbers = {value: code for code, value in enumerate(column._values)}
        if len(column._values) > dict(_CODES).get(typecode, -1):
            raise ValueError(f"{typecode!a} is no type of codes, or none for {len(column._values)} values")
        column._codes = array(typecode, data)
        if len(column._numbers) != len(column._values) or (column._codes and max(column._codes) >= len(column._values)):
            raise ValueError("a row names a value that is not there, or one that stands twice")
        return column

    def take(self, positions: Positions) -> Coded[T]:
        """The values at `positions`, in that order. Raises IndexError for a row that is not there."""
        codes = self._codes
        require_rows(positions, len(codes))
        if is_stretch(positions):
            taken = codes[positions.start : max(positions.start, positions.stop)]
        else:
            taken = array(codes.typecode, map(codes.__getitem__, positions))
        return self._recoded(self._values, taken)

    def mapped(self, change: Callable[[T], U]) -> Coded[U]:
        """Each value changed: as much work as there are distinct ones."""
        changed: Coded[U] = Coded()
        codes = [changed._code(change(value)) for value in self._values]
        changed._codes = self._codes_changed(codes, changed._codes.typecode)
        return changed

    @property
    def distinct(self) -> dict[T, int]:
        """How many rows have each value; only values that some row has."""
        if len(self._values) == 1:
            counts = {0: len(self._codes)}
        elif self._codes.itemsize == 1 and len(self._values) < _FEW:
            codes = self._codes.tobytes()
            counts = {code: codes.count(code) for code in range(len(self._values))}
        else:
            counts = Counter(self._codes)
        return {value: counts[code] for code, value in enumerate(self._values) if counts.get(code)}

    def first(self, value: T) -> int:
        """The position of the first row that has the value. Raises ValueError where none has."""
        if value not in self._numbers:
            raise ValueError(f"{value!a} is no row's")
        return self._codes.index(self._numbers[value])

    def positions(self) -> dict[T, Positions]:
        """The rows that have each value, ascending; only values that some row has."""
        distinct = self.distinct
        if len(distinct) == 1:
            return {value: range(len(self._codes)) for value in distinct}
        rows: dict[int, array[int]] = {self._numbers[value]: array("I") for value in distinct}
        for at, code in enumerate(self._codes):
            rows[code].append(at)
        return {self._values[code]: positions for code, positions in rows.items()}

    def beside(self, other: Coded[U]) -> Coded[tuple[T, U]]:
        """Each value with that of the same row of another column, which has as many rows (ValueError)."""
        if len(self) != len(other):
            raise ValueError(f"{len(other)} rows beside {len(self)}")
        mine, others = self.distinct, other.distinct
        if len(others) == 1:
            (single,) = others
            return self.mapped(lambda value: (value, single))
        if len(mine) == 1:
            (only,) = mine
            return other.mapped(lambda value: (only, value))
        return Coded(zip(self, other, strict=True))

    def where(self, chosen: Callable[[T], bool]) -> list[int]:
        """The positions of values for which `chosen` is true."""
        codes = {code for code, value in enumerate(self._values) if chosen(value)}
        return [at for at, code in enumerate(self._codes) if code in codes] if codes else []

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Coded[T]: ...
    def __getitem__(self, at: int | slice) -> T | Coded[T]:
        if isinstance(at, slice):
            return self.take(range(*at.indices(len(self))))
        return self._values[self._codes[at]]

    def __setitem__(self, at: int, value: T) -> None:
        code = self._code(value)  # may take up longer codes
        self._codes[at] = code

    def __iter__(self) -> Iterator[T]:
        return map(self._values.__getitem__, self._codes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Coded) and len(self) == len(other) and len(self.distinct) == 1:
            return self.distinct == other.distinct
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # it grows

    def _code(self, value: T) -> int:
        code = self._numbers.get(value)
        if code is None:
            code = self._numbers[value] = len(self._values)
            self._values.append(value)
            typecode = next(typecode for typecode, room in _CODES if code < room)
            if typecode != self._codes.typecode:
                self._codes = array(typecode, self._codes)
        return code

    def _codes_changed(self, codes: list[int], typecode: str) -> array[int]:
        """The codes of all rows, where a value has another code now: the one at its place in `codes`."""
        if len(codes) == 1:
            return array(typecode, codes) * len(self._codes)
        if self._codes.typecode == typecode and codes == list(range(len(codes))):
            return self._codes[:]
        if self._codes.itemsize == 1 and typecode == self._codes.typecode:
            return array(typecode, self._codes.tobytes().translate(bytes(codes) + bytes(256 - len(codes))))
        return array(typecode, map(codes.__getitem__, self._codes))

    def _recoded(self, values: list[T], codes: array[int]) -> Coded[T]:
        if len(values) > 2 * len(codes):  # most of them are of other rows
            return Coded(map(values.__getitem__, codes))
        made: Coded[T] = Coded()
        made._values, made._codes = list(values), codes
        made._numbers = dict(self._numbers)
        return made
