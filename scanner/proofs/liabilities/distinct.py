"""Whether a hash stands twice among millions: of each only a beginning is kept, and in a file where they are many.

What is held in memory does not grow with the number of hashes, but for one share in 256 of them while shares are looked
through one after the other. Nothing here knows a tree.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scanner.proofs.liabilities.interface import Spill
    from scanner.proofs.stored_records import SpillFile

KEPT: Final = 10
"""Bytes of each hash: among 10**8 hashes two are alike by chance once in 10**8 trees."""
IN_MEMORY: Final = 1 << 24
"""Bytes of beginnings, those of 1.7 million hashes, from which on they go to a file."""
_SHARES: Final = 256  # by the first byte


def kept_of(hashes: Iterable[bytes]) -> tuple[bytes, ...]:
    """The beginnings of hashes, by first byte."""
    beginnings = sorted(each[:KEPT].ljust(KEPT, b"\0") for each in hashes)
    cuts = [bisect_left(beginnings, bytes([first])) for first in range(_SHARES)] + [len(beginnings)]
    return tuple(b"".join(beginnings[cuts[first] : cuts[first + 1]]) for first in range(_SHARES))


class Distinct:
    """The beginnings of hashes, and whether one of them stands twice."""

    def __init__(self, spill: Spill | None = None, in_memory: int = IN_MEMORY) -> None:
        """`spill` opens the file that takes what comes to more than `in_memory` bytes; without it, memory does."""
        self._spill = spill
        self._in_memory = in_memory
        self._kept = [bytearray() for _ in range(_SHARES)]
        self._size = 0  # of what is in memory
        self._file: SpillFile | None = None
        self._written: list[list[int]] = []  # of each time that memory was emptied, how much each share had

    def add(self, kept: tuple[bytes, ...]) -> None:
        """The hashes of one block, as `kept_of` has them; or nothing. Raises OSError where no file takes them."""
        for known, more in zip(self._kept, kept, strict=False):
            known.extend(more)
            self._size += len(more)
        if self._spill is not None and self._size > self._in_memory:
            self._file = self._file or self._spill()
            self._write(self._file)

    def _write(self, file: SpillFile) -> None:
        try:
            for known in self._kept:
                file.write(bytes(known))
        except OSError:
            with suppress(OSError):  # closing it would write what is left
                file.close()
            raise
        self._written.append([len(known) for known in self._kept])
        self._kept = [bytearray() for _ in range(_SHARES)]
        self._size = 0

    def repeated(self) -> bytes | None:
        """The beginning of one that stands twice. Afterwards nothing more can be asked. Raises OSError."""
        try:
            return self._repeated()
        finally:
            if self._file is not None:
                self._file.close()

    def _repeated(self) -> bytes | None:
        starts = [sum(map(sum, self._written[:each])) for each in range(len(self._written))]
        for share, known in enumerate(self._kept):
            seen: set[bytes] = set()
            for part in (*self._stored(starts, share), bytes(known)):
                for start in range(0, len(part), KEPT):
                    beginning = part[start : start + KEPT]
                    if beginning in seen:
                        return beginning
                    seen.add(beginning)
            starts = [start + sizes[share] for start, sizes in zip(starts, self._written, strict=True)]
        return None

    def _stored(self, starts: list[int], share: int) -> Iterator[bytes]:
        """What the file has of a share: a part for each time that memory was emptied."""
        if self._file is None:
            return
        for start, sizes in zip(starts, self._written, strict=True):
            self._file.seek(start)
            part = self._file.read(sizes[share])
            if len(part) != sizes[share]:
                raise OSError("a file of this program's own has lost what was written to it")
            yield part
