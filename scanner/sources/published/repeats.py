"""Rows that name the same asset and account twice, found without keeping the rows.

A holding counts once, in whatever spelling, under whatever label and at whatever height it stands again: the first row
counts, a later one that says the same is a DUPLICATE, and one that claims another amount, height or kind is a CONFLICT,
after which neither amount is believed. Each row leaves a record of fixed size, in one of several buckets by its
account; buckets that grow go to temporary files, so that memory stays flat. An account longer than an EVM one is known
by its hash of 160 bits: that two share one is less likely than a forged signature.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from struct import Struct
from types import TracebackType
from typing import IO, Final, NamedTuple

from scanner.errors import InputError
from scanner.sources.published.meanings import Meaning
from scanner.sources.published.row import Kind, PublishedRow
from scanner.sources.published.rows import RowRefusal

_ACCOUNT: Final = 20  # bytes of an account, or of its hash
_AS_IT_IS, _HASHED = b"\0", b"\1"  # so that no account can be another one's hash
_KEY: Final = 4 + _ACCOUNT + 1
_RECORD: Final = Struct(f">{_KEY}sIQIHHBB16s")
_pack = _RECORD.pack
_BUCKETS: Final = 64
_SPILL: Final = 2**16  # bytes of one bucket that are kept in memory
_MOST: Final = 2**27  # bytes of one bucket; a file of honest rows fills all alike
_NOTHING: Final = 255  # for an amount that is not claimed
_NO_HEIGHT: Final = 2**64 - 1
_KINDS: Final = tuple(Kind)
_KIND_NUMBERS: Final = {kind: number for number, kind in enumerate(Kind)}


class Seen(NamedTuple):
    """What a row left behind."""

    key: bytes
    ordinal: int
    height: int
    line: int
    member: int
    label: int
    kind_number: int
    digits: int
    coefficient: bytes

    @property
    def kind(self) -> Kind:
        return _KINDS[self.kind_number]

    @property
    def claimed(self) -> Fraction | None:
        """Whole coins."""
        return None if self.digits == _NOTHING else Fraction(int.from_bytes(self.coefficient, "big"), 10**self.digits)

    def contradicts(self, first: Seen) -> bool:
        if (self.height, self.kind_number) != (first.height, first.kind_number):
            return True
        return self.claimed != first.claimed and self.claimed is not None and first.claimed is not None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that is not counted, and the earlier one that is."""

    reason: RowRefusal
    first: Seen
    later: Seen


class Repeats:
    """Takes every accepted row once, in order; then tells which are repeats. A context manager, for its files."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._buckets = [bytearray() for _ in range(_BUCKETS)]
        self._files: dict[int, IO[bytes]] = {}

    def __enter__(self) -> Repeats:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files.values():
            file.close()

    def add(self, ordinal: int, row: PublishedRow, meaning: Meaning, member: int) -> None:
        """`ordinal` and `member` are the numbers of the row and of its text within the file."""
        _, _, line, _, account, coefficient, digits, _, height, kind, _, _ = row
        if len(account) == _ACCOUNT:
            key = meaning.asset + account + _AS_IT_IS
        else:
            key = meaning.asset + blake2b(account, digest_size=_ACCOUNT).digest() + _HASHED
        number = hash(account) % _BUCKETS
        bucket = self._buckets[number]
        bucket += _pack(
            key,
            ordinal,
            _NO_HEIGHT if height is None else height,
            line,
            member,
            meaning.label,
            _KIND_NUMBERS[kind],
            _NOTHING if coefficient is None else digits,
            (coefficient or 0).to_bytes(16, "big"),
        )
        if len(bucket) >= _SPILL:
            self._spill(number)

    def found(self) -> Iterator[Repeat]:
        """All repeats, in no order that means anything. Raises InputError where too many rows name few accounts."""
        for number in range(_BUCKETS):
            first: Seen | None = None
            for record in self._repeated(number):
                seen = Seen(*_RECORD.unpack(record))
                if first is None or seen.key != first.key:
                    first = seen
                else:
                    reason = RowRefusal.CONFLICT if seen.contradicts(first) else RowRefusal.DUPLICATE
                    yield Repeat(reason, first, seen)

    def _spill(self, number: int) -> None:
        file = self._files.get(number)
        if file is None:
            file = self._files[number] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        file.write(self._buckets[number])
        self._buckets[number].clear()

    def _repeated(self, number: int) -> list[bytes]:
        """The records of one bucket whose key is another one's too, by key and in the order of the rows."""
        data = bytes(self._buckets[number])
        file = self._files.get(number)
        if file is not None:
            if file.tell() > _MOST:
                raise InputError.at(self._where, f"names a few accounts in more than {_MOST // _RECORD.size} rows")
            file.seek(0)
            data = file.read() + data
        size = _RECORD.size
        keys = [data[at : at + _KEY] for at in range(0, len(data), size)]
        if len(set(keys)) == len(keys):  # as in nearly every bucket of an honest file
            return []
        times = Counter(keys)
        # Records compare by key, then by ordinal: big-endian, and in this order, at their start.
        return sorted(data[place * size : (place + 1) * size] for place, key in enumerate(keys) if times[key] > 1)
