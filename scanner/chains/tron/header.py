"""Headers of Tron: six fields in, and the id that names the block.

An id is the block's number, and behind it what is left of the hash of its header. What it shows: that the header has
exactly these fields. It does not show what an account held: Tron's headers commit to no state.

Source: java-tron, `BlockCapsule.getBlockId` (sha256 of the header's raw data in protobuf), `Tron.proto`
(BlockHeader.raw).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

ID_BYTES: Final = 32
_NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class TronHeader:
    """A block's header. Raises ValueError for numbers that protobuf's int64 does not hold."""

    number: int
    milliseconds: int  # since 1970
    transactions_root: bytes
    parent: bytes  # the parent's id, 32 bytes
    witness: bytes  # 21 bytes
    version: int

    def __post_init__(self) -> None:
        if any(not 0 <= number < 2**63 for number in (self.number, self.milliseconds, self.version)):
            raise ValueError("a number of the header is no int64")

    @property
    def id(self) -> bytes:
        """The block's id."""
        fields = (
            _number(1, self.milliseconds),
            _bytes(2, self.transactions_root),
            _bytes(3, self.parent),
            _number(7, self.number),
            _bytes(9, self.witness),
            _number(10, self.version),
        )
        digest = sha256(b"".join(fields)).digest()
        return self.number.to_bytes(_NUMBER_BYTES) + digest[_NUMBER_BYTES:]


def _number(field: int, value: int) -> bytes:
    """A varint field of protobuf, which leaves zeros out."""
    return _varint(field << 3) + _varint(value) if value else b""


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value if value else b""


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
