"""For how long reports followed each other, whatever the calendar says.

Not by periods of the calendar, as a cadence is (`history.cadence`): reports of 31 January and 1 February would keep two
months. Here it is days from the first report of a chain to its last, in which no two neighbours are further apart than
a step. Two reports of one day so add nothing. Pure: the moment now is an argument.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WEEKLY: Final = timedelta(days=8)
MONTHLY: Final = timedelta(days=35)
QUARTERLY: Final = timedelta(days=100)
"""The step: so far apart may two reports lie that follow each other."""

IN_TIME: Final = timedelta(days=45)
"""So long after its moment a report may be attested at the latest: a month and a fortnight."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The moments of an exchange's reports at which one unit was shown in full and in time, up to the report that is
    scored; and how many reports the history has up to it at all."""

    moments: frozenset[datetime]
    scored: datetime
    reports: int
    waited: timedelta | None = None  # since the report, where none came after it and a moment now is given

    def days(self, step: timedelta) -> int:
        """How long the reports that lead to the scored one followed each other by at most a step. 0 where it is none of
        them, and where the next one is overdue."""
        if self.scored not in self.moments or (self.waited is not None and self.waited > step + IN_TIME):
            return 0
        return (self.scored - _first(self.moments, self.scored, step)).days


def _first(moments: Collection[datetime], last: datetime, step: timedelta) -> datetime:
    first = last
    for moment in sorted((moment for moment in moments if moment < last), reverse=True):
        if first - moment > step:
            break
        first = moment
    return first
