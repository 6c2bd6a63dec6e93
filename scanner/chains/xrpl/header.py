"""Headers of the XRP Ledger: ten fields in, and the hash that names the ledger.

What a hash shows: that the header has exactly these fields. It does not show that the ledger was validated, for which
several operators are asked, nor what an account held: the state is behind `account_hash`, and servers hand out no path.

Not in here: fetching headers.

Source: xrpl.org "Ledger Header"; rippled `calculateLedgerHash` (the first half of SHA-512, prefix `LWR\\0`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha512
from typing import Final

HASH_BYTES: Final = 32
_PREFIX: Final = b"LWR\0"


@dataclass(frozen=True, slots=True)
class LedgerHeader:
    """One ledger's header. Hashes are 32 bytes, times seconds since 2000. Raises ValueError for what has no form."""

    sequence: int
    total_drops: int
    parent_hash: bytes
    transaction_hash: bytes
    account_hash: bytes
    parent_close_time: int
    close_time: int
    close_time_resolution: int
    close_flags: int

    def __post_init__(self) -> None:
        sizes = [(self.sequence, 4), (self.total_drops, 8), (self.parent_close_time, 4), (self.close_time, 4)]
        sizes += [(self.close_time_resolution, 1), (self.close_flags, 1)]
        if any(not 0 <= number < 256**size for number, size in sizes):
            raise ValueError("a number of the header does not fit its field")
        if any(len(each) != HASH_BYTES for each in (self.parent_hash, self.transaction_hash, self.account_hash)):
            raise ValueError(f"a hash has {HASH_BYTES} bytes")

    @property
    def hash(self) -> bytes:
        """The ledger's hash."""
        return sha512(
            _PREFIX
            + self.sequence.to_bytes(4)
            + self.total_drops.to_bytes(8)
            + self.parent_hash
            + self.transaction_hash
            + self.account_hash
            + self.parent_close_time.to_bytes(4)
            + self.close_time.to_bytes(4)
            + self.close_time_resolution.to_bytes(1)
            + self.close_flags.to_bytes(1)
        ).digest()[:HASH_BYTES]
