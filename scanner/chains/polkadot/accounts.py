"""Accounts of Polkadot and its kin: 32 bytes. SS58 writes them with a network's prefix, and **any prefix names the same
account**; 0x and 64 hex digits are read too. Written with the prefix of the chain at hand.

Source: the SS58 specification and its registry.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from scanner.chains.account_forms import AccountForms, refused, require_length
from scanner.core import base58
from scanner.core.ids import Chain

_HEX = re.compile(r"0x([0-9a-fA-F]{64})")
_ANY_NETWORK: Final = 42
_PREFIXES: Final = {
    "91b171bb158e2d3848fa23a9f1c25182": 0,  # Polkadot
    "68d56f15f85d3136970ec16946040bc1": 0,  # its Asset Hub
    "b0a8d493285c2df73290dfb7e61f870f": 2,  # Kusama
}


def account_key(_chain: Chain, text: str) -> bytes:
    """The 32 bytes of an account. Raises AddressError."""
    digits = _HEX.fullmatch(text)
    if digits is not None:
        return bytes.fromhex(digits[1])
    try:
        data = base58.decode(text)
    except ValueError:
        data = b""
    prefix = 1 if data[:1] < b"\x40" else 2  # 0x40 to 0x7f begin a prefix of two bytes
    if len(data) != prefix + 34 or data[0] >= 0x80 or _checksum(data[:-2]) != data[-2:]:
        raise refused(text, "an SS58 address", "32 bytes behind a network's prefix, and its checksum to be right")
    return data[prefix:-2]


def account_text(chain: Chain, key: bytes) -> str:
    """SS58 with the chain's prefix. Raises AddressError for a key of another length."""
    data = bytes([_PREFIXES.get(chain.reference, _ANY_NETWORK)]) + require_length(key, 32, "a Substrate account")
    return base58.encode(data + _checksum(data))


def _checksum(data: bytes) -> bytes:
    return blake2b(b"SS58PRE" + data).digest()[:2]


FORMS: Final = AccountForms("polkadot", account_key, account_text)
