"""Bech32, Bech32m and the witness-program addresses written in them.

The string formats and the rules for witness programs, exactly as the BIPs have them. Networks and scripts are not known
here: the human-readable part is an argument, a (version, program) pair is the result.

Sources: BIP-173 (Bech32), BIP-350 (Bech32m, and the length rules that replace those of early BIP-173), BIP-141
(witness programs).
"""

from __future__ import annotations

import re
from base64 import b32encode
from functools import lru_cache
from typing import Final

CHARSET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
MAX_LENGTH: Final = 90
CHECKSUM_CHARACTERS: Final = 6

# The constants that the checksum polynomial must come out as, and so the names of the two formats.
BECH32: Final = 1
BECH32M: Final = 0x2BC830A3

_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _generator_sum(top: int) -> int:
    total = 0
    for bit, constant in enumerate(_GENERATOR):
        if top >> bit & 1:
            total ^= constant
    return total


# What five bits shifted out of the checksum fold back into it; and what ten do, which are shifted out in two steps.
_FOLD = tuple(_generator_sum(top) for top in range(32))
_FOLD_TWO = tuple(
    (folded & 0x1FFFFFF) << 5 ^ _FOLD[folded >> 25]
    for folded in (_FOLD[top >> 5] ^ (top & 31) << 25 for top in range(1024))
)

_NOT_VISIBLE = re.compile(r"[^!-~]")
_INVALID = 255


def _table(source: bytes, target: bytes) -> bytes:
    """For bytes.translate: each byte of `source` to its partner in `target`, every other byte to _INVALID."""
    return bytes(target[source.index(code)] if code in source else _INVALID for code in range(256))


_GROUPS = bytes(range(32))
_VALUES = _table(CHARSET.encode(), _GROUPS)
_CHARACTERS = _table(_GROUPS, CHARSET.encode())
# The standard library joins and splits five-bit groups faster than a loop, in alphabets of its own: int(text, 32) takes
# 0-9a-v, b32encode gives A-Z2-7.
_TO_DIGITS = _table(_GROUPS, b"0123456789abcdefghijklmnopqrstuv")
_FROM_RFC4648 = _table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _GROUPS)


def polymod(values: bytes, state: int = 1) -> int:
    """The checksum's state after `values`, of which two are taken at a time: addresses come here by the million."""
    odd = len(values) & 1
    for value in values[:odd]:
        state = (state & 0x1FFFFFF) << 5 ^ value ^ _FOLD[state >> 25]
    fold = _FOLD_TWO
    for first, second in zip(values[odd::2], values[odd + 1 :: 2], strict=True):
        state = (state & 0xFFFFF) << 10 ^ first << 5 ^ second ^ fold[state >> 20]
    return state


@lru_cache(maxsize=64)
def _state_after(hrp: str) -> int:
    codes = hrp.encode("ascii")
    return polymod(bytes(code >> 5 for code in codes) + b"\0" + bytes(code & 31 for code in codes))


def state_after(hrp: str, values: bytes) -> int:
    """The checksum's state after a human-readable part and five-bit groups."""
    return polymod(values, _state_after(hrp))


def decode(text: str, longest: int = MAX_LENGTH) -> tuple[str, bytes, int]:
    """The human-readable part (lower case), the five-bit groups before the checksum, and BECH32 or BECH32M.

    `longest`: characters; Cardano allows itself more than the BIP. Raises ValueError, which says what is wrong, for
    anything that is not valid in either format.
    """
    if len(text) > longest:
        raise ValueError(f"{len(text)} characters, expected at most {longest}")
    # Before lower(), which turns some letters outside ASCII (the Kelvin sign) into ASCII ones.
    strange = _NOT_VISIBLE.search(text)
    if strange:
        raise ValueError(f"character {strange[0]!a} at position {strange.start() + 1} is not bech32")
    lower = text.lower()
    if text != lower and text != text.upper():
        raise ValueError("upper and lower case are mixed")
    separator = lower.rfind("1")
    hrp, data = lower[:separator], lower[separator + 1 :]
    if separator < 1:
        raise ValueError("no human-readable part followed by the separator '1'")
    if len(data) < CHECKSUM_CHARACTERS:
        raise ValueError(f"{len(data)} characters after the separator, too few for a checksum")
    values = data.encode("ascii").translate(_VALUES)
    if _INVALID in values:
        position = values.index(_INVALID)
        raise ValueError(f"character {data[position]!a} at position {separator + position + 2} is not bech32")
    spec = polymod(values, _state_after(hrp))
    if spec not in (BECH32, BECH32M):
        raise ValueError("the bech32 checksum is wrong")
    return hrp, values[:-CHECKSUM_CHARACTERS], spec


