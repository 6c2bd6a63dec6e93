"""The two virtual transactions of BIP-322 and what a signature in them signs. No key and no script is judged here.

Reads a transaction from hostile bytes, strictly: every length is bounded by the bytes that are there, and none may be
left over. Only what BIP-322 allows is ever hashed: one input, one output, SIGHASH_ALL or Taproot's default.

Sources: BIP-322, BIP-143 (segwit v0 digests), BIP-144 (serialisation), BIP-341 (Taproot digests).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.proofs.control import Refuted
from scanner.proofs.published_text import varstr

SIGHASH_ALL: Final = 1
_MAX_WITNESS_ITEMS: Final = 1_000
_OP_RETURN_OUTPUT: Final = bytes(8) + b"\x01\x6a"  # no value, script OP_RETURN


@dataclass(frozen=True, slots=True)
class ToSign:
    """The transaction that carries the signature, as far as it is free: one input and one fixed output."""

    prevout: bytes  # 36 bytes: transaction id and output index
    witness: tuple[bytes, ...]
    script_sig: bytes = b""
    version: int = 0
    sequence: int = 0
    lock_time: int = 0


def tagged_hash(tag: bytes, data: bytes) -> bytes:
    """BIP-340's tagged hash."""
    prefix = sha256(tag).digest()
    return sha256(prefix + prefix + data).digest()


def sha256d(data: bytes) -> bytes:
    """SHA-256 twice."""
    return sha256(sha256(data).digest()).digest()


def to_spend_prevout(message: bytes, script_pubkey: bytes) -> bytes:
    """The 36-byte reference to the only output of `to_spend`, which commits to the message and the scriptPubKey."""
    script_sig = b"\x00\x20" + tagged_hash(b"BIP0322-signed-message", message)
    to_spend = (
        bytes(4)
        + b"\x01" + bytes(32) + b"\xff\xff\xff\xff" + varstr(script_sig) + bytes(4)
        + b"\x01" + bytes(8) + varstr(script_pubkey)
        + bytes(4)
    )  # fmt: skip
    return sha256d(to_spend) + bytes(4)


def parse_witness(data: bytes) -> tuple[bytes, ...]:
    """A serialised witness stack and nothing else: the simple form. Raises Refuted."""
    reader = _Reader(data)
    witness = reader.witness()
    reader.end()
    return witness


def parse_to_sign(data: bytes) -> tuple[ToSign, int]:
    """A serialised `to_sign` and nothing else (the full form), and how many inputs it has. Raises Refuted.

    The first input is returned. That it spends `to_spend` is for the caller to check.
    """
    reader = _Reader(data)
    version = reader.number(4)
    has_witness = data[4:6] == b"\x00\x01"
    if has_witness:
        reader.take(2)
    count = reader.compact_size()
    if not count:
        raise Refuted("the transaction has no input")
    prevout, script_sig, sequence = reader.take(36), reader.varstr(), reader.number(4)
    for _ in range(count - 1):
        reader.take(36), reader.varstr(), reader.number(4)
    if reader.take(11) != b"\x01" + _OP_RETURN_OUTPUT:
        raise Refuted("the transaction's only output is not OP_RETURN without value")
    witnesses = [reader.witness() for _ in range(count)] if has_witness else [()]
    lock_time = reader.number(4)
    reader.end()
    return ToSign(prevout, witnesses[0], script_sig, version, sequence, lock_time), count


def legacy_digest(to_sign: ToSign, script_code: bytes) -> bytes:
    """What SIGHASH_ALL signs before segwit."""
    return sha256d(
        to_sign.version.to_bytes(4, "little")
        + b"\x01" + to_sign.prevout + varstr(script_code) + to_sign.sequence.to_bytes(4, "little")
        + b"\x01" + _OP_RETURN_OUTPUT
        + to_sign.lock_time.to_bytes(4, "little")
        + SIGHASH_ALL.to_bytes(4, "little")
    )  # fmt: skip


def segwit_v0_digest(to_sign: ToSign, script_code: bytes) -> bytes:
    """What SIGHASH_ALL signs in segwit version 0 (BIP-143), for an output without value."""
    sequence = to_sign.sequence.to_bytes(4, "little")
    return sha256d(
        to_sign.version.to_bytes(4, "little")
        + sha256d(to_sign.prevout)
        + sha256d(sequence)
        + to_sign.prevout + varstr(script_code) + bytes(8) + sequence
        + sha256d(_OP_RETURN_OUTPUT)
        + to_sign.lock_time.to_bytes(4, "little")
        + SIGHASH_ALL.to_bytes(4, "little")
    )  # fmt: skip


def taproot_digest(to_sign: ToSign, script_pubkey: bytes, hash_type: int) -> bytes:
    """What a key-path signature without annex signs (BIP-341), for an output without value. `hash_type`: 0 or 1."""
    sequence = to_sign.sequence.to_bytes(4, "little")
    return tagged_hash(
        b"TapSighash",
        bytes([0, hash_type])
        + to_sign.version.to_bytes(4, "little") + to_sign.lock_time.to_bytes(4, "little")
        + sha256(to_sign.prevout).digest()
        + sha256(bytes(8)).digest()
        + sha256(varstr(script_pubkey)).digest()
        + sha256(sequence).digest()
        + sha256(_OP_RETURN_OUTPUT).digest()
        + bytes([0]) + bytes(4),
    )  # fmt: skip


class _Reader:
    """Takes bytes from the front; raises Refuted when there are too few, or in the end too many."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        if count > len(self._data) - self._position:
            raise Refuted("the signature ends too early")
        self._position += count
        return self._data[self._position - count : self._position]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def compact_size(self) -> int:
        first = self.number(1)
        if first < 0xFD:
            return first
        size = 2 << (first - 0xFD)
        value = self.number(size)
        if value < (0xFD if size == 2 else 1 << (4 * size)):
            raise Refuted("a length is not written in the shortest way")
        return value

    def varstr(self) -> bytes:
        return self.take(self.compact_size())

    def witness(self) -> tuple[bytes, ...]:
        count = self.compact_size()
        if count > _MAX_WITNESS_ITEMS:
            raise Refuted("the witness has too many items")
        return tuple(self.varstr() for _ in range(count))

    def end(self) -> None:
        if self._position != len(self._data):
            raise Refuted("there are bytes after the end of the signature")
