"""What is held and owed at somebody's prices: values and totals for readers, of which nothing is signed or weighed.

A total is of those coins alone of which price, held and owed are all known, so that its two sides are about the same
coins; if any is left out, it is partial, and says which and why. No ratio follows and no verdict: what is held of one
coin does not cover what is owed of another. Not here: how they look (`values_table`, `page/values`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.core.amounts import exact, rounded_down
from scanner.report.cells import NOTHING, UNPUBLISHED, moment, plain
from scanner.report.wording import not_established
from scanner.sources.prices import Prices
from scanner.weighing.moments import duration

NOT_SIGNED: Final = (
    "These values are not part of what was signed, and no verdict rests on them: what is held of one coin does not"
    " cover what is owed of another."
)

_CENTS: Final = 2
_NEAR: Final = timedelta(days=1)  # prices of another day are said to be


@dataclass(frozen=True, slots=True)
class Value:
    """One unit; amounts of money are in the prices' currency."""

    unit: str
    price: Fraction | None
    held: Fraction | None  # None: no price, or nothing of it is known
    owed: Fraction | None
    at_least: bool  # more may be held
    left_out: str  # of the totals, and why; empty where it is in them


@dataclass(frozen=True, slots=True)
class Values:
    """All units of a finding, and the totals of those that are in them."""

    prices: Prices
    by_unit: tuple[Value, ...]
    unused: tuple[str, ...]  # units that have a price, and that the finding does not have
    apart: timedelta  # between the prices' moment and the finding's

    @property
    def counted(self) -> tuple[Value, ...]:
        """The units that the totals are of."""
        return tuple(each for each in self.by_unit if not each.left_out)

    @property
    def held(self) -> Fraction:
        """The total of what is held."""
        return sum((each.held for each in self.counted if each.held is not None), Fraction(0))

    @property
    def owed(self) -> Fraction:
        """The total of what is owed."""
        return sum((each.owed for each in self.counted if each.owed is not None), Fraction(0))

    @property
    def at_least(self) -> bool:
        """Whether more than the total may be held."""
        return any(each.at_least for each in self.counted)

    @property
    def partial(self) -> bool:
        """Whether a unit is left out of the totals."""
        return len(self.counted) < len(self.by_unit)


def values(finding: Mapping[str, Any], prices: Prices) -> Values:
    """Of the finding of a predicate."""
    units = {reserve["unit"] for reserve in finding["reserves"]}
    return Values(
        prices,
        tuple(_value(reserve, prices, complete=finding["complete"]) for reserve in finding["reserves"]),
        tuple(unit for unit in prices.by_unit if unit not in units),
        abs(prices.as_of - datetime.fromisoformat(finding["asOf"])),
    )


def money(value: Fraction | None, *, at_least: bool = False) -> str:
    """With separators and two decimals, cut; what is less than its last digit is not called nothing."""
    if value is None:
        return NOTHING
    if 0 < value < Fraction(1, 10**_CENTS):
        return "<0.01"
    whole, _, cents = rounded_down(value, _CENTS).partition(".")
    return f"{'≥' if at_least else ''}{int(whole):,}.{cents}"


def price(value: Value) -> str:
    """With every digit that the file has."""
    if value.price is None:
        return "no price"
    whole, _, decimals = exact(value.price).partition(".")
    return f"{int(whole):,}" + (f".{decimals}" if decimals else "")


def owed(value: Value) -> str:
    """What is owed, or why there is no figure."""
    return UNPUBLISHED if value.left_out == _NOT_STATED else money(value.owed)


def heading(of: Values) -> str:
    """What the table is."""
    return f"at these prices, in {of.prices.currency}"


def total_name(of: Values) -> str:
    """What the last row is called."""
    return "partial total" if of.partial else "total"


def sentences(of: Values) -> Iterator[str]:
    """What has to be said beside the figures: what is left out, whose prices they are; last, that nothing follows."""
    if of.partial:
        left_out = ", ".join(f"{plain(each.unit)} ({each.left_out})" for each in of.by_unit if each.left_out)
        yield f"The totals are partial: they leave out {left_out}."
    prices = of.prices
    yield (
        f"Prices: {plain(prices.source, 200)}, as of {moment(prices.as_of.strftime('%Y-%m-%dT%H:%M:%SZ'))}, from"
        f" {plain(prices.file)} (sha256:{prices.sha256})."
    )
    if of.apart > _NEAR:
        yield f"The prices are of another time than what is held and owed: {duration(of.apart)} apart."
    if of.unused:
        yield f"Not used, since nothing of it is owed here: {', '.join(map(plain, of.unused))}."
    yield NOT_SIGNED


_NO_PRICE: Final = "no price"
_NOT_STATED: Final = "what is owed is not stated"
_NOT_ESTABLISHED: Final = "what is held is not established"
_WITHHELD: Final = "no verdict is given on it"


def _value(reserve: Mapping[str, Any], prices: Prices, *, complete: bool) -> Value:
    one = prices.by_unit.get(reserve["unit"])
    known = not not_established(reserve)
    if one is None:
        left_out = _NO_PRICE
    elif reserve["owed"] is None:
        left_out = _NOT_STATED
    elif not known:
        left_out = _NOT_ESTABLISHED
    else:
        left_out = _WITHHELD if reserve["withheld"] else ""
    return Value(
        unit=reserve["unit"],
        price=one,
        held=None if one is None or not known else Fraction(reserve["held"]) * one,
        owed=None if one is None or reserve["owed"] is None else Fraction(reserve["owed"]) * one,
        at_least=bool(reserve["gaps"] or reserve["atLeast"] or not complete),
        left_out=left_out,
    )