def encode(hrp: str, values: bytes, spec: int) -> str:
    """The lower-case text of five-bit groups: the inverse of `decode`. `spec` is BECH32 or BECH32M."""
    remainder = polymod(values + bytes(CHECKSUM_CHARACTERS), _state_after(hrp)) ^ spec
    check = bytes(remainder >> shift & 31 for shift in range(25, -1, -5))
    return hrp + "1" + (values + check).translate(_CHARACTERS).decode()


def decode_witness(text: str) -> tuple[str, int, bytes]:
    """The human-readable part, witness version (0 to 16) and witness program of a segwit address.

    Version 0 must be Bech32 with a program of 20 or 32 bytes, every later version Bech32m with 2 to 40 bytes; padding
    is at most four bits, all zero. Raises ValueError, which says which of this does not hold.
    """
    hrp, values, spec = decode(text)
    if not values:
        raise ValueError("there is no witness version")
    version, groups = values[0], values[1:]
    if version > 16:
        raise ValueError(f"witness version {version}, expected 0 to 16")
    if version == 0 and spec != BECH32:
        raise ValueError("the checksum is Bech32m, and witness version 0 uses Bech32")
    if version != 0 and spec != BECH32M:
        raise ValueError(f"the checksum is Bech32, and witness version {version} uses Bech32m")
    program = bytes_of(groups)
    if not 2 <= len(program) <= 40:
        raise ValueError(f"a witness program of {len(program)} bytes, expected 2 to 40")
    if version == 0 and len(program) not in (20, 32):
        raise ValueError(f"a version 0 witness program of {len(program)} bytes, expected 20 or 32")
    return hrp, version, program


def decode_bytes(text: str, longest: int = MAX_LENGTH) -> tuple[str, bytes]:
    """The human-readable part and the whole bytes of a Bech32 text (not Bech32m), as many chains write their accounts.

    Raises ValueError, also where the padding is longer than four bits or not zero.
    """
    hrp, values, spec = decode(text, longest)
    if spec != BECH32:
        raise ValueError("the checksum is Bech32m, and Bech32 is expected")
    return hrp, bytes_of(values)


def encode_bytes(hrp: str, data: bytes) -> str:
    """The lower-case Bech32 text of whole bytes: the inverse of `decode_bytes`."""
    return encode(hrp, groups_of(data), BECH32)


def encode_witness(hrp: str, version: int, program: bytes) -> str:
    """The address of a witness program: the inverse of `decode_witness`. The arguments are taken to be valid."""
    return encode(hrp, bytes([version]) + groups_of(program), BECH32M if version else BECH32)


def groups_of(data: bytes) -> bytes:
    """`data` in groups of five bits, the last filled up with zeros: the payload of a Bech32 text."""
    return b32encode(data).rstrip(b"=").translate(_FROM_RFC4648)


def bytes_of(groups: bytes) -> bytes:
    """The whole bytes in groups of five bits: the inverse of `groups_of`. Raises ValueError for other padding."""
    length, padding = divmod(5 * len(groups), 8)
    number = int(groups.translate(_TO_DIGITS), 32) if groups else 0
    if padding > 4 or number & ((1 << padding) - 1):
        raise ValueError("the padding is longer than four bits or not zero")
    return (number >> padding).to_bytes(length, "big")
