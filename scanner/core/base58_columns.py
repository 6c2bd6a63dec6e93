"""Many Base58Check texts at once, several times as fast as singly.

A text is a row of digits here, and what is done for the digit at one place is done for all rows together: what ten
digits come to fits into a lane of eight bytes, and lanes that stand in a row are one long number, so that ten
multiplications of that do for all rows. What is valid, and why what is not is not, `base58` has: nothing here tells
more than that a row is none.

Source: as `base58`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from struct import unpack
from typing import Final

from scanner.core.base58 import ALPHABET, CHECKSUM_BYTES, checksum

_INVALID: Final = 255
_VALUES: Final = bytes(ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _INVALID for code in range(256))
_LANE: Final = 8  # bytes
_DIGITS: Final = 10  # of 58 that fit into a lane
_PART: Final = len(ALPHABET) ** _DIGITS


def decode_checks(texts: Sequence[str], size: int) -> list[bytes] | None:
    """`base58.decode_check` of each of the texts; None unless all are valid, and of payloads of so many bytes."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for at, length in enumerate(map(len, texts)):
        by_length[length].append(at)
    payloads = [b""] * len(texts)
    for length, rows in by_length.items():
        several = texts if len(rows) == len(texts) else [texts[at] for at in rows]
        found = _of_length(several, length, size + CHECKSUM_BYTES)
        if found is None:
            return None
        for at, payload in zip(rows, found, strict=True):
            payloads[at] = payload
    return payloads


def _of_length(texts: Sequence[str], length: int, size: int) -> list[bytes] | None:
    """The payloads of texts of so many characters, each of which stands for so many bytes, checksum included."""
    joined = "".join(texts)
    if not size <= length < 2 * size or not joined.isascii():
        return None
    values = joined.encode().translate(_VALUES)
    if _INVALID in values:
        return None
    try:
        decoded = [number.to_bytes(size) for number in _numbers(values, length)]
    except OverflowError:
        return None
    payloads = [data[:-CHECKSUM_BYTES] for data in decoded]
    if list(map(checksum, payloads)) != [data[-CHECKSUM_BYTES:] for data in decoded]:
        return None
    # Each zero byte in front is written as a first digit, and no other digit in front is zero.
    first = ALPHABET[0]
    zeros = [(text, data) for text, data in zip(texts, decoded, strict=True) if text[0] == first or not data[0]]
    if any(len(text) - len(text.lstrip(first)) != size - len(data.lstrip(b"\0")) for text, data in zeros):
        return None
    return payloads


def _numbers(values: bytes, length: int) -> Sequence[int]:
    """What the digits of each row come to; rows of so many digits stand one after the other."""
    count = len(values) // length
    starts = [0, *range(length % _DIGITS or _DIGITS, length, _DIGITS)]
    numbers: Sequence[int] = ()
    for start, end in zip(starts, chain(starts[1:], [length]), strict=True):
        lanes, digits = 0, bytearray(_LANE * count)
        for column in range(start, end):
            digits[_LANE - 1 :: _LANE] = values[column::length]
            lanes = lanes * len(ALPHABET) + int.from_bytes(digits)
        part = unpack(f">{count}Q", lanes.to_bytes(_LANE * count))
        numbers = [high * _PART + low for high, low in zip(numbers, part, strict=True)] if start else part
    return numbers
