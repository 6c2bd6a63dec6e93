"""Accounts of Tron: the 20 bytes behind the prefix 0x41.

Base58Check (`T...`), or hex: 41 and 40 digits, with 0x or without, or the EVM's own form. Written as base58.

Source: Tron's documentation on accounts; TronWeb.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.core import base58
from scanner.core.address.interface import AccountForms, refused, require_length
from scanner.core.ids import Chain

_PREFIX: Final = b"\x41"
_BASE58 = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_HEX = re.compile(r"(?:0x)?41([0-9a-fA-F]{40})|0x([0-9a-fA-F]{40})")


def account_key(_chain: Chain, text: str) -> bytes:
    """The 20 bytes of an account. Raises AddressError."""
    match = _HEX.fullmatch(text)
    if match is not None:
        return bytes.fromhex(match[1] or match[2])
    if not _BASE58.fullmatch(text):
        raise refused(text, "a Tron address", "T and 33 characters of base58, or 41 and 40 hex digits")
    try:
        payload = base58.decode_check(text)
    except ValueError as error:
        raise refused(text, "a Tron address", f"base58: {error}") from None
    if len(payload) != 21 or payload[:1] != _PREFIX:
        raise refused(text, "a Tron address", "the version byte 41 and 20 bytes")
    return payload[1:]


def account_text(_chain: Chain, key: bytes) -> str:
    """Base58Check. Raises AddressError for a key of another length."""
    return base58.encode_check(_PREFIX + require_length(key, 20, "a Tron account"))


FORMS: Final = AccountForms("tron", account_key, account_text)
