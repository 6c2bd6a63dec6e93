"""Which reports of several exchanges stand beside each other: of each the one nearest to a moment, if near enough.

Chosen by moments alone, never by what a report shows. Every moment at which an exchange has a verified report is one
to compare at, so that none is picked by who looks well at it; a report that is added adds moments and takes none away.
Not here: the page (`compare`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

NEAR: Final = timedelta(days=16)
"""So far from the moment may a report lie at the most: of exchanges that report monthly, each has one as near."""


@dataclass(frozen=True, slots=True)
class DatedReport:
    """A verified report of an exchange, of one moment."""

    exchange: str
    as_of: str
    attestations: tuple[Mapping[str, Any], ...]  # that count, one for each claim of that moment
    lines: Mapping[str, tuple[str, Mapping[str, Any]]]  # by unit: the attestation in which it stands worst, the reserve
    moment: datetime  # the same as `as_of`

    def speaks_of(self, unit: str) -> bool:
        """Whether any attestation that counts does: of several claims one may leave it out."""
        return any(reserve["unit"] == unit for each in self.attestations for reserve in each["reserves"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The reports that stand beside each other at a moment."""

    as_of: str
    near: tuple[DatedReport, ...]  # two or more, by the exchanges' names
    far: tuple[DatedReport, ...]  # the nearest of those whose nearest is too far away, by name
    unverified: tuple[str, ...]  # exchanges of which no report was verified, by name
    moment: datetime  # the same as `as_of`

    def away(self, report: DatedReport) -> timedelta:
        """How much later than the moment a report is; negative where it is earlier."""
        return report.moment - self.moment

    @property
    def apart(self) -> timedelta:
        """How far the reports lie apart."""
        moments = [report.moment for report in self.near]
        return max(moments) - min(moments)

    @property
    def units(self) -> list[str]:
        """Each unit that any of the reports speaks of, sorted."""
        return sorted({unit for report in self.near for unit in report.lines})


def comparisons(summary: Mapping[str, Any]) -> list[Comparison]:
    """All that can be made of a history's summary, by moment: where two exchanges or more have a report near it."""
    listed = [_reports(exchange) for exchange in summary["exchanges"]]
    unverified = tuple(
        exchange["exchange"] for exchange, reports in zip(summary["exchanges"], listed, strict=True) if not reports
    )
    found = []
    moments = [[report.moment for report in reports] for reports in listed]
    for as_of in sorted({report.as_of for reports in listed for report in reports}):
        moment = datetime.fromisoformat(as_of)
        nearest = [_nearest(reports, of, moment) for reports, of in zip(listed, moments, strict=True) if reports]
        near = tuple(report for report in nearest if abs(report.moment - moment) <= NEAR)
        if len(near) > 1:
            far = tuple(report for report in nearest if report not in near)
            found.append(Comparison(as_of, near, far, unverified, moment))
    return found


def _nearest(reports: Sequence[DatedReport], moments: Sequence[datetime], moment: datetime) -> DatedReport:
    """Of two that are equally near the earlier one. `moments` are the reports', which are in their order."""
    number = bisect_left(moments, moment)
    around = range(max(0, number - 1), min(number + 1, len(moments)))
    return reports[min(around, key=lambda each: (abs(moments[each] - moment), each))]


def _reports(exchange: Mapping[str, Any]) -> list[DatedReport]:
    """Those of which something counts, by moment."""
    counted: dict[str, list[Mapping[str, Any]]] = {}
    for each in exchange["attestations"]:
        if each["counts"]:
            counted.setdefault(each["asOf"], []).append(each)
    lines: dict[str, dict[str, tuple[str, Mapping[str, Any]]]] = {as_of: {} for as_of in counted}
    of = {each["attestation"]: each for attestations in counted.values() for each in attestations}
    for unit in exchange["units"]:
        for point in unit["series"]:
            attestation = of.get(point["attestation"])
            if attestation is not None:
                for reserve in attestation["reserves"]:
                    if reserve["unit"] == unit["unit"]:
                        lines[point["asOf"]][unit["unit"]] = (point["attestation"], reserve)
    return [
        DatedReport(exchange["exchange"], as_of, tuple(found), lines[as_of], datetime.fromisoformat(as_of))
        for as_of, found in sorted(counted.items())
    ]
