"""RIPEMD-160, from OpenSSL where it has it and from a library where it has not."""

from __future__ import annotations

import hashlib


def ripemd160(data: bytes) -> bytes:
    """The digest of `data`, 20 bytes."""
    try:
        return hashlib.new("ripemd160", data).digest()
    except ValueError:  # OpenSSL 3 may be built, or configured, without its legacy hashes
        from Crypto.Hash import RIPEMD160

        return RIPEMD160.new(data).digest()
