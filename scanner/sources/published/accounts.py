"""Account texts as exchanges write them, brought to one spelling per account on every chain whose forms are known.

On EVM and Bitcoin-like chains that is `core.address`'s part. On the others a key is the account's text, so this module
sees to it that one account has one text: Tron's hex form becomes base58, cut zeros of Aptos are put back, both of TON's
forms become the one that is not bounceable. Checksums are verified where a form has one. A chain that is not known here
keeps its texts as they stand.

Sources: TronWeb (addresses), TEP-2 (TON), Aptos AIP-40, SS58 registry, XRP Ledger base58 encodings, Solana (32 bytes).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final

from scanner.core import base58
from scanner.core.address import AddressError, account_key, account_text
from scanner.core.ids import Chain

VALIDATOR_TEXT: Final = 2 + 2 * 48  # characters of a validator's public key

_EVM_LOWER = re.compile(r"0x[0-9a-f]{40}")
_TRON_BASE58 = re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")
_TRON_HEX = re.compile(r"(?:0x)?41([0-9a-fA-F]{40})|0x([0-9a-fA-F]{40})")
_FIELD_HEX = re.compile(r"0x([0-9a-fA-F]{1,64})")
_RAW_TON = re.compile(r"(0|-1):([0-9a-fA-F]{64})")
_VALIDATOR = re.compile(r"0x([0-9a-fA-F]{96})")
_VISIBLE = re.compile(r"[!-~]+")
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_FROM_RIPPLE = str.maketrans(_RIPPLE, base58.ALPHABET)
_LONGEST = 128


def key_reader(chain: Chain | None) -> Callable[[str], bytes]:
    """The function from an account's text on `chain` to its key. It raises AddressError."""
    if chain is None:
        return _opaque
    if chain.namespace == "eip155":
        return _evm_reader(chain)
    if chain.namespace == "bip122":
        return partial(account_key, chain)
    return _READERS.get(chain.namespace, _opaque)


def unmapped_key(chain: Chain | None, key: bytes) -> bytes:
    """The key of an account whose asset has no name of its own: its canonical text, whatever its chain's keys are."""
    if chain is not None and chain.namespace in ("eip155", "bip122"):
        return account_text(chain, key).encode()
    return key


def validator_key(text: str) -> bytes | None:
    """The 48 bytes of an Ethereum validator's public key, if `text` is one."""
    match = _VALIDATOR.fullmatch(text)
    return bytes.fromhex(match[1]) if match else None


def _evm_reader(chain: Chain) -> Callable[[str], bytes]:
    """As `account_key`, with the form that nearly all rows have first: digits in lower case."""
    lower, from_hex = _EVM_LOWER.fullmatch, bytes.fromhex

    def key(text: str) -> bytes:
        return from_hex(text[2:]) if lower(text) else account_key(chain, text)

    return key


def _tron(text: str) -> bytes:
    if _TRON_BASE58.fullmatch(text):
        _check(text, 0x41, base58.decode_check)
        return text.encode()
    match = _TRON_HEX.fullmatch(text)
    if match is None:
        raise _refused(text, "a Tron address", "T and 33 characters of base58, or 41 and 40 hex digits")
    return base58.encode_check(bytes.fromhex("41" + (match[1] or match[2]))).encode()


def _ton(text: str) -> bytes:
    raw = _RAW_TON.fullmatch(text)
    if raw:
        return _friendly_ton(int(raw[1]), bytes.fromhex(raw[2]))
    try:
        data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 36 or data[0] not in (0x11, 0x51) or data[1] not in (0x00, 0xFF):
        raise _refused(text, "a TON address", "48 characters of base64, or a workchain and 64 hex digits")
    if binascii.crc_hqx(data[:34], 0) != int.from_bytes(data[34:], "big"):
        raise _refused(text, "a TON address", "its checksum to be right")
    return _friendly_ton(0 if data[1] == 0 else -1, data[2:34])


def _friendly_ton(workchain: int, account: bytes) -> bytes:
    data = b"\x51" + workchain.to_bytes(1, "big", signed=True) + account
    return base64.urlsafe_b64encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "big"))


def _field(text: str) -> bytes:
    """Aptos, Sui, Starknet: 32 bytes in hex, of which leading zeros may be cut."""
    match = _FIELD_HEX.fullmatch(text)
    if match is None:
        raise _refused(text, "an account", "0x and at most 64 hex digits")
    return b"0x" + match[1].lower().zfill(64).encode()


def _solana(text: str) -> bytes:
    try:
        length = len(base58.decode(text)) if len(text) <= 44 else 0
    except ValueError:
        length = 0
    if length != 32:
        raise _refused(text, "a Solana address", "32 bytes in base58")
    return text.encode()


def _ripple(text: str) -> bytes:
    if text.startswith("X"):  # an X-address: an account with its tag, kept as it stands
        return _opaque(text)
    _check(text, 0x00, lambda given: base58.decode_check(given.translate(_FROM_RIPPLE)))
    return text.encode()


def _polkadot(text: str) -> bytes:
    try:
        data = base58.decode(text)
    except ValueError:
        data = b""
    if len(data) != 35 or blake2b(b"SS58PRE" + data[:33]).digest()[:2] != data[33:]:
        raise _refused(text, "an SS58 address", "its checksum to be right")
    payload = b"\x00" + data[1:33]  # the same account has another text under every network's prefix
    return base58.encode(payload + blake2b(b"SS58PRE" + payload).digest()[:2]).encode()


def _opaque(text: str) -> bytes:
    """The text itself, percent-encoded as CAIP-10 wants it: nothing is known of its forms."""
    if not _VISIBLE.fullmatch(text):
        raise _refused(text, "an account", "visible ASCII characters")
    escaped = text if text.isalnum() else "".join(c if c.isalnum() or c in "-._" else f"%{ord(c):02X}" for c in text)
    if len(escaped) > _LONGEST:
        raise _refused(text, "an account", f"at most {_LONGEST} characters")
    return escaped.encode()


def _check(text: str, version: int, decode: Callable[[str], bytes]) -> None:
    """Refuses a text that is not base58 of `version` and 20 bytes, with the right checksum."""
    try:
        payload = decode(text)
    except ValueError as error:
        raise _refused(text, "an address", f"base58: {error}") from None
    if len(payload) != 21 or payload[0] != version:
        raise _refused(text, "an address", "the chain's version byte and 20 bytes")


def _refused(text: str, what: str, expected: str) -> AddressError:
    shown = ascii(text if len(text) <= 100 else text[:100] + "...")
    return AddressError(f"{shown} is not {what}; expected {expected}")


_READERS: Final[dict[str, Callable[[str], bytes]]] = {
    "aptos": _field,
    "polkadot": _polkadot,
    "solana": _solana,
    "starknet": _field,
    "sui": _field,
    "tron": _tron,
    "tvm": _ton,
    "xrpl": _ripple,
}
