"""The instructions that compute: words from the stack to one word, with nothing else in sight.

Words are integers from 0 up to 2**256 - 1. An operand may be `Undetermined` in place of one: then Python's own
operators refuse. So every function here computes with each of its operands, even where the result is 0 in any case.

Sources: the Yellow Paper, appendix H; EIP-145 (shifts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Word: TypeAlias = Any
"""An int of 256 bits, or an `Undetermined`."""

WORD_MASK: Final = (1 << 256) - 1
_SIGN: Final = 1 << 255


def _signed(word: Word) -> Word:
    return word - 2 * _SIGN if word >= _SIGN else word


def _signed_division(a: Word, b: Word) -> Word:
    dividend, divisor = _signed(a), _signed(b)
    if divisor == 0:
        return 0
    quotient = abs(dividend) // abs(divisor)
    return (quotient if (dividend < 0) == (divisor < 0) else -quotient) & WORD_MASK


def _signed_remainder(a: Word, b: Word) -> Word:
    dividend, divisor = _signed(a), _signed(b)
    if divisor == 0:
        return 0
    remainder = abs(dividend) % abs(divisor)
    return (-remainder if dividend < 0 else remainder) & WORD_MASK


def _sign_extended(size: Word, word: Word) -> Word:
    """The lowest `size` + 1 bytes of a word, their highest bit being a sign."""
    if size >= 31:
        return word + 0
    bit = 8 * size + 7
    low = (1 << bit) - 1
    return word | (WORD_MASK ^ low) if word >> bit & 1 else word & low


def _byte(position: Word, word: Word) -> Word:
    return word >> 8 * (31 - position) & 0xFF if position < 32 else 0 * word


def _shifted_right_signed(shift: Word, word: Word) -> Word:
    return (_signed(word) >> min(shift, 255)) & WORD_MASK


BINARY: Final[dict[int, Callable[[Word, Word], Word]]] = {
    0x01: lambda a, b: (a + b) & WORD_MASK,
    0x02: lambda a, b: (a * b) & WORD_MASK,
    0x03: lambda a, b: (a - b) & WORD_MASK,
    0x04: lambda a, b: a // b if b + 0 else 0 * a,
    0x05: _signed_division,
    0x06: lambda a, b: a % b if b + 0 else 0 * a,
    0x07: _signed_remainder,
    0x0A: lambda a, b: pow(a, b + 0, WORD_MASK + 1),
    0x0B: _sign_extended,
    0x10: lambda a, b: 1 if a < b else 0,
    0x11: lambda a, b: 1 if a > b else 0,
    0x12: lambda a, b: 1 if _signed(a) < _signed(b) else 0,
    0x13: lambda a, b: 1 if _signed(a) > _signed(b) else 0,
    0x14: lambda a, b: 1 if a == b else 0,
    0x16: lambda a, b: a & b,
    0x17: lambda a, b: a | b,
    0x18: lambda a, b: a ^ b,
    0x1A: _byte,
    0x1B: lambda shift, word: (word << shift) & WORD_MASK if shift < 256 else 0 * word,
    0x1C: lambda shift, word: word >> shift if shift < 256 else 0 * word,
    0x1D: _shifted_right_signed,
}
"""By code: of two operands, that from the top of the stack first."""

UNARY: Final[dict[int, Callable[[Word], Word]]] = {
    0x15: lambda a: 1 if a == 0 else 0,
    0x19: lambda a: ~a & WORD_MASK,
}

TERNARY: Final[dict[int, Callable[[Word, Word, Word], Word]]] = {
    0x08: lambda a, b, modulus: (a + b) % modulus if modulus + 0 else 0 * (a + b),
    0x09: lambda a, b, modulus: a * b % modulus if modulus + 0 else 0 * (a * b),
}
