"""Amounts of published proofs: decimal text, exact, and back to the text that a format hashes.

Nothing here is ever a float. A negative amount is refused wherever a format does not allow one.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from scanner.core.amounts import exact, rounded_down
from scanner.proofs.liabilities.interface import NotUnderstood, Refuted, TooLarge

MOST_DIGITS: Final = 40
"""Before the point, and behind it: SwissBorg's largest has 21 behind it."""
_DECIMAL = re.compile(rf"(-?)([0-9]{{1,{MOST_DIGITS}}})(?:\.([0-9]{{1,{MOST_DIGITS}}}))?", re.ASCII)
_LONG = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def amount(text: str, where: str, *, negative: bool = False) -> Fraction:
    """An amount as written. Raises NotUnderstood for other text, TooLarge for more digits than are read, and Refuted
    below zero unless `negative`."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        if _LONG.fullmatch(text):
            raise TooLarge(where, "an amount of too many digits", MOST_DIGITS)
        raise NotUnderstood(f"{where}: {text[:80]!a} is no decimal amount")
    sign, whole, digits = match.groups(default="")
    value = Fraction(int(whole + digits), 10 ** len(digits))
    if sign and not value:
        raise NotUnderstood(f"{where}: {text[:80]!a} is no decimal amount: nothing is neither owed nor owing")
    if sign and not negative:
        raise Refuted(f"{where}: {text[:80]} is negative")
    return -value if sign else value


def cut(value: Fraction, places: int) -> Fraction:
    """Towards zero, to so many digits behind the point."""
    scaled = abs(value.numerator) * 10**places // value.denominator
    return Fraction(scaled if value >= 0 else -scaled, 10**places)


def stripped(value: Fraction) -> str:
    """Plain notation without trailing zeros: "1.5", "0"."""
    return exact(value)


def padded(value: Fraction, places: int) -> str:
    """Plain notation with exactly so many digits behind the point: "1.50000000". Finer amounts are cut."""
    return rounded_down(cut(value, places), places)
