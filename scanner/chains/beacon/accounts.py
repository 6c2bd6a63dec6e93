"""Accounts of EVM chains' consensus layers (namespace `beacon`, which is ours): a validator's 48-byte public key.

Source: BLSPubkey in Ethereum's consensus specifications.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, require_length, shown
from scanner.core.ids import Chain

VALIDATOR_KEY_BYTES: Final = 48

_VALIDATOR = re.compile(r"0x([0-9a-fA-F]{96})")


def validator_key(text: str) -> bytes | None:
    """The 48 bytes of an Ethereum validator's public key, if `text` is one."""
    match = _VALIDATOR.fullmatch(text)
    return bytes.fromhex(match[1]) if match else None


def account_key(_chain: Chain, text: str) -> bytes:
    """The 48 bytes of a validator's public key. Raises AddressError."""
    key = validator_key(text)
    if key is None:
        raise AddressError(f"{shown(text)} is not a validator's public key: expected 0x and 96 hex digits")
    return key


def account_text(_chain: Chain, key: bytes) -> str:
    """0x and 96 hex digits in lower case. Raises AddressError for a key of another length."""
    return "0x" + require_length(key, VALIDATOR_KEY_BYTES, "a validator's public key").hex()


FORMS: Final = AccountForms("beacon", account_key, account_text)
