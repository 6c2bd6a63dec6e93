"""RIPEMD-160, from OpenSSL where it has it and from a library where it has not."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any


def ripemd160(data: bytes) -> bytes:
    """The digest of `data`, 20 bytes."""
    started = _started()
    if started is None:
        from Crypto.Hash import RIPEMD160

        return RIPEMD160.new(data).digest()
    hashed = started.copy()
    hashed.update(data)
    digest: bytes = hashed.digest()
    return digest


@cache
def _started() -> Any:
    """OpenSSL's, of nothing so far: to copy it takes half as long as to look it up by name. None where OpenSSL 3 is
    built, or configured, without its legacy hashes."""
    try:
        return hashlib.new("ripemd160")
    except ValueError:
        return None
