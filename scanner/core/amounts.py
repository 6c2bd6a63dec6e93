"""Exact amounts: decimal text to integers and fractions, and back.

Atoms (satoshi, wei) are ints, whole coins and ratios are Fractions; nothing here is ever a float. Rounding happens
only in `rounded_down`, which is for reading.
"""

from __future__ import annotations

import re
from fractions import Fraction

_DECIMAL = re.compile(r"([0-9]{1,80})(?:\.([0-9]{1,80}))?", re.ASCII)
_PERCENT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?%", re.ASCII)


class AmountError(ValueError):
    """Text that is no exact decimal amount."""


def parse_decimal(text: str) -> Fraction:
    """Whole coins from decimal text such as "139199" or "5284.25". Signs, exponents and separators are refused."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise AmountError(f"{text!r} is no amount; expected decimal digits, such as 139199 or 0.25")
    return _fraction(*match.groups())


def parse_percent(text: str) -> tuple[Fraction, Fraction]:
    """A printed percentage such as "103%" or "100.25%": its value as a ratio, and one unit of its last digit."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise AmountError(f"{text!r} is no percentage; expected such as 103% or 100.25%")
    whole, digits = match.groups()
    return _fraction(whole, digits) / 100, Fraction(1, 100 * 10 ** len(digits or ""))


def to_atoms(coins: Fraction, decimals: int) -> int:
    """Whole coins to atoms. Raises AmountError where the amount is finer than one atom."""
    atoms = coins * Fraction(10**decimals)
    if atoms.denominator != 1:
        raise AmountError(f"{exact(coins)} has more than the asset's {decimals} decimals")
    return atoms.numerator


def exact(value: Fraction) -> str:
    """A fraction with a finite decimal expansion, written out whole, without trailing zeros."""
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest != 1:
        raise AmountError(f"{value} has no finite decimal expansion")
    return _digits(value, max(twos, fives)).rstrip("0").rstrip(".") if max(twos, fives) else str(value.numerator)


def rounded_down(value: Fraction, places: int) -> str:
    """A fraction rounded towards minus infinity, written with exactly `places` decimals."""
    return _digits(value, places)


def _fraction(whole: str, digits: str | None) -> Fraction:
    digits = digits or ""
    return Fraction(int(whole + digits), 10 ** len(digits))


def _digits(value: Fraction, places: int) -> str:
    scaled = value.numerator * 10**places // value.denominator
    sign, text = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{text[:-places]}.{text[-places:]}" if places else sign + text
