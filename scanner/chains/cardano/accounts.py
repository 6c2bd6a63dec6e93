"""Accounts of Cardano (namespace `cip34`): an address as its bytes, header first.

Bech32 (`addr1...`, `stake1...`), longer than BIP-173 allows; or base58 of a Byron address, whose checksum is a CRC-32
inside. Two addresses that one key can spend from are two accounts here, as they are on the ledger.

Sources: CIP-19, CIP-5; the Byron address format (CBOR).
"""

from __future__ import annotations

import zlib
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused
from scanner.core import base58, bech32
from scanner.core.ids import Chain

_LONGEST_TEXT: Final = 200  # characters: a Byron address has 59 or 104, one of Shelley at most 110
_MAIN: Final = "1-"  # how the reference of the main network begins: the network's number, and its magic
_BYRON: Final = 0b1000
_STAKE: Final = (0b1110, 0b1111)
_WHAT: Final = "a Cardano address"
# By the header's upper half: how many bytes follow it. Pointers (4, 5) are of several lengths.
_LENGTHS: Final = {0: 56, 1: 56, 2: 56, 3: 56, 6: 28, 7: 28, 14: 28, 15: 28}


def account_key(chain: Chain, text: str) -> bytes:
    """The address's bytes. Raises AddressError."""
    if text[:5].lower() in ("addr1", "addr_", "stake"):
        try:
            hrp, key = bech32.decode_bytes(text, _LONGEST_TEXT)
        except ValueError as error:
            raise refused(text, _WHAT, f"bech32: {error}") from None
        if not key or key[0] >> 4 == _BYRON or hrp != _prefix(key) or account_text(chain, key) != text.lower():
            raise refused(text, _WHAT, f"addr1... or stake1... of {chain}")
        return key
    try:
        key = base58.decode(text, _LONGEST_TEXT)
    except ValueError as error:
        raise refused(text, _WHAT, f"bech32 (addr1...), or base58 of a Byron address: {error}") from None
    if not _is_byron(key):
        raise refused(text, _WHAT, "its checksum to be right")
    return key


def account_text(chain: Chain, key: bytes) -> str:
    """Bech32, or base58 of a Byron address. Raises AddressError for bytes that are no address of the chain."""
    kind, network = (key[0] >> 4, key[0] & 15) if key else (-1, -1)
    if kind == _BYRON and _is_byron(key):
        return base58.encode(key)
    if network == (1 if chain.reference.startswith(_MAIN) else 0) and (
        _LENGTHS.get(kind) == len(key) - 1 or (kind in (4, 5) and 32 <= len(key) <= 60)
    ):
        return bech32.encode_bytes(_prefix(key), key)
    raise AddressError(f"{key.hex()} is not an address of {chain}")


def _prefix(key: bytes) -> str:
    return ("stake" if key[0] >> 4 in _STAKE else "addr") + ("" if key[0] & 15 == 1 else "_test")


def _is_byron(key: bytes) -> bool:
    """[24(<bytes>), <crc32>] in CBOR, each length written in the shortest way."""
    if key[:3] != b"\x82\xd8\x18" or len(key) < 10:
        return False
    start, length = (4, key[3] & 0x1F) if key[3] & 0x1F < 24 else (5, key[4])
    payload, rest = key[start : start + length], key[start + length :]
    crc = zlib.crc32(payload)
    head = b"\x1a" + crc.to_bytes(4) if crc > 0xFFFF else b"\x19" + crc.to_bytes(2)
    form = bytes([0x40 | length]) if length < 24 else bytes([0x58, length])
    return key[3:start] == form and len(payload) == length and rest == head


FORMS: Final = AccountForms("cip34", account_key, account_text)
