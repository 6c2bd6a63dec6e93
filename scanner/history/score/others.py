"""Requirements of another published rubric that the same measures decide, as far as a history goes.

ardmere's "Exchange Reserve Transparency Whitepaper", version 1.1 of 1 July 2026, chapter 7 (ardmere.github.io). Its ids
are printed beside a score and never counted in it. What of a requirement nothing here looks at stands with it: that a
file was public, or to be had without an account, follows from no attestation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.history.score.measures import Measured, What
from scanner.history.score.rubric import NEARLY_ALL, THREE_MONTHS, Demand

RUBRIC: Final = "ardmere, Exchange Reserve Transparency Whitepaper 1.1"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: what of it is decided here, and what is left open."""

    id: str
    asks: str  # in short
    demands: tuple[Demand, ...]  # that decide it, of each unit; empty: nothing that a history keeps does
    open: str  # what is not looked at

    def is_shown(self, of: Sequence[Measured]) -> bool:
        """Whether every unit meets what is decided here. False where there is no unit."""
        return bool(of and self.demands) and all(demand.is_met(each) for demand in self.demands for each in of)


REQUIREMENTS: Final = (
    Requirement(
        "S1-2",
        "a list of accounts with block heights that can be checked on the chain",
        (Demand(What.ALL_READ), Demand(What.CLAIM_COMPLETE)),
        "whether the list is public",
    ),
    Requirement(
        "S1-3",
        "a proof of ownership of the accounts that can be verified",
        (Demand(What.ALL_READ), Demand(What.CONTROL_SIGNED, NEARLY_ALL)),
        "whether the proof is public",
    ),
    Requirement(
        "S1-4",
        "a proof of the total of what is owed that anyone can run",
        (Demand(What.OWED_TOTAL),),
        "whether its files can be had without an account",
    ),
    Requirement(
        "S1-7",
        "the summary bound to the sum of the accounts, and to the root of what is owed",
        (Demand(What.ALL_READ), Demand(What.SETTLED), Demand(What.OWED_ROOT), Demand(What.OWED_BOUND)),
        "what else a summary says",
    ),
    Requirement(
        "S1-9",
        "earlier reports that can still be had",
        (Demand(What.REPORTS, Fraction(2)),),
        "whether the exchange itself keeps them",
    ),
    Requirement(
        "S2-3",
        "the root of what is owed anchored on a chain",
        (),
        "all of it: a history keeps no such anchor (what is called an anchor here leads to a report's blocks)",
    ),
    Requirement(
        "S2-8",
        "reports so frequent that no moment can be chosen: weekly ones, and roots daily",
        (Demand(What.WEEKLY_DAYS, THREE_MONTHS),),
        "daily roots, and reports after events",
    ),
)
