"""Protobuf, as far as chains need it: numbers and bytes out, in the one order that hashes are taken over, and in again.

Fields that hold a zero or nothing are left out, as proto3 does. What is read is strict: fields of other kinds, and one
that stands there twice, are refused. No message is known here.

Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from typing import Final

_VARINT, _BYTES = 0, 2
_LONGEST_VARINT: Final = 10  # bytes: 64 bits


def number(field: int, value: int) -> bytes:
    """A field that holds a number of 63 bits."""
    return varint(field << 3 | _VARINT) + varint(value) if value else b""


def data(field: int, value: bytes) -> bytes:
    """A field that holds bytes, a text or another message."""
    return varint(field << 3 | _BYTES) + varint(len(value)) + value if value else b""


def varint(value: int) -> bytes:
    """A number that is not negative, seven bits a byte, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def fields(message: bytes) -> dict[int, int | bytes]:
    """What a message holds, by the numbers of its fields. Raises ValueError for bytes that are none."""
    found: dict[int, int | bytes] = {}
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        value: int | bytes
        value, at = _read_varint(message, at)
        if key & 7 == _BYTES:
            length, value = value, message[at : at + value]
            at += length
            if len(value) != length:
                raise ValueError("a field ends after the message")
        elif key & 7 != _VARINT:
            raise ValueError("a field of another kind than a number or bytes")
        if not key >> 3 or key >> 3 in found:
            raise ValueError("a field that stands there twice, or has no number")
        found[key >> 3] = value
    return found


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if value >= 2**64:
                break
            return value, at + place + 1
    raise ValueError("a number that does not end, or does not fit 64 bits")
