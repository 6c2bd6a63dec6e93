"""Exact amounts: decimal text to integers and fractions, and back.

Atoms (satoshi, wei) are ints, whole coins and ratios are Fractions; nothing here is ever a float. Rounding happens
only in `rounded_down`, which is for reading.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

MOST_WHOLE_DIGITS: Final = 80
"""Digits before the point of an amount that a claim or a policy states."""
MOST_SUM_DIGITS: Final = 100
"""The same of a sum: of 10**20 such amounts, which is more than any file has room for."""
MOST_RATIO_DIGITS: Final = 200
"""The same of a ratio: of the largest sum to the smallest amount there may be, and more."""
MOST_DECIMALS: Final = 60
"""Digits behind the point, everywhere: sums have no more than the amounts they are of, and an atom's 36 are fewer."""
MOST_ATOMS: Final = 2**256 - 1
"""What one account can hold or be said to hold: the largest number that an EVM knows."""

STATED: Final = rf"[0-9]{{1,{MOST_WHOLE_DIGITS}}}(\.[0-9]{{1,{MOST_DECIMALS}}})?"
"""A stated amount, as a pattern. These bounds are the only ones: claim, policy and predicate have them from here."""
PERCENT: Final = r"[0-9]{1,9}(\.[0-9]{1,9})?%"
"""A printed percentage, as a pattern."""

_STATED = re.compile(STATED, re.ASCII)
_DECIMAL = re.compile(rf"([0-9]{{1,{MOST_RATIO_DIGITS}}})(?:\.([0-9]{{1,{MOST_DECIMALS}}}))?", re.ASCII)
_DIGITS_ALONE = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_PERCENT = re.compile(PERCENT, re.ASCII)


class AmountError(ValueError):
    """Text that is no exact decimal amount."""


class AmountTooLong(AmountError):
    """An exact amount with more digits than a statement can say of it."""


def written(most_digits: int) -> str:
    """An amount in its one spelling, as a pattern: no needless zeros, and `most_digits` before the point at most."""
    return rf"(0|[1-9][0-9]{{0,{most_digits - 1}}})(\.[0-9]{{0,{MOST_DECIMALS - 1}}}[1-9])?"


def parse_decimal(text: str) -> Fraction:
    """Whole coins from decimal text such as "139199" or "5284.25", of a length that sums and ratios may have.

    Signs, exponents and separators are refused. Raises AmountError.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise AmountError(f"{text[:80]!r} is no amount; expected decimal digits, such as 139199 or 0.25")
    return _fraction(*match.groups())


def parse_stated(text: str) -> Fraction:
    """The same of an amount that a claim or a policy states, no longer than a statement can say it. AmountError."""
    if _STATED.fullmatch(text) is None and _DIGITS_ALONE.fullmatch(text) is not None:
        raise AmountTooLong(f"has more than {MOST_WHOLE_DIGITS} digits before the point, or {MOST_DECIMALS} behind it")
    return parse_decimal(text)


def parse_percent(text: str) -> tuple[Fraction, Fraction]:
    """A printed percentage such as "103%" or "100.25%": its value as a ratio, and one unit of its last digit."""
    if _PERCENT.fullmatch(text) is None:
        raise AmountError(f"{text!r} is no percentage; expected such as 103% or 100.25%")
    whole, _, digits = text.removesuffix("%").partition(".")
    return _fraction(whole, digits) / 100, Fraction(1, 100 * 10 ** len(digits))


def to_atoms(coins: Fraction, decimals: int) -> int:
    """Whole coins to atoms. Raises AmountError where the amount is finer than one atom, or beyond MOST_ATOMS."""
    atoms = coins * Fraction(10**decimals)
    if atoms.denominator != 1:
        raise AmountError(f"{exact(coins)} has more than the asset's {decimals} decimals")
    if atoms > MOST_ATOMS:
        raise AmountError(f"{exact(coins)} is more than any account can hold: 2**256 - 1 of the asset's atoms")
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


def rounded_up(value: Fraction, places: int) -> str:
    """A fraction of 0 or more rounded upwards, written with exactly `places` decimals."""
    scale = 10**places
    return _digits(Fraction(-(-value.numerator * scale // value.denominator), scale), places)


def _fraction(whole: str, digits: str | None) -> Fraction:
    digits = digits or ""
    return Fraction(int(whole + digits), 10 ** len(digits))


def _digits(value: Fraction, places: int) -> str:
    scaled = value.numerator * 10**places // value.denominator
    sign, text = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(places + 1, "0")
    return f"{sign}{text[:-places]}.{text[-places:]}" if places else sign + text
