"""Whether asking the same nodes for the same claim again can change a verdict.

A job that cannot tell the two kinds of UNKNOWN apart retries for nothing, or is red every day for a known reason. What
asking again can bring is a balance in place of a gap, and nothing else: the claim, the policy and the blocks are given.
"""

from __future__ import annotations

from scanner.weighing.finding import Reserve, Verdict
from scanner.weighing.withheld import is_decisive


def is_lasting(reserve: Reserve) -> bool:
    """Whether the unit is UNKNOWN and stays so: what it owes is not said, its verdict is withheld whatever is held, or
    none of its gaps can be filled by asking again (`errors.LASTING`), and nothing of it moved while it was read, or is
    weighed at a moment that will be another one."""
    if reserve.verdict is not Verdict.UNKNOWN:
        return False
    if reserve.owed is None or is_decisive(reserve.withheld, reserve.owed):
        return True
    return not is_fillable(reserve) and not reserve.owed_earlier


def is_fillable(reserve: Reserve) -> bool:
    """Whether asking the same nodes again may bring a balance that is not there: of a gap that does not stay, or of a
    coin that moved while it was read."""
    return reserve.gaps > reserve.lasting_gaps or bool(reserve.moved)
