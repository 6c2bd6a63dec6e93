"""Accounts of Solana: 32 bytes in base58, without a checksum. A token account and its owner are two accounts here.

Source: Solana's documentation on accounts.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AccountForms, refused, require_length
from scanner.core import base58
from scanner.core.ids import Chain


def account_key(_chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    try:
        key = base58.decode(text) if len(text) <= 44 else b""
    except ValueError:
        key = b""
    if len(key) != 32:
        raise refused(text, "a Solana address", "32 bytes in base58")
    return key


def account_text(_chain: Chain, key: bytes) -> str:
    """Base58. Raises AddressError for a key of another length."""
    return base58.encode(require_length(key, 32, "a Solana account"))


FORMS: Final = AccountForms("solana", account_key, account_text)
