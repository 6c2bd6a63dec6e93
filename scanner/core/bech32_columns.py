"""Witness-program addresses of many programs of one version and length at once, ten to twenty times as fast as singly.

A text is a row of characters here, and what is done for the character at one place is done for all rows together: the
checksum is linear, so that it is the sum (XOR) of what each group contributes by its place, and a table says that.
What is valid, and why what is not is not, `bech32` has: nothing here tells more than that a row is none.

Source: BIP-173, BIP-350.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from scanner.core import bech32
from scanner.core.bech32 import BECH32, BECH32M, CHARSET, CHECKSUM_CHARACTERS

_INVALID: Final = 255
_VALUES: Final = bytes(CHARSET.index(chr(code)) if chr(code) in CHARSET else _INVALID for code in range(256))
_CHARACTERS: Final = CHARSET.encode() + bytes(256 - len(CHARSET))
_SEPARATOR: Final = "1"
_STATE_BYTES: Final = 4  # of the checksum's 30 bits

_Parts = tuple[tuple[int, int], ...]
"""By source: how far its bits are shifted, to the left where that is positive."""

# Eight groups of five bits from five bytes, and back: by target, which sources it has bits of.
_TO_GROUPS: Final[tuple[_Parts, ...]] = (
    ((0, -3),), ((0, 2), (1, -6)), ((1, -1),), ((1, 4), (2, -4)),
    ((2, 1), (3, -7)), ((3, -2),), ((3, 3), (4, -5)), ((4, 0),),
)  # fmt: skip
_TO_BYTES: Final[tuple[_Parts, ...]] = (
    ((0, 3), (1, -2)), ((1, 6), (2, 1), (3, -4)), ((3, 4), (4, -1)), ((4, 7), (5, 2), (6, -3)), ((6, 5), (7, 0)),
)  # fmt: skip


def address_length(hrp: str, program: int) -> int:
    """Characters of an address of a program of so many bytes."""
    return len(hrp) + len(_SEPARATOR) + 1 + _groups_of(program) + CHECKSUM_CHARACTERS


def encode_witnesses(hrp: str, version: int, programs: bytes, size: int) -> list[str]:
    """`bech32.encode_witness` of each of the programs, which stand in a row and have `size` bytes each."""
    count, length = len(programs) // size, address_length(hrp, size)
    groups = [bytes([version]) * count, *_to_groups([programs[at::size] for at in range(size)])]
    text = bytearray(count * length)
    for at, character in enumerate((hrp + _SEPARATOR).encode()):
        text[at::length] = bytes([character]) * count
    for at, column in enumerate([*groups, *_checksums(hrp, version, groups)], len(hrp) + len(_SEPARATOR)):
        text[at::length] = column.translate(_CHARACTERS)
    joined = text.decode("ascii")
    return [joined[at : at + length] for at in range(0, len(joined), length)]


def decode_witnesses(hrp: str, version: int, texts: Sequence[str], size: int) -> bytes | None:
    """The programs in a row; None unless each text is, in lower case, the address of one of this version and size."""
    count, length = len(texts), address_length(hrp, size)
    joined = "".join(texts)
    if set(map(len, texts)) != {length} or not joined.isascii():
        return None
    data = joined.encode()
    for at, character in enumerate((hrp + _SEPARATOR).encode()):
        if data[at::length] != bytes([character]) * count:
            return None
    values = data.translate(_VALUES)
    columns = [values[at::length] for at in range(len(hrp) + len(_SEPARATOR), length)]
    groups, found = columns[:-CHECKSUM_CHARACTERS], columns[-CHECKSUM_CHARACTERS:]
    if any(_INVALID in column for column in columns) or groups[0] != bytes([version]) * count:
        return None
    if _checksums(hrp, version, groups) != found:
        return None
    decoded = _to_bytes(groups[1:])
    if any(map(any, decoded[size:])):  # padding
        return None
    programs = bytearray(count * size)
    for at, column in enumerate(decoded[:size]):
        programs[at::size] = column
    return bytes(programs)


def _checksums(hrp: str, version: int, groups: Sequence[bytes]) -> list[bytes]:
    """The six groups of the checksum behind `groups`, each a column."""
    count, spec = len(groups[0]), BECH32M if version else BECH32
    start = bech32.state_after(hrp, bytes(len(groups) + CHECKSUM_CHARACTERS)) ^ spec
    planes = [int.from_bytes(bytes([plane]) * count) for plane in start.to_bytes(_STATE_BYTES)]
    for place, column in enumerate(groups):
        for at, table in enumerate(_contribution(len(groups) - 1 - place)):
            planes[at] ^= int.from_bytes(column.translate(table))
    state = [plane.to_bytes(count) for plane in planes]
    # Thirty bits: those of the first group stand one bit to the left of where a byte's first five do.
    return [
        _joined(state, parts)
        for parts in (
            ((0, -1),), ((0, 4), (1, -4)), ((1, 1), (2, -7)), ((2, -2),), ((2, 3), (3, -5)), ((3, 0),)
        )
    ]  # fmt: skip


@cache
def _contribution(behind: int) -> tuple[bytes, ...]:
    """What a group with so many others between it and the checksum adds to the four bytes of the checksum's state."""
    states = [bech32.polymod(bytes([value]) + bytes(behind + CHECKSUM_CHARACTERS), 0) for value in range(32)]
    planes = zip(*(state.to_bytes(_STATE_BYTES) for state in states), strict=True)
    return tuple(bytes(plane) + bytes(256 - 32) for plane in planes)


def _groups_of(size: int) -> int:
    return -(-8 * size // 5)


def _to_groups(columns: Sequence[bytes]) -> list[bytes]:
    """Columns of bytes to columns of groups of five bits, the last of which are filled up with zeros."""
    nothing = bytes(len(columns[0]))
    units = [[*columns[at : at + 5], *[nothing] * 4][:5] for at in range(0, len(columns), 5)]
    return [_joined(unit, parts) for unit in units for parts in _TO_GROUPS][: _groups_of(len(columns))]


def _to_bytes(columns: Sequence[bytes]) -> list[bytes]:
    """Columns of groups of five bits to columns of bytes, the last ones of which hold what is left over."""
    nothing = bytes(len(columns[0]))
    units = [[*columns[at : at + 8], *[nothing] * 7][:8] for at in range(0, len(columns), 8)]
    return [_joined(unit, parts, 0xFF) for unit in units for parts in _TO_BYTES]


def _joined(columns: Sequence[bytes], parts: _Parts, mask: int = 0x1F) -> bytes:
    """The bits of several columns in one."""
    bits = 0
    for at, shift in parts:
        bits |= int.from_bytes(columns[at].translate(_shifted(shift, mask)))
    return bits.to_bytes(len(columns[0]))


@cache
def _shifted(shift: int, mask: int) -> bytes:
    return bytes((code << shift if shift > 0 else code >> -shift) & mask for code in range(256))
