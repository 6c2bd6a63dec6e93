"""Accounts of EOS (Vaulta) and other Antelope chains: a name as the chain keeps it, 64 bits.

A name is 1 to 12 characters of a-z, 1-5 and dots, and perhaps a thirteenth of a-j, 1-5; it does not end in a dot.
There is no checksum.

Source: Antelope's documentation (names), `name.hpp` of its contract library.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused, require_length
from scanner.core.ids import Chain

_NAME = re.compile(r"(?=.{1,13}\Z)[.1-5a-z]{0,11}[1-5a-z]|[.1-5a-z]{12}[1-5a-j]")
_ALPHABET: Final = ".12345abcdefghijklmnopqrstuvwxyz"


def account_key(_chain: Chain, text: str) -> bytes:
    """The name's eight bytes. Raises AddressError."""
    if not _NAME.fullmatch(text):
        raise refused(text, "an account's name", "1 to 13 of a-z, 1-5 and dots")
    number = 0
    for character in text[:12].ljust(12, "."):
        number = number << 5 | _ALPHABET.index(character)
    last = _ALPHABET.index(text[12]) if len(text) > 12 else 0
    return (number << 4 | last).to_bytes(8)


def account_text(_chain: Chain, key: bytes) -> str:
    """The name. Raises AddressError for bytes that are none."""
    number = int.from_bytes(require_length(key, 8, "an Antelope account"))
    five_bits = (number >> shift & 31 for shift in range(59, 3, -5))
    text = ("".join(_ALPHABET[value] for value in five_bits) + _ALPHABET[number & 15]).rstrip(".")
    if not text:
        raise AddressError("an empty name is no Antelope account")
    return text


FORMS: Final = AccountForms("antelope", account_key, account_text)
