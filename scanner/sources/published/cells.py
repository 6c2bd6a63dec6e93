"""What one cell says: an amount, a height, or nothing. Every layout's cells are written alike.

A cell that cannot be read costs its row nothing but itself: the account is still declared, and what is not stated is
only not compared. Nothing is guessed at: where a comma may be a point or may part thousands, the amount is not read.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.core.amounts import MOST_DECIMALS
from scanner.sources.published.archive import shown

MAX_AMOUNT_DIGITS: Final = 38  # so that an amount fits 128 bits; of 18 decimals, 20 digits are left for whole coins

_NOTHING: Final = frozenset(
    {"", "-", "--", "\u2013", "\u2014", "null", "none", "nil", "n/a", "na", "#n/a", "nan", "\\n"}
)
_AMOUNT = re.compile(r"([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]{1,4}))?", re.ASCII)
_COMMAS = re.compile(r"[0-9][0-9.,' \u00a0\u202f_]*", re.ASCII)
_BELOW_ZERO = re.compile(r"(?:[-\u2212]\s*[0-9.,]+(?:[eE][-+]?[0-9]+)?|\([0-9.,]+\))", re.ASCII)


class Unreadable(ValueError):
    """A cell that says something that cannot be understood. The message is for people."""


def says_nothing(text: str) -> bool:
    """Whether a cell without its blanks is one of the ways to say that nothing is stated: empty, -, N/A, null, \\N."""
    return text.casefold() in _NOTHING


def read_amount(text: str) -> tuple[int, int] | None:
    """A number to its digits as one integer, and how many of them stand behind the point; None where nothing is stated.

    `5E-18`, `.5` and `5.` are numbers. Raises Unreadable.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        if says_nothing(text):
            return None
        raise Unreadable(_what_is_wrong(text))
    whole, decimals, exponent = match[1], match[2] or "", int(match[3] or 0)
    digits = len(decimals) - exponent
    if digits < 0:
        raise Unreadable(f"{shown(text)} was rounded, to an unknown digit")
    coefficient = whole + decimals
    if len(coefficient) > MAX_AMOUNT_DIGITS or digits > MOST_DECIMALS:
        raise Unreadable(f"{shown(text)} has more than {MAX_AMOUNT_DIGITS} digits, or {MOST_DECIMALS} behind the point")
    return int(coefficient), digits


def read_height(text: str) -> int | None:
    """A block height; None where the cell says that there is none. Raises Unreadable."""
    if says_nothing(text):
        return None
    if not (text.isdecimal() and text.isascii() and len(text) <= 12):
        raise Unreadable(f"{shown(text)} is no block height")
    return int(text)


def is_float_rounded(atoms: int) -> bool:
    """Whether a number of atoms has the look of a binary float, so that it may have been another number before.

    It has, where it is what such a float holds, or what is written of one: its shortest digits, and zeros.
    """
    if atoms < 1 << 53:
        return False
    shortest = repr(float(atoms)).partition("e")[0].replace(".", "").rstrip("0")
    return atoms % (1 << (atoms.bit_length() - 53)) == 0 or str(atoms).rstrip("0") == shortest


def _what_is_wrong(text: str) -> str:
    if _BELOW_ZERO.fullmatch(text):
        return f"{shown(text)} is below zero"
    if _COMMAS.fullmatch(text):
        return f"{shown(text)} may be read in two ways: write it with a point and nothing between thousands"
    return f"{shown(text)} is no decimal number, such as 0.25"
