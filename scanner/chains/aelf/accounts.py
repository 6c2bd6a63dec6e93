"""Accounts of aelf: 32 bytes in Base58Check, often between the token's symbol and the chain: `ELF_<address>_AELF`.

Written without either. An address that names another chain than the one at hand is refused, since the chains keep
balances of their own.

Source: aelf's documentation (addresses).
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, refused, require_length
from scanner.core import base58
from scanner.core.ids import Chain

_WRAPPED = re.compile(r"(?:ELF_)?([1-9A-HJ-NP-Za-km-z]{1,60})(?:_([0-9A-Za-z]{1,16}))?")
_WHAT: Final = "an aelf address"


def account_key(chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    match = _WRAPPED.fullmatch(text)
    if match is None:
        raise refused(text, _WHAT, "base58, between ELF_ and _AELF or alone")
    if match[2] not in (None, chain.reference):
        raise refused(text, _WHAT, f"one of {chain.reference}, not of {match[2]}")
    try:
        key = base58.decode_check(match[1])
    except ValueError as error:
        raise refused(text, _WHAT, f"base58: {error}") from None
    if len(key) != 32:
        raise refused(text, _WHAT, "32 bytes in Base58Check")
    return key


def account_text(_chain: Chain, key: bytes) -> str:
    """Base58Check alone. Raises AddressError for a key of another length."""
    return base58.encode_check(require_length(key, 32, "an aelf account"))


FORMS: Final = AccountForms("aelf", account_key, account_text)
