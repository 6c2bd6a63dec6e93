"""Accounts of Tron: the 20 bytes behind the prefix 0x41.

Base58Check (`T...`), or hex: 41 and 40 digits, with 0x or without, or the EVM's own form with its checksum. Written as
base58.

Source: Tron's documentation on accounts; TronWeb.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, OtherName, refused, require_length
from scanner.chains.evm.eip55 import from_hex
from scanner.core import base58
from scanner.core.ids import Chain

_PREFIX: Final = b"\x41"
_BASE58 = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_HEX = re.compile(r"(?:0x)?41([0-9a-fA-F]{40})")
_EVM_TEXT: Final = 42  # characters of the EVM's form, 0x and 40 digits
_EVM: Final = Chain("eip155", "728126428")  # the same ledger, by its Ethereum-like interface


def account_key(_chain: Chain, text: str) -> bytes:
    """The 20 bytes of an account. Raises AddressError."""
    match = _HEX.fullmatch(text)
    if match is not None:
        return bytes.fromhex(match[1])
    if text.startswith("0x") and len(text) == _EVM_TEXT:
        return from_hex(text)
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


def elsewhere(chain: Chain) -> OtherName | None:
    """The main network as an EVM chain, whose accounts are the same 20 bytes."""
    return OtherName(_EVM, _as_evm) if chain.reference == _EVM.reference else None


def _as_evm(key: bytes) -> bytes:
    return key


FORMS: Final = AccountForms("tron", account_key, account_text, elsewhere)
