"""twox64: the 64-bit xxHash that Substrate puts before keys of maps; here of keys of four bytes, as block numbers are.

It spreads keys over the trie and proves nothing: the key itself stands behind it.

Source: the xxHash specification (XXH64, seed 0; of an input below 32 bytes one step of four bytes, and the avalanche).
"""

from __future__ import annotations

from typing import Final

KEY_BYTES: Final = 4

_1: Final = 0x9E3779B185EBCA87
_2: Final = 0xC2B2AE3D27D4EB4F
_3: Final = 0x165667B19E3779F9
_5: Final = 0x27D4EB2F165667C5
_WORD: Final = 2**64 - 1


def twox64(key: bytes) -> bytes:
    """The 8 bytes before a key of four. Raises ValueError for a key of another length."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key of {len(key)} bytes, not {KEY_BYTES}")
    word = (_5 + KEY_BYTES) ^ (int.from_bytes(key, "little") * _1 & _WORD)
    word = (word << 23 | word >> 41) & _WORD
    word = word * _2 + _3 & _WORD
    word = (word ^ word >> 33) * _2 & _WORD
    word = (word ^ word >> 29) * _3 & _WORD
    return (word ^ word >> 32).to_bytes(8, "little")
