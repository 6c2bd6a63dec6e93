"""Texts of EOS (Vaulta) keys and signatures: base58 with a checksum of four bytes, behind a prefix. Pure.

Source: EOSIO `fc/crypto`.
"""

from __future__ import annotations

from typing import Final

from scanner.core import base58
from scanner.core.ripemd160 import ripemd160

KEY_BYTES: Final = 33  # a compressed point of secp256k1
_CHECKSUM: Final = 4


def key_of(text: str) -> bytes | None:
    """A key of secp256k1 (K1), `EOS...` or `PUB_K1_...`; None of another curve's. Raises ValueError."""
    if text.startswith(("PUB_R1_", "PUB_WA_")):
        return None
    prefix, suffix = ("EOS", b"") if text.startswith("EOS") else ("PUB_K1_", b"K1")
    return decoded(text, prefix, suffix, KEY_BYTES)


def decoded(text: str, prefix: str, suffix: bytes, length: int) -> bytes:
    """The bytes behind a prefix, whose checksum covers `suffix` too. Raises ValueError."""
    if not text.startswith(prefix):
        raise ValueError(f"does not start with {prefix}")
    data = base58.decode(text[len(prefix) :])
    payload, check = data[:-_CHECKSUM], data[-_CHECKSUM:]
    if len(payload) != length or ripemd160(payload + suffix)[:_CHECKSUM] != check:
        raise ValueError("the length or the checksum is wrong")
    return payload
