"""For how long reports followed each other, whatever the calendar says.

Not by periods of the calendar, as a cadence is (`history.cadence`): reports of 31 January and 1 February would keep two
months. Here it is days from the first report of a chain to its last, in which no two neighbours are further apart than
a step. Two reports of one day so add nothing. Pure: the moment now is an argument.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

WEEKLY: Final = timedelta(days=8)
MONTHLY: Final = timedelta(days=35)
QUARTERLY: Final = timedelta(days=100)
"""The step: so far apart may two reports lie that follow each other."""

IN_TIME: Final = timedelta(days=45)
"""So long after its moment a report may be attested at the latest: a month and a fortnight."""


STEPS: Final = (WEEKLY, MONTHLY, QUARTERLY)


class Timeline:
    """The moments of an exchange's reports at which one unit was shown in full and in time."""

    def __init__(self, moments: Collection[datetime]) -> None:
        self._first = {step: _chains(sorted(moments), step) for step in STEPS}

    def up_to(self, scored: datetime, waited: timedelta | None = None) -> Mapping[timedelta, int]:
        """By step: for how many days the reports that lead to the one of this moment followed each other by no more. 0
        where it is none of them, and where the next one is overdue: `waited` is how long it is since the report, where
        none came after it and a moment now is given."""
        return {
            step: (scored - first.get(scored, scored)).days if waited is None or waited <= step + IN_TIME else 0
            for step, first in self._first.items()
        }


def _chains(moments: Sequence[datetime], step: timedelta) -> dict[datetime, datetime]:
    """By each moment: the first of those that lead to it."""
    first: dict[datetime, datetime] = {}
    for number, moment in enumerate(moments):
        near = number > 0 and moment - moments[number - 1] <= step
        first[moment] = first[moments[number - 1]] if near else moment
    return first
