"""Blocks of Substrate chains by their hashes: a header among records, and whether it and the state say what is said.

Not in here: what a header is (`header`), and what leads from one block to another (`ancestry`).
"""

from __future__ import annotations

from hashlib import blake2b

from scanner.chains.polkadot.header import HASH_BYTES, SubstrateHeader, read
from scanner.chains.polkadot.storage import NOW, seconds
from scanner.chains.polkadot.trie import value_at
from scanner.chains.records_by_hash import Find
from scanner.core.evidence import Snapshot
from scanner.proofs.flaws import Flaw, ProofError


def blake2b_256(data: bytes) -> bytes:
    """By what headers and nodes of tries are found."""
    return blake2b(data, digest_size=HASH_BYTES).digest()


def hash_bytes(name: str) -> bytes:
    """The 32 bytes of a block's hash as it is written: 0x and 64 digits."""
    return bytes.fromhex(name.removeprefix("0x"))


def header_named(name: str, find: Find) -> SubstrateHeader:
    """The header that hashes to `name`. Raises ProofError."""
    encoded = find(hash_bytes(name))
    if encoded is None:
        raise ProofError(Flaw.INCOMPLETE, f"the header of the block {name} is missing")
    return read(encoded)


def header_as_said(snapshot: Snapshot, find: Find) -> SubstrateHeader:
    """The snapshot's header, which says what the snapshot says, as does the state behind it of the time. Raises
    ProofError."""
    header = header_named(snapshot.hash, find)
    if (header.number, header.parent_hash) != (snapshot.height, hash_bytes(snapshot.parent)):
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header of {snapshot} has another height or parent")
    if seconds(value_at(header.state_root, NOW, find)) != int(snapshot.time.timestamp()):
        raise ProofError(Flaw.HEADER_MISMATCH, f"the state of {snapshot} is of another time")
    return header
