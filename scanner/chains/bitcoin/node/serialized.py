"""Bytes of blocks and transactions, read from the front as Bitcoin serializes them. python-bitcoinlib does the reading.

Nothing is judged here: what a header or a transaction is worth is for those that read it.

Sources: Bitcoin developer reference, "Raw transaction format"; DIP-0002 (Dash) for payloads.
"""

from __future__ import annotations

from io import BytesIO

from bitcoin.core import CTransaction, CTxIn, CTxOut
from bitcoin.core.serialize import BytesSerializer, SerializationError, VarIntSerializer, VectorSerializer

from scanner.chains.bitcoin.header import double_sha256


class Serialized:
    """Bytes from a node. Each method raises ValueError where they are too few, or a count is beyond its bound."""

    def __init__(self, raw: bytes) -> None:
        self._stream = BytesIO(raw)
        self._size = len(raw)

    def take(self, count: int) -> bytes:
        """The next bytes, so many."""
        found = self._stream.read(count)
        if len(found) != count:
            raise ValueError("the bytes end too early")
        return found

    def coinbase(self) -> tuple[bytes, bytes]:
        """A transaction's id, in hashing order, and the script of its first input."""
        try:
            found = CTransaction.stream_deserialize(self._stream)
        except (SerializationError, ValueError) as error:
            raise ValueError("these bytes are no transaction") from error
        if not found.vin:
            raise ValueError("a coinbase without an input")
        return found.GetTxid(), bytes(found.vin[0].scriptSig)

    def hashes(self, most: int) -> tuple[bytes, ...]:
        """A counted list of 32 bytes each, at most so many."""
        try:
            count = VarIntSerializer.stream_deserialize(self._stream)
        except SerializationError as error:
            raise ValueError("the bytes end too early") from error
        if count > most:
            raise ValueError(f"a list of more than {most} hashes")
        return tuple(self.take(32) for _ in range(count))

    def end(self) -> None:
        """Nothing may follow."""
        if self._stream.tell() != self._size:
            raise ValueError("there are bytes after the end")


def without_witness(raw: bytes) -> bytes:
    """The bytes whose hash is a transaction's name. Raises ValueError for bytes that are no transaction."""
    try:
        whole = CTransaction.deserialize(raw)
    except (SerializationError, ValueError) as error:
        raise ValueError("these bytes are no transaction") from error
    return bytes(CTransaction(whole.vin, whole.vout, whole.nLockTime, whole.nVersion).serialize())


def with_payload(raw: bytes) -> tuple[bytes, list[CTxIn], list[CTxOut]]:
    """The id (in hashing order), inputs and outputs of a transaction of Dash, which may end with a payload.

    Credit withdrawn from Dash's platform has no input. Raises ValueError for bytes that are no transaction.
    """
    stream = BytesIO(raw)
    kind = int.from_bytes(stream.read(4), "little")
    try:
        inputs = VectorSerializer.stream_deserialize(CTxIn, stream)
        outputs = VectorSerializer.stream_deserialize(CTxOut, stream)
        lock_time = stream.read(4)
        if kind >> 16 and kind & 0xFFFF >= 3:
            BytesSerializer.stream_deserialize(stream)
    except SerializationError as error:
        raise ValueError("these bytes are no transaction") from error
    if len(lock_time) != 4 or stream.tell() != len(raw):
        raise ValueError("these bytes are no transaction")
    return double_sha256(raw), inputs, outputs
