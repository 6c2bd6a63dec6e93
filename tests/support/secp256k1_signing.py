"""Keys that sign over secp256k1, by eth-keys: with libsecp256k1 where coincurve is installed, else in Python alone.

The nonces are RFC 6979's and s is low, so that the same bytes come of either; a Schnorr signature has no randomness.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from eth_keys.backends.native.jacobian import fast_multiply
from eth_keys.constants import SECPK1_G, SECPK1_N
from eth_keys.datatypes import PrivateKey, PublicKey, Signature


@dataclass(frozen=True, slots=True)
class Secret:
    """32 bytes that are a private key."""

    secret: bytes

    def public(self, *, compressed: bool = True) -> bytes:
        key = PrivateKey(self.secret).public_key
        return key.to_compressed_bytes() if compressed else b"\4" + key.to_bytes()

    def recoverable(self, digest: bytes) -> bytes:
        """r, s, and which of the possible keys it is: 65 bytes."""
        return PrivateKey(self.secret).sign_msg_hash(digest).to_bytes()

    def der(self, digest: bytes) -> bytes:
        signature = self.recoverable(digest)
        numbers = (_integer(signature[:32]), _integer(signature[32:64]))
        return b"\x30" + bytes([sum(map(len, numbers))]) + b"".join(numbers)

    def schnorr(self, digest: bytes) -> bytes:
        """BIP-340, with 32 zeros for its auxiliary randomness."""
        mask = _tagged("aux", bytes(32))
        key = self.public()
        number = int.from_bytes(self.secret, "big")
        number = number if key[0] == 2 else SECPK1_N - number
        masked = (number ^ int.from_bytes(mask, "big")).to_bytes(32, "big")
        nonce = int.from_bytes(_tagged("nonce", masked + key[1:] + digest), "big") % SECPK1_N
        x, y = fast_multiply(SECPK1_G, nonce)
        nonce = nonce if y & 1 == 0 else SECPK1_N - nonce
        start = x.to_bytes(32, "big")
        challenge = int.from_bytes(_tagged("challenge", start + key[1:] + digest), "big")
        return start + ((nonce + challenge * number) % SECPK1_N).to_bytes(32, "big")


def recovered(digest: bytes, signature: bytes) -> bytes:
    """The 65-byte key of 65 bytes as `recoverable` makes them."""
    return b"\4" + Signature(signature).recover_public_key_from_msg_hash(digest).to_bytes()


def uncompressed(key: bytes) -> bytes:
    """The 65 bytes of a key of 33."""
    return b"\4" + PublicKey.from_compressed_bytes(key).to_bytes()


def _integer(number: bytes) -> bytes:
    number = number.lstrip(b"\0") or b"\0"
    number = b"\0" + number if number[0] & 0x80 else number
    return b"\2" + bytes([len(number)]) + number


def _tagged(tag: str, data: bytes) -> bytes:
    name = hashlib.sha256(b"BIP0340/" + tag.encode()).digest()
    return hashlib.sha256(name + name + data).digest()
