"""Accounts of Starknet: elements of its field in hex, less than its prime, of which leading zeros may be cut.

Source: Starknet's documentation (field elements).
"""

from __future__ import annotations

from typing import Final

from scanner.chains import hex32
from scanner.chains.account_forms import AccountForms, AddressError, refused
from scanner.core.ids import Chain

_PRIME: Final = 2**251 + 17 * 2**192 + 1


def account_key(chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    key = hex32.account_key(chain, text)
    if int.from_bytes(key) >= _PRIME:
        raise refused(text, "a Starknet address", "a number below 2**251 + 17 * 2**192 + 1")
    return key


def account_text(chain: Chain, key: bytes) -> str:
    """0x and 64 hex digits. Raises AddressError for a key of another length, or for no element of the field."""
    if int.from_bytes(key) >= _PRIME:
        raise AddressError(f"{key.hex()} is no element of Starknet's field")
    return hex32.account_text(chain, key)


FORMS: Final = AccountForms("starknet", account_key, account_text)
