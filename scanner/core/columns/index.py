"""Where in a column an item stands: a hash table of row numbers, in which the column itself keeps the keys.

A dict of the same items takes ten times the memory. Items are hashed with Python's own keyed hash, so no one who writes
a file can choose items that all fall on one place.
"""

from __future__ import annotations

from array import array

from scanner.core.columns.accounts import Accounts

_FIRST = 64  # places
_GROWTH = 2


class AccountIndex:
    """Finds items of a column that only grows. Two items that are alike have one entry, the first's."""

    __slots__ = ("_column", "_entered", "_places")

    def __init__(self, column: Accounts) -> None:
        self._column = column
        self._entered = 0
        self._places = array("I", bytes(4 * _FIRST))  # row numbers, from 1; 0 where no row is
        self.catch_up()

    def find(self, item: bytes) -> int | None:
        """The row of the item, or None if none was entered."""
        return self._at(item)[1]

    def enter(self) -> None:
        """Takes in the first row that was not entered yet. Raises IndexError where there is none."""
        if self._entered >= len(self._column):
            raise IndexError(self._entered)
        if 2 * (self._entered + 1) > len(self._places):
            self._grow()
        self._put(self._entered)
        self._entered += 1

    def catch_up(self) -> None:
        """Takes in all rows that were not entered yet."""
        while self._entered < len(self._column):
            self.enter()

    @property
    def entered(self) -> int:
        """How many rows were."""
        return self._entered

    def _put(self, row: int) -> None:
        place, known = self._at(self._column.at(row))
        if known is None:
            self._places[place] = row + 1

    def _at(self, item: bytes) -> tuple[int, int | None]:
        """The item's place, and the row that is there already."""
        places, column, mask = self._places, self._column, len(self._places) - 1
        place = hash(item) & mask
        while number := places[place]:
            if column.at(number - 1) == item:
                return place, number - 1
            place = (place + 1) & mask
        return place, None

    def _grow(self) -> None:
        self._places = array("I", bytes(4 * _GROWTH * len(self._places)))
        for row in range(self._entered):
            self._put(row)
