"""Headers of Substrate chains: parent, number, roots and digest in, and the hash that names the block.

What a hash shows: that the block has this number, this parent, and this state after it. A header has no time; the state
has (`state`).

Source: docs.polkadot.com, "Blocks" (Header); blake2b-256 over its SCALE encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from scanner.chains.polkadot.scale import compact, read_compact
from scanner.proofs.flaws import Flaw, ProofError

HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SubstrateHeader:
    """What of a header matters here; `encoded` is all of it."""

    encoded: bytes
    parent_hash: bytes
    number: int
    state_root: bytes

    @property
    def hash(self) -> bytes:
        """The block's hash."""
        return blake2b(self.encoded, digest_size=HASH_BYTES).digest()


def encode(parent: bytes, number: int, state_root: bytes, extrinsics_root: bytes, logs: Sequence[bytes]) -> bytes:
    """The header's bytes; hashes have 32, and each of `logs` is a digest item as SCALE writes it."""
    return b"".join((parent, compact(number), state_root, extrinsics_root, compact(len(logs)), *logs))


def read(encoded: bytes) -> SubstrateHeader:
    """The header in these bytes, whose digest is taken as it is. Raises ProofError."""
    number, at = read_compact(encoded, HASH_BYTES)
    if len(encoded) <= at + 2 * HASH_BYTES:
        raise ProofError(Flaw.MALFORMED, "a header that is cut short")
    return SubstrateHeader(encoded, encoded[:HASH_BYTES], number, encoded[at : at + HASH_BYTES])
