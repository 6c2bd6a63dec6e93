"""Accounts of NEAR: a name, whose bytes are the key. 64 hex digits, and 0x with 40, are names that a key gives.

There is no checksum. Names are in lower case; others are refused, as the chain does.

Source: NEAR's documentation (account id); NEP-518.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused
from scanner.core.ids import Chain

_NAME = re.compile(r"(?=.{2,64}\Z)[a-z0-9]+(?:[-_.][a-z0-9]+)*", re.ASCII)


def account_key(_chain: Chain, text: str) -> bytes:
    """The name's bytes. Raises AddressError."""
    if not _NAME.fullmatch(text):
        raise refused(text, "a NEAR account", "2 to 64 of a-z, 0-9 and single separators - _ .")
    return text.encode()


def account_text(_chain: Chain, key: bytes) -> str:
    """The name. Raises AddressError for bytes that are none."""
    text = key.decode("ascii", "replace")
    if not _NAME.fullmatch(text):
        raise AddressError(f"{key.hex()} is not the name of a NEAR account")
    return text


FORMS: Final = AccountForms("near", account_key, account_text)
