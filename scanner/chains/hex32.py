"""Accounts of 32 bytes in hex, of which leading zeros may be cut, as several families write them. No checksum.

Written with all 64 digits in lower case. Sources stand in the families' own modules.
"""

from __future__ import annotations

import re

from scanner.chains.account_forms import refused, require_length
from scanner.core.ids import Chain

_HEX = re.compile(r"0x([0-9a-fA-F]{1,64})")


def account_key(_chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    match = _HEX.fullmatch(text)
    if match is None:
        raise refused(text, "an account", "0x and at most 64 hex digits")
    return bytes.fromhex(match[1].zfill(64))


def account_text(_chain: Chain, key: bytes) -> str:
    """0x and 64 hex digits. Raises AddressError for a key of another length."""
    return "0x" + require_length(key, 32, "an account").hex()
