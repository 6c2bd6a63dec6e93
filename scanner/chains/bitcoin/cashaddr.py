"""CashAddr, the text form of Bitcoin Cash's addresses: a kind and a hash, behind a prefix that may be left out.

Which script a kind and a hash stand for is not known here. The kinds 2 and 3 say that a wallet understands tokens; they
stand for the same scripts as 0 and 1.

Source: the CashAddr specification of Bitcoin Cash, and CHIP-2022-02 (token-aware addresses).
"""

from __future__ import annotations

from typing import Final

from scanner.core import bech32

PUBLIC_KEY_HASH, SCRIPT_HASH = 0, 1

_TOKEN_AWARE: Final = 2  # what is added to either kind
_CHECKSUM_CHARACTERS: Final = 8
_SIZES: Final = (20, 24, 28, 32)
_GENERATOR: Final = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)


def decode(text: str, prefix: str) -> tuple[int, bytes]:
    """The kind (0 or 1) and the hash. Raises ValueError."""
    lower = text.lower()
    if text not in (lower, text.upper()):
        raise ValueError("upper and lower case are mixed")
    found, colon, payload = lower.rpartition(":")
    if colon and found != prefix:
        raise ValueError(f"its prefix is {found[:20]!a}, expected {prefix}")
    try:
        values = bytes(bech32.CHARSET.index(character) for character in payload)
    except ValueError:
        raise ValueError("a character is not of its alphabet") from None
    if len(values) < _CHECKSUM_CHARACTERS or _polymod(_expanded(prefix) + values) != 0:
        raise ValueError("the CashAddr checksum is wrong")
    data = bech32.bytes_of(values[:-_CHECKSUM_CHARACTERS])
    kind, size = (data[0] >> 3, data[0] & 7) if data else (-1, 0)
    if kind not in range(4) or size >= len(_SIZES) or len(data) != 1 + _SIZES[size]:
        raise ValueError("its kind and length are none that is known")
    return kind % _TOKEN_AWARE, data[1:]


def encode(kind: int, digest: bytes, prefix: str) -> str:
    """The address without its prefix: the inverse of `decode`. `digest` has 20 or 32 bytes."""
    groups = bech32.groups_of(bytes([kind << 3 | _SIZES.index(len(digest))]) + digest)
    remainder = _polymod(_expanded(prefix) + groups + bytes(_CHECKSUM_CHARACTERS))
    check = bytes(remainder >> shift & 31 for shift in range(35, -1, -5))
    return "".join(bech32.CHARSET[value] for value in groups + check)


def _expanded(prefix: str) -> bytes:
    return bytes(ord(character) & 31 for character in prefix) + b"\0"


def _polymod(values: bytes) -> int:
    state = 1
    for value in values:
        top = state >> 35
        state = (state & 0x07FFFFFFFF) << 5 ^ value
        for bit, constant in enumerate(_GENERATOR):
            if top >> bit & 1:
                state ^= constant
    return state ^ 1
