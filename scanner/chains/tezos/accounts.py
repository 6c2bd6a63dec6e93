"""Accounts of Tezos: `tz1` to `tz4` (a key's hash), `KT1` (a contract): a version of three bytes and 20 more, in
Base58Check.

Source: Tezos' documentation (Base58Check encodings).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused, require_length
from scanner.core import base58
from scanner.core.ids import Chain

_VERSIONS: Final = (
    b"\x06\xa1\x9f",  # tz1
    b"\x06\xa1\xa1",  # tz2
    b"\x06\xa1\xa4",  # tz3
    b"\x06\xa1\xa6",  # tz4
    b"\x02\x5a\x79",  # KT1
)


def account_key(_chain: Chain, text: str) -> bytes:
    """The version's three bytes and 20 more. Raises AddressError."""
    try:
        key = base58.decode_check(text)
    except ValueError as error:
        raise refused(text, "a Tezos address", f"base58: {error}") from None
    if len(key) != 23 or key[:3] not in _VERSIONS:
        raise refused(text, "a Tezos address", "tz1..., tz2..., tz3..., tz4... or KT1...")
    return key


def account_text(_chain: Chain, key: bytes) -> str:
    """Base58Check. Raises AddressError for bytes that are no account."""
    if require_length(key, 23, "a Tezos account")[:3] not in _VERSIONS:
        raise AddressError(f"{key[:3].hex()} is no version of a Tezos account")
    return base58.encode_check(key)


FORMS: Final = AccountForms("tezos", account_key, account_text)
