"""Control of accounts of Sui by OKX's signatures. Source: Sui's documentation (signature flags)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from scanner.chains.okx_ed25519 import okx_ed25519_scheme
from scanner.chains.sui.accounts import FORMS


def is_account_of(key: bytes, account: bytes) -> bool:
    """Whether the account is the one that follows from a 32-byte key."""
    return account == blake2b(b"\x00" + key, digest_size=32).digest()  # the flag byte 0 stands for Ed25519


okx_ed25519: Final = okx_ed25519_scheme(FORMS, is_account_of)
