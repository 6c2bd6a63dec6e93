"""Accounts of Algorand: 32 bytes, in base32 with the last four bytes of their SHA-512/256 behind them.

Source: Algorand's developer documentation (accounts).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from scanner.chains.account_forms import AccountForms, refused, require_length
from scanner.core.ids import Chain

_TEXT = re.compile(r"[A-Z2-7]{58}")


def account_key(_chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    if not _TEXT.fullmatch(text):
        raise refused(text, "an Algorand address", "58 characters of base32")
    key = base64.b32decode(text + "======")[:32]
    if _written(key) != text:
        raise refused(text, "an Algorand address", "its checksum to be right")
    return key


def account_text(_chain: Chain, key: bytes) -> str:
    """Base32 with the checksum. Raises AddressError for a key of another length."""
    return _written(require_length(key, 32, "an Algorand account"))


def _written(key: bytes) -> str:
    return base64.b32encode(key + _sha512_256(key)[-4:]).decode().rstrip("=")


def _sha512_256(data: bytes) -> bytes:
    try:
        return hashlib.new("sha512_256", data).digest()
    except ValueError:  # not every OpenSSL has it
        from Crypto.Hash import SHA512

        return SHA512.new(data, truncate="256").digest()


FORMS: Final = AccountForms("algorand", account_key, account_text)
