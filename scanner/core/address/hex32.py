"""Accounts of Aptos, Sui and Starknet: 32 bytes in hex, of which leading zeros may be cut. There is no checksum.

Written with all 64 digits in lower case. On Starknet an account is an element of its field, so it is less than the
field's prime.

Sources: Aptos AIP-40; Sui's documentation; Starknet's documentation (field elements).
"""

from __future__ import annotations

import re
from typing import Final

from scanner.core.address.interface import AccountForms, AddressError, refused, require_length
from scanner.core.ids import Chain

_HEX = re.compile(r"0x([0-9a-fA-F]{1,64})")
_STARK_PRIME: Final = 2**251 + 17 * 2**192 + 1


def account_key(_chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    match = _HEX.fullmatch(text)
    if match is None:
        raise refused(text, "an account", "0x and at most 64 hex digits")
    return bytes.fromhex(match[1].zfill(64))


def account_text(_chain: Chain, key: bytes) -> str:
    """0x and 64 hex digits. Raises AddressError for a key of another length."""
    return "0x" + require_length(key, 32, "an account").hex()


def _starknet_key(chain: Chain, text: str) -> bytes:
    key = account_key(chain, text)
    if int.from_bytes(key) >= _STARK_PRIME:
        raise refused(text, "a Starknet address", "a number below 2**251 + 17 * 2**192 + 1")
    return key


def _starknet_text(chain: Chain, key: bytes) -> str:
    if int.from_bytes(key) >= _STARK_PRIME:
        raise AddressError(f"{key.hex()} is no element of Starknet's field")
    return account_text(chain, key)


APTOS: Final = AccountForms("aptos", account_key, account_text)
SUI: Final = AccountForms("sui", account_key, account_text)
STARKNET: Final = AccountForms("starknet", _starknet_key, _starknet_text)
