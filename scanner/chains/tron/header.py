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

from scanner.core.protobuf import data, number

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
            number(1, self.milliseconds),
            data(2, self.transactions_root),
            data(3, self.parent),
            number(7, self.number),
            data(9, self.witness),
            number(10, self.version),
        )
        digest = sha256(b"".join(fields)).digest()
        return self.number.to_bytes(_NUMBER_BYTES) + digest[_NUMBER_BYTES:]
