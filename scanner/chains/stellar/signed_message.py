"""Control of accounts of Stellar by OKX's signatures: an account is its Ed25519 key. Source: SEP-23."""

from __future__ import annotations

from typing import Final

from scanner.chains.okx_ed25519 import okx_ed25519_scheme
from scanner.chains.stellar.accounts import ACCOUNT, FORMS


def is_account_of(key: bytes, account: bytes) -> bool:
    """Whether the account is the one that follows from a 32-byte key."""
    return account == bytes([ACCOUNT]) + key


okx_ed25519: Final = okx_ed25519_scheme(FORMS, is_account_of)
