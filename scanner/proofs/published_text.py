"""The texts of a published proof, turned into bytes strictly: nothing is skipped, stripped or repaired.

Python's own decoders pass over blanks and stray characters; here these are refused. Hex may stand with or without 0x,
in either case, as the files have it. What the bytes mean is the schemes' business.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from scanner.proofs.control import Proof, Refuted

_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2})+)")

RSV: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{130}")
"""65 bytes r, s, v in hex."""

ED25519: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{128}")
"""64 bytes in hex."""


def hex_bytes(text: str, what: str, lengths: tuple[int, ...] = ()) -> bytes:
    """Hex digits, with or without 0x, of one of `lengths` bytes (any, if empty). Raises Refuted, naming `what`."""
    match = _HEX.fullmatch(text)
    if match is None:
        raise Refuted(f"{what} is not hexadecimal")
    data = bytes.fromhex(match[1])
    if lengths and len(data) not in lengths:
        raise Refuted(f"{what} has {len(data)} bytes, expected {' or '.join(map(str, lengths))}")
    return data


def base64_bytes(text: str, what: str) -> bytes:
    """Canonical base64 with padding (RFC 4648, section 4). Raises Refuted, naming `what`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refuted(f"{what} is not base64") from None
    # Two texts can decode to the same bytes where the last character has bits to spare.
    if base64.b64encode(data).decode() != text:
        raise Refuted(f"{what} is not canonical base64")
    return data


def compact_size(number: int) -> bytes:
    """Bitcoin's variable-length integer."""
    if number < 0xFD:
        return bytes([number])
    if number <= 0xFFFF:
        return b"\xfd" + number.to_bytes(2, "little")
    return b"\xfe" + number.to_bytes(4, "little")


def varstr(data: bytes) -> bytes:
    """`data` after its length as a CompactSize integer."""
    return compact_size(len(data)) + data


def only_signature(proof: Proof) -> str:
    """The signature of a proof that must have exactly one. Raises Refuted."""
    if len(proof.signatures) != 1:
        raise Refuted(f"{len(proof.signatures)} signatures, expected one")
    return proof.signatures[0]
