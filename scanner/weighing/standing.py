"""How a unit stands to 100 % of what is owed, whatever threshold a policy has: by exact amounts.

Gaps only hide more, so what is known to be held is enough for ABOVE; BELOW needs complete evidence.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction


class RatioStanding(StrEnum):
    """How a unit stands to 100 %."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    NOT_SHOWN = "NOT_SHOWN"


def standing_of(
    *, held: Fraction, custody: Fraction, owed: Fraction | None, verdict: str, withheld: bool, whole: bool
) -> RatioStanding:
    """`custody`: what third parties are said to hold; `withheld`: no verdict is given, whatever is held; `whole`: all
    accounts that the exchange declares are in the claim, and of none of them is more possible than counts."""
    if owed is None or (withheld and (owed or verdict == "UNKNOWN")):
        return RatioStanding.NOT_SHOWN
    if held >= owed:
        return RatioStanding.ABOVE
    return RatioStanding.BELOW if whole and held + custody < owed else RatioStanding.NOT_SHOWN
