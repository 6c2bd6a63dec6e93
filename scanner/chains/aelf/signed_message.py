"""Control of accounts of aelf by OKX's signatures. Source: aelf's documentation (addresses)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from scanner.chains.okx_ecdsa import okx_ecdsa_scheme


def account_of(key: bytes) -> bytes:
    """The account's key that follows from a 65-byte public key."""
    return sha256(sha256(key).digest()).digest()


okx_ecdsa: Final = okx_ecdsa_scheme(account_of)
