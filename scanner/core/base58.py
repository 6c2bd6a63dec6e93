"""Base58 and Base58Check: the older text form of Bitcoin-like addresses.

Decodes and encodes bytes, with their checksum or without. What the bytes mean (version byte, network, script) is not
known here: that is the part of `chains.accounts`.

Source: Bitcoin Core, `base58.cpp`; the format has no BIP of its own.
"""

from __future__ import annotations

from hashlib import sha256

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CHECKSUM_BYTES = 4

# Decoding is quadratic in the length. The longest text that is of use has 94 characters (a signature of 69 bytes).
MAX_LENGTH = 100

_INVALID = 255
_PAIRS_IN_PART = 5
_PART = 58 ** (2 * _PAIRS_IN_PART)  # what a machine word holds of a long number
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_VALUES = bytes(ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _INVALID for code in range(256))


def checksum(payload: bytes) -> bytes:
    """The first four bytes of the double SHA-256 of `payload`."""
    return sha256(sha256(payload).digest()).digest()[:CHECKSUM_BYTES]


def decode(text: str, longest: int = MAX_LENGTH) -> bytes:
    """The bytes of a Base58 text that carries no checksum, or one that the caller knows how to check.

    Nothing is stripped or normalised: a blank, a look-alike or a non-ASCII digit is refused.
    Raises ValueError, which names the offending character.
    """
    if len(text) > longest:
        raise ValueError(f"{len(text)} characters, expected at most {longest}")
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise ValueError(f"character {text[error.start]!a} at position {error.start + 1} is not Base58") from None
    if _INVALID in values:
        position = values.index(_INVALID)
        raise ValueError(f"character {text[position]!a} at position {position + 1} is not Base58")
    number = 0
    for value in values:
        number = number * 58 + value
    # Each leading "1" stands for one leading zero byte, which the number itself cannot show.
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode_check(text: str) -> bytes:
    """The payload (version byte first) of a Base58Check text, its checksum verified and taken off.

    Raises ValueError for what is not Base58, and for a wrong checksum.
    """
    data = decode(text)
    payload, found = data[:-CHECKSUM_BYTES], data[-CHECKSUM_BYTES:]
    if len(data) < CHECKSUM_BYTES or checksum(payload) != found:
        raise ValueError("the Base58Check checksum is wrong")
    return payload


def encode(data: bytes) -> str:
    """`data` as Base58 text without a checksum: the inverse of `decode`."""
    number = int.from_bytes(data, "big")
    pairs = []
    while number:
        number, part = divmod(number, _PART)
        for _ in range(_PAIRS_IN_PART):
            part, pair = divmod(part, 58 * 58)
            pairs.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(pairs)).lstrip(ALPHABET[0])


def encode_check(payload: bytes) -> str:
    """`payload` (version byte first) with its checksum, as Base58 text: the inverse of `decode_check`."""
    return encode(payload + checksum(payload))
