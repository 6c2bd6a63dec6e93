"""Accounts of Stellar: a kind and 32 bytes. `G...` is a key's account, `C...` a contract.

`M...` is a `G...` with a number of 64 bits that tells the account's owner which customer a payment is for; on the
ledger there is one account and one balance, so **all numbers of an account are that account**.

Sources: SEP-23 (strkey), CAP-27 (multiplexed accounts).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused, require_length
from scanner.core.ids import Chain

ACCOUNT: Final = 6 << 3  # the version byte of G...

_MULTIPLEXED, _CONTRACT = 12 << 3, 2 << 3
_LENGTHS: Final = {ACCOUNT: 32, _CONTRACT: 32, _MULTIPLEXED: 40}
_TEXT = re.compile(r"[GCM][A-Z2-7]{55}(?:[A-Z2-7]{13})?")
_WHAT: Final = "a Stellar address"


def account_key(_chain: Chain, text: str) -> bytes:
    """The version byte and 32 bytes; the number behind M is left out. Raises AddressError."""
    if not _TEXT.fullmatch(text):
        raise refused(text, _WHAT, "G, C or M and base32, 56 characters or 69")
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    version, payload = data[0], data[1:-2]
    if _LENGTHS.get(version) != len(payload) or _written(data[:-2]) != text:
        raise refused(text, _WHAT, "its checksum to be right")
    return bytes([ACCOUNT if version == _MULTIPLEXED else version]) + payload[:32]


def account_text(_chain: Chain, key: bytes) -> str:
    """`G...` or `C...`. Raises AddressError for bytes that are no account."""
    if require_length(key, 33, "a Stellar account, with its version byte,")[0] not in (ACCOUNT, _CONTRACT):
        raise AddressError(f"the version byte {key[0]} is none of a Stellar account")
    return _written(key)


def _written(data: bytes) -> str:
    return base64.b32encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "little")).decode().rstrip("=")


FORMS: Final = AccountForms("stellar", account_key, account_text)
