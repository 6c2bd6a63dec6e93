"""For how long reports followed each other, whatever the calendar says.

Not by periods of the calendar, as a cadence is (`history.cadence`): reports of 31 January and 1 February would keep two
months. Here it is days from the first report of a chain to its last, in which no two neighbours are further apart than
a step. Two reports of one day so add nothing. Nor does a report of far less than the scored one owes: each is held
against the scored report alone, never against its neighbour, since between neighbours the loss of a large report would
join two small ones. Pure: the moment now is an argument.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

WEEKLY: Final = timedelta(days=8)
MONTHLY: Final = timedelta(days=35)
QUARTERLY: Final = timedelta(days=100)
"""The step: so far apart may two reports lie that follow each other."""

IN_TIME: Final = timedelta(days=45)
"""So long after its moment a report may be attested at the latest: a month and a fortnight."""


STEPS: Final = (WEEKLY, MONTHLY, QUARTERLY)


LEAST_SHARE: Final = Fraction(1, 10)
"""So much of what the scored report says is owed of the unit a report has to owe, in coins, to belong to its row."""


class Timeline:
    """The moments of an exchange's reports at which one unit was shown in full and in time, and how much of it was owed
    then: where several claims are of one moment, the most."""

    def __init__(self, owed: Mapping[datetime, Fraction]) -> None:
        self._reports = sorted(owed.items())
        self._moments = [moment for moment, _ in self._reports]
        self._chains = {step: self._chains_of(step) for step in STEPS}

    def _chains_of(self, step: timedelta) -> list[tuple[datetime, Fraction]]:
        """Of each report, whatever is owed then: the first of those that lead to it by no more than the step, and the
        least that is owed at any of them."""
        found: list[tuple[datetime, Fraction]] = []
        before: datetime | None = None
        for moment, owed in self._reports:
            joined = before is not None and moment - before <= step
            first, least = found[-1] if joined else (moment, owed)
            found.append((first, min(least, owed)))
            before = moment
        return found

    def up_to(
        self, scored: datetime, owed: Fraction | None, waited: timedelta | None = None
    ) -> Mapping[timedelta, int]:
        """By step: for how many days the reports that lead to the one of this moment, which owes so much, followed each
        other by no more. 0 where it is none of them or does not say what it owes, and where the next one is overdue:
        `waited` is how long it is since the report, where none came after it and a moment now is given."""
        return {
            step: self._days(scored, owed, step) if waited is None or waited <= step + IN_TIME else 0 for step in STEPS
        }

    def _days(self, scored: datetime, owed: Fraction | None, step: timedelta) -> int:
        number = bisect_left(self._moments, scored)
        if owed is None or number == len(self._moments) or self._moments[number] != scored:
            return 0
        first, least = scored, owed * LEAST_SHARE
        if self._reports[number][1] < least:  # only a smaller claim of that moment was shown in full
            return 0
        whole, least_owed = self._chains[step][number]
        if least_owed >= least:  # every report of the chain belongs to the row: the usual case, without going back
            return (scored - whole).days
        for before in range(number - 1, -1, -1):
            moment, owed_then = self._reports[before]
            if first - moment > step:
                break
            if owed_then >= least:
                first = moment
        return (scored - first).days
