"""Accounts of the XRP Ledger: 20 bytes. Written as a classic address (`r...`).

An X-address (`X...`; `T...` on test networks) holds an account and perhaps a destination tag. The tag tells the
account's owner which customer a payment is for; on the ledger there is one account and one balance, so **all tags of an
account are that account**.

Sources: the XRP Ledger's base58 encodings; XLS-5d (X-addresses).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AccountForms, refused, require_length
from scanner.core import base58
from scanner.core.ids import Chain

ALPHABET: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"

_FROM_LEDGER: Final = str.maketrans(ALPHABET, base58.ALPHABET)
_TO_LEDGER: Final = str.maketrans(base58.ALPHABET, ALPHABET)
_VERSION: Final = b"\x00"
_MAIN: Final = "0"
_TAGGED: Final = {"X": (b"\x05\x44", True), "T": (b"\x04\x93", False)}  # version bytes, and whether of the main network
_WHAT: Final = "an address of the XRP Ledger"


def account_key(chain: Chain, text: str) -> bytes:
    """The 20 bytes of an account; a tag is left out. Raises AddressError."""
    try:
        payload = base58.decode_check(text.translate(_FROM_LEDGER))
    except ValueError as error:
        raise refused(text, _WHAT, f"base58: {error}") from None
    if text[:1] in _TAGGED:
        version, main = _TAGGED[text[0]]
        if main != (chain.reference == _MAIN):
            raise refused(
                text, _WHAT, f"one of {chain}; {text[0]} begins those of {'the main' if main else 'a test'} network"
            )
        if payload[:2] != version or not _is_tag(payload[22:]):
            raise refused(text, _WHAT, "an X-address: an account of 20 bytes and a tag of 32 bits, or none")
        return payload[2:22]
    if len(payload) != 21 or payload[:1] != _VERSION:
        raise refused(text, _WHAT, "the version byte 0 and 20 bytes")
    return payload[1:]


def account_text(_chain: Chain, key: bytes) -> str:
    """The classic address. Raises AddressError for a key of another length."""
    return base58.encode_check(_VERSION + require_length(key, 20, "an account of the XRP Ledger")).translate(_TO_LEDGER)


def _is_tag(data: bytes) -> bool:
    """A flag (1 where there is a tag), and the tag in 8 bytes, little-endian, of which four are in use."""
    return len(data) == 9 and data[5:] == bytes(4) and (data[0] == 1 or data[:5] == bytes(5))


FORMS: Final = AccountForms("xrpl", account_key, account_text)
