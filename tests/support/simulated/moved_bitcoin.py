"""Transactions of a chain like Bitcoin, blocks of them, and the records that lead to them: written from the developer
reference, and not with the code that reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.chains.names import parse_asset
from scanner.core.control import MovedIn
from scanner.core.keccak import keccak256
from tests.support import proof_signing as sign

BITCOIN: Final = parse_asset(f"{sign.BITCOIN}/slip44:0")
ACCOUNT, OTHER = b"\x00\x14" + b"\x0a" * 20, b"\x51\x20" + b"\x0b" * 32
HEIGHT: Final = 817_950
TIME: Final = 1_700_800_000  # 2023-11-24T04:26:40Z


def sha256d(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def _size(number: int) -> bytes:
    for limit, mark, width in ((0xFD, b"", 1), (1 << 16, b"\xfd", 2), (1 << 32, b"\xfe", 4)):
        if number < limit:
            return mark + number.to_bytes(width, "little")
    return b"\xff" + number.to_bytes(8, "little")


@dataclass(frozen=True)
class Paying:
    """A transaction: the outputs that it spends (of which transaction, and their numbers), amounts and scripts."""

    spent: tuple[tuple[bytes, int], ...]
    outputs: tuple[tuple[int, bytes], ...]
    lock_time: int = 0

    @property
    def raw(self) -> bytes:
        inputs = [of + number.to_bytes(4, "little") + b"\x00" + b"\xff" * 4 for of, number in self.spent]
        outputs = [atoms.to_bytes(8, "little") + _size(len(script)) + script for atoms, script in self.outputs]
        listed = _size(len(inputs)) + b"".join(inputs) + _size(len(outputs)) + b"".join(outputs)
        return b"\2\0\0\0" + listed + self.lock_time.to_bytes(4, "little")

    @property
    def name(self) -> bytes:
        return sha256d(self.raw)

    @property
    def hash(self) -> str:
        return self.name[::-1].hex()


BEFORE: Final = Paying(((b"\x33" * 32, 1),), ((5, OTHER), (10**8, ACCOUNT), (7, OTHER)))
ELSEWHERE: Final = Paying(((b"\x44" * 32, 0),), ((10**8, OTHER),))


@dataclass(frozen=True)
class PaidBlock:
    """A block with these transactions, in this order, after a coinbase."""

    paid: tuple[Paying, ...]
    time: int = TIME
    height: int = HEIGHT
    parent: bytes = b"\x77" * 32

    @property
    def names(self) -> list[bytes]:
        coinbase = Paying(((bytes(32), 2**32 - 1),), ((50, OTHER),), lock_time=self.height)
        return [coinbase.name, *(each.name for each in self.paid)]

    def branch(self, position: int) -> tuple[list[bytes], bytes]:
        """The branch of the transaction at this position, and the root."""
        level, branch = self.names, []
        while len(level) > 1:
            level = [*level, level[-1]] if len(level) % 2 else level
            branch.append(level[position ^ 1])
            level = [sha256d(level[at] + level[at + 1]) for at in range(0, len(level), 2)]
            position //= 2
        return branch, level[0]

    @property
    def header(self) -> bytes:
        _, root = self.branch(0)
        return b"\0\0\0\x20" + self.parent + root + self.time.to_bytes(4, "little") + b"\xff\xff\x7f\x20" + bytes(4)

    @property
    def hash(self) -> str:
        return sha256d(self.header)[::-1].hex()

    def parts(self, number: int = 0, before: Iterable[Paying] = (BEFORE,)) -> list[bytes]:
        """Of the record that leads to this one of `paid`."""
        position = number + 1
        branch, _ = self.branch(position)
        place = position.to_bytes((position.bit_length() + 7) // 8)
        return [self.header, place, b"".join(branch), self.paid[number].raw, *(each.raw for each in before)]

    def moved(self, record: bytes) -> MovedIn:
        return MovedIn(self.height, self.hash, keccak256(record))
