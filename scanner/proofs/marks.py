"""Some of a witness's records, such as those that balances rest on: a byte for each that is stored.

The witness may grow meanwhile, and may move its records from memory into a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

_AT_ONCE: Final = 1 << 14  # hashes that are kept before their records are looked up: many come again and again


class Reached(Protocol):
    """What collects the hashes of records that balances rest on: a set, or Marks."""

    def update(self, *digests: Iterable[bytes]) -> None: ...


class Numbered(Protocol):
    """Records by their hash, of which those that lie in a file have numbers."""

    def place(self, digest: bytes) -> int | None: ...
    def hash_at(self, place: int) -> bytes: ...


class Marks:
    """Marked records of one witness, by their hashes. A hash that no record has may be marked too."""

    def __init__(self, of: Numbered) -> None:
        self._of = of
        self._hashes: set[bytes] = set()  # not looked up yet, or of records without a number
        self._room = _AT_ONCE
        self._flags = bytearray()  # by number: 1 of one that is marked

    def update(self, *digests: Iterable[bytes]) -> None:
        """Marks the records with these hashes, as `set.update` would take them in."""
        self._hashes.update(*digests)
        if len(self._hashes) > self._room:
            self._settle()
            self._room = max(_AT_ONCE, 2 * len(self._hashes))

    def of(self, records: Numbered) -> Marks:
        """The same marks, of records that have the same numbers."""
        made = Marks(records)
        made._hashes, made._flags, made._room = set(self._hashes), self._flags[:], self._room
        return made

    def __contains__(self, digest: bytes) -> bool:
        if digest in self._hashes:
            return True
        place = self._of.place(digest)
        return place is not None and place < len(self._flags) and self._flags[place] == 1

    def __len__(self) -> int:
        self._settle()
        return len(self._hashes) + self._flags.count(1)

    def __iter__(self) -> Iterator[bytes]:
        """The hashes, in no order. None may be marked meanwhile."""
        self._settle()
        yield from self._hashes
        at = self._flags.find(1)
        while at >= 0:
            yield self._of.hash_at(at)
            at = self._flags.find(1, at + 1)

    def _settle(self) -> None:
        """Puts a flag in place of each hash whose record has a number by now."""
        flags, without = self._flags, set()
        for digest in self._hashes:
            place = self._of.place(digest)
            if place is None:
                without.add(digest)
                continue
            if place >= len(flags):
                flags.extend(bytes(place + 1 - len(flags)))
            flags[place] = 1
        self._hashes = without
