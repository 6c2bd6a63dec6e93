"""Whole numbers of a proof file in whole coins, and what the claim and others published compared with what came out.

The option `decimals` says how many digits of a file's number stand after the point: one figure for all coins, and
others for single ones, as in "8, SHIB=2". Nothing here knows a format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.interface import Misstated, OtherRoot, Published, Refuted, Shows, Total
from scanner.proofs.liabilities.remarks import STATED_DECIMALS

MOST_DECIMALS: Final = 36
ANY: Final = tuple(range(MOST_DECIMALS + 1))
"""Of a format that says nothing of where the point stands."""


@dataclass(frozen=True, slots=True)
class Decimals:
    """How many digits stand after the point, by symbol in upper case."""

    default: int
    of: Mapping[str, int] = field(default_factory=dict)
    choices: tuple[int, ...] = ()  # what a release may have as well, where the claim does not say it
    stated: frozenset[str] = frozenset()  # of which the claim says it

    def amount(self, symbol: str, number: int) -> Fraction:
        """So many of the file's units in whole coins."""
        return Fraction(number, 10 ** self.of.get(symbol.upper(), self.default))

    def total(self, symbol: str, number: int, shows: Shows, assumes: tuple[str, ...] = ()) -> Total:
        """So many of the file's units as a total, with what it is otherwise, as far as the claim leaves that open."""
        amount = self.amount(symbol, number)
        choices = () if symbol.upper() in self.stated else self.choices
        others = {Fraction(number, 10**digits) for digits in choices} - {amount}
        return Total(amount, shows, assumes, tuple(sorted(others)))


def decimals_remarks(options: Mapping[str, str]) -> tuple[str, ...]:
    """What is to be said of amounts of which the claim says where the point stands."""
    return (STATED_DECIMALS,) if "decimals" in options else ()


def read_decimals(options: Mapping[str, str], otherwise: Decimals) -> Decimals:
    """The option `decimals`; where it is not given, or says nothing of a coin, `otherwise`.

    Raises Misstated for anything but one figure for all, figures for single coins ("BTC=8"), or both.
    """
    text = options.get("decimals")
    if text is None:
        return otherwise
    default, of, choices = otherwise.default, dict(otherwise.of), otherwise.choices
    named: set[str] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(?:([^\s=,]{1,40})\s*=\s*)?([0-9]{1,2})\s*", part)
        symbol = found and (found[1] or "").upper()
        if found is None or int(found[2]) > MOST_DECIMALS or symbol in named:
            raise Misstated("options.decimals", f"{part[:60]!a} is not as in '8, SHIB=2', or is there twice")
        named.add(symbol or "")
        if symbol:
            of[symbol] = int(found[2])
        else:
            default = int(found[2])
            of = {coin: digits for coin, digits in of.items() if coin in named}
            choices = ()
    return Decimals(default, of, choices, frozenset(named))


def check_stated(published: Published, *options: str, digits: int = 64) -> None:
    """Raises Misstated for an option that the scheme does not have, and a root that is not of so many hex digits."""
    if strange := sorted(set(published.options).difference(options)):
        choices = f"expected {', '.join(options)}" if options else "this scheme has no options"
        raise Misstated(f"options.{strange[0][:40]}", f"no option of this scheme; {choices}")
    if published.root is not None and not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", published.root, re.ASCII):
        raise Misstated("root", f"{published.root[:100]!a} is no root of this scheme; expected {digits} hex digits")


def compare(published: Published, root: str, totals: Mapping[str, Total]) -> None:
    """Raises OtherRoot or Refuted unless the root and every total published elsewhere are those that came out."""
    if published.root is not None and published.root.lower() != root:
        raise OtherRoot(published.root[:100], root)
    for symbol, stated in published.totals.items():
        found = totals.get(symbol.upper())
        if found is None:
            raise Refuted(f"the files have no total of {symbol[:40]!a}")
        if found.amount != stated:
            raise Refuted(f"{symbol[:40]}: {stated} is said to be owed, and the files come to {found.amount}")
