"""The six criteria as a table: what is measured of each unit, and how much of it earns a half, or the whole.

The criteria are Nic Carter's ("The status of proof of reserve as of year-end 2022", medium.com/@nic__carter); what
earns how much is this program's own, as those scores were published without a formula. Why each is as it is:
docs/score.md. Not here: how a figure is measured (`measures`), and any words for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from scanner.history.score.measures import Measured, What


class Points(StrEnum):
    """What a criterion earns. NOT SHOWN counts as 0: what its lower condition asks for is not known."""

    NOT_SHOWN = "NOT SHOWN"
    NONE = "0"
    HALF = "1/2"
    WHOLE = "1"

    @property
    def halves(self) -> int:
        """In half points."""
        return _HALVES[self]


_HALVES: Final = {Points.NOT_SHOWN: 0, Points.NONE: 0, Points.HALF: 1, Points.WHOLE: 2}
_WORST_FIRST: Final = tuple(Points)


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition: at least so much has to be measured."""

    what: What
    least: Fraction = Fraction(1)

    def figure(self, of: Measured) -> Fraction | None:
        """What is measured."""
        return of.figures[self.what]

    def is_met(self, of: Measured) -> bool:
        """Whether it is known, and enough."""
        found = self.figure(of)
        return found is not None and found >= self.least


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the six. `whole`: everything that earns 1. `half`: ways to earn 1/2, each of which is enough."""

    name: str  # part of what `scanner score --json` prints
    whole: tuple[Demand, ...]
    half: tuple[tuple[Demand, ...], ...]
    by_unit: bool = True  # whether units may differ in it

    def points(self, of: Measured) -> Points:
        """What one unit earns."""
        if _all_met(self.whole, of):
            return Points.WHOLE
        if any(_all_met(way, of) for way in self.half):
            return Points.HALF
        unknown = any(demand.figure(of) is None for way in self.half for demand in way)
        return Points.NOT_SHOWN if unknown else Points.NONE

    def lacking(self, of: Measured) -> tuple[Demand, ...]:
        """What keeps one unit from the whole: empty where it has it."""
        return tuple(demand for demand in self.whole if not demand.is_met(of))

    @property
    def measured(self) -> tuple[What, ...]:
        """All that is measured for it, each once."""
        return tuple(dict.fromkeys(demand.what for way in (self.whole, *self.half) for demand in way))


def _all_met(demands: Sequence[Demand], of: Measured) -> bool:
    """Never of nothing: a condition that asks for nothing would be met by nothing."""
    return bool(demands) and all(demand.is_met(of) for demand in demands)


def lowest(points: Sequence[Points]) -> Points:
    """What the lowest unit earns: NOT SHOWN where there is no unit."""
    return min(points, key=_WORST_FIRST.index, default=Points.NOT_SHOWN)


NEARLY_ALL: Final = Fraction(95, 100)
MOST: Final = Fraction(1, 2)

TWELVE_MONTHS: Final = Fraction(330)
"""Days from the first of twelve monthly reports to the last: eleven months of 30."""
THREE_MONTHS: Final = Fraction(56)
"""The same of three: two months of 28."""
FOUR_QUARTERS: Final = Fraction(270)
"""The same of four quarterly ones: three quarters of 90."""

CRITERIA: Final = (
    Criterion(
        "assets-verified",
        whole=(
            Demand(What.ALL_READ),
            Demand(What.CONTROL_SHOWN, NEARLY_ALL),
            Demand(What.BALANCES_PROVEN, NEARLY_ALL),
        ),
        half=((Demand(What.ALL_READ), Demand(What.CONTROL_SIGNED, MOST), Demand(What.BALANCES_AGREED, NEARLY_ALL)),),
    ),
    Criterion(
        "assets-covered",
        whole=(
            Demand(What.SETTLED),
            Demand(What.ACCOUNTS_READ, NEARLY_ALL),
            Demand(What.CLAIM_COMPLETE),
            Demand(What.SHARE_STATED, NEARLY_ALL),
        ),
        half=(
            (Demand(What.SETTLED), Demand(What.ACCOUNTS_READ, MOST), Demand(What.SHARE_STATED, MOST)),
            (Demand(What.FOUND, MOST), Demand(What.ACCOUNTS_READ, MOST), Demand(What.SHARE_STATED, MOST)),
        ),
    ),
    Criterion(
        "frequent",
        whole=(Demand(What.MONTHLY_DAYS, TWELVE_MONTHS),),
        half=((Demand(What.MONTHLY_DAYS, THREE_MONTHS),), (Demand(What.QUARTERLY_DAYS, FOUR_QUARTERS),)),
    ),
    Criterion(
        "liabilities-checkable",
        whole=(Demand(What.OWED_ROOT), Demand(What.OWED_PATH)),
        half=((Demand(What.OWED_ROOT),),),
    ),
    Criterion(
        "liabilities-proven",
        whole=(Demand(What.OWED_TOTAL), Demand(What.OWED_UNWEAKENED)),
        half=((Demand(What.OWED_BOUND),),),
    ),
    Criterion(
        "auditors",
        whole=(Demand(What.AUDITORS, Fraction(2)),),
        half=((Demand(What.AUDITORS, Fraction(1)),),),
        by_unit=False,
    ),
)
"""In Carter's order: cryptographic asset verification; asset coverage; frequent, ongoing proofs; user verification of
liabilities; liabilities credibly accounted for; auditor oversight."""
