"""A history as JSON values: what `scanner log --json` prints, and all that tables, pages and charts are drawn from.

The shape is written down in docs/history.md. Amounts and ratios are the texts that were signed; what is unknown is
null. Nothing is judged here beyond what series.py and cadence.py say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.history import accounts, cadence, owed, series, spans
from scanner.history.cadence import Cadence, CadenceRecord
from scanner.history.entry import Entry, Line, OwedSummary
from scanner.history.log import HistoryLog
from scanner.history.series import Report, ReportPoint, Streak
from scanner.history.several import Several
from scanner.history.spans import Spans
from scanner.history.stamps import KeptStamp
from scanner.weighing.standing import RatioStanding

NAMED: Final = 10  # accounts of each kind of change that are named; all are counted


@dataclass(frozen=True, slots=True)
class Expected:
    """How often reports should come, and the moment (aware) at which that is judged."""

    every: Cadence
    now: datetime
    grace: timedelta = cadence.GRACE


def summary(history: HistoryLog, *, exchange: str | None = None, expected: Expected | None = None) -> dict[str, Any]:
    """Everything that follows from a history, by exchange, in the order of their names; or of one exchange alone.

    Best called inside the history's `at_one_moment`.
    """
    by_exchange: dict[str, list[Entry]] = {}
    for entry in history.entries():
        by_exchange.setdefault(entry.said.exchange, []).append(entry)
    changes = _Changes(history, by_exchange)
    return {
        "judgedAt": _time(expected.now) if expected else None,
        "exchanges": [
            _exchange(name, entries, changes, expected)
            for name, entries in sorted(by_exchange.items())
            if exchange in (None, name)
        ],
        "several": [_several(each) for each in history.several() if exchange is None or exchange in each.exchanges],
    }


def _several(each: Several) -> dict[str, Any]:
    """A statement of several moments: what is signed, and since when it is here."""
    (what,) = each.predicate.keys() - {"run"}
    return {
        "statement": each.digest,
        "entry": each.number,
        "addedAt": each.added_at,
        "verified": [{"at": one.at, "keyids": list(one.keyids)} for one in each.verifications],
        "claims": [f"sha256:{claim}" for claim in each.claims],
        "exchanges": list(each.exchanges),
        "scannedAt": each.predicate["run"]["scannedAt"],
        "of": what,
        what: each.predicate[what],
    }


def _exchange(name: str, entries: Sequence[Entry], changes: _Changes, expected: Expected | None) -> dict[str, Any]:
    found = series.reports(entries)
    between = [entry for entry in entries if not entry.of_report]
    moments = sorted(report.as_of for report in found) or sorted(entry.said.as_of for entry in between)
    keeping = cadence.kept(found, expected.every, expected.now, expected.grace) if expected else None
    missing = [_time(period.end) for period in keeping.missing] if keeping else []
    return {
        "exchange": name,
        "reports": len(found),
        "first": moments[0],
        "last": moments[-1],
        "betweenReports": len(between),
        "unverified": sum(not entry.verified for entry in entries),
        "cadence": _cadence(expected, keeping) if expected and keeping else None,
        "units": [_unit(unit, series.points(found, unit), missing) for unit in series.units(found)],
        "attestations": [*_attestations(sorted([*found, *series.alone(between)], key=_moment), changes)],
    }


def _moment(report: Report) -> str:
    return report.as_of


def _unit(unit: str, points: Sequence[ReportPoint], missing: Sequence[str]) -> dict[str, Any]:
    below = [point.as_of for point in points if point.standing is RatioStanding.BELOW]
    short = [point.as_of for point in points if point.line and point.line.verdict == "SHORT"]
    return {
        "unit": unit,
        "streak": _streak(series.current(points, missing)),
        "longest": _streak(series.longest(points, missing)),
        "firstBelow": below[0] if below else None,
        "firstShort": short[0] if short else None,
        "owedChanges": [
            {"asOf": each.as_of, "comparedWith": each.compared_with, "what": each.what.value}
            for each in owed.noted(points)
        ],
        "series": [
            {
                "asOf": point.as_of,
                "standing": point.standing.value,
                "ratio": point.line.ratio if point.line else None,
                "atLeast": bool(
                    point.line
                    and point.entry
                    and (point.line.gaps or point.line.at_least or not point.entry.said.complete)
                ),
                "withheld": bool(point.line and point.line.withheld),
                "verdict": point.line.verdict if point.line else None,
                "attestation": point.entry.digest if point.entry else None,
            }
            for point in points
        ],
    }


def _attestations(found: Iterable[Report], changes: _Changes) -> Iterable[dict[str, Any]]:
    for report in found:
        contradicted = series.contradicted(report.entries)
        for entry in report.entries:
            said = entry.said
            yield {
                "attestation": entry.digest,
                "entry": entry.number,
                "addedAt": entry.added_at,
                "verified": [{"at": each.at, "keyids": list(each.keyids)} for each in entry.verifications],
                "counts": entry in report.counted,
                "contradicted": entry.verified and said.claim in contradicted,
                "sameFinding": [
                    other.digest
                    for other in report.entries
                    if other is not entry and other.said.finding == said.finding
                ],
                "asOf": said.as_of,
                "owedAsOf": said.owed_as_of,
                "scannedAt": said.scanned_at,
                "claim": f"sha256:{said.claim}",
                "verdict": said.verdict,
                "complete": said.complete,
                "threshold": said.threshold,
                "gaps": said.gaps,
                "reserves": [_reserve(line, complete=said.complete) for line in said.lines],
                "accounts": changes.of(entry) if entry.verified else None,
                "stamps": [stamp_as_json(each) for each in entry.stamps],
            }


def stamp_as_json(stamp: KeptStamp) -> dict[str, Any]:
    """What a stamp shows, for machines."""
    by = stamp.authority
    return {
        "addedAt": stamp.at,
        "before": stamp.before,
        "authority": None if by is None else by.name,
        "root": None if by is None else {"name": by.root, "sha256": by.root_digest},
        "reason": stamp.reason or None,
    }


def _reserve(line: Line, *, complete: bool) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "held": line.held,
        "owed": line.owed,
        "owedBasis": None if line.owed_basis is None else _owed_basis(line.owed_basis),
        "ratio": line.ratio,
        "ratioWithCustody": line.ratio_with_custody,
        "verdict": line.verdict,
        "withheld": line.withheld,
        "atLeast": bool(line.gaps or line.at_least or not complete),
        "standing": series.standing(line, complete=complete).value,
        "statedRatio": line.stated,
        "holdings": line.holdings,
        "gaps": line.gaps,
        "custody": line.custody,
    }


def _owed_basis(basis: OwedSummary) -> dict[str, Any]:
    return {
        "shows": basis.shows,
        "scheme": basis.scheme,
        "total": basis.total,
        "root": basis.root,
        "entries": basis.entries,
    }


def _cadence(expected: Expected, keeping: CadenceRecord) -> dict[str, Any]:
    return {
        "every": expected.every.value,
        "graceDays": expected.grace.days,
        "missing": [{"period": each.name, "end": _time(each.end)} for each in keeping.missing],
        "late": [
            {"period": late.period.name, "scannedAt": late.scanned_at, "days": late.days} for late in keeping.late
        ],
        "nextDue": None if keeping.due is None else _time(keeping.due),
    }


def _streak(streak: Streak | None) -> dict[str, Any] | None:
    return None if streak is None else {"reports": streak.reports, "first": streak.first, "last": streak.last}


class _Changes:
    """What each claim declares, beside the claim before it and beside the claims of the other exchanges."""

    def __init__(self, history: HistoryLog, by_exchange: Mapping[str, Sequence[Entry]]) -> None:
        self._database = history.database
        self._declared = accounts.declared(history.database)
        self._before: dict[str, str | None] = {}  # by claim: the exchange's claim before it
        claims = {name: _claims_in_order(entries) for name, entries in by_exchange.items()}
        for names in claims.values():
            self._before |= dict(zip(names, [None, *names], strict=False))
        self._of_exchange = {name: spans.union(map(self._spans, names)) for name, names in claims.items()}
        self._known: dict[str, dict[str, Any]] = {}
        self._named: dict[tuple[tuple[int, int], ...], list[str]] = {}

    def of(self, entry: Entry) -> dict[str, Any]:
        """The accounts of a verified entry's claim."""
        claim = entry.said.claim
        if claim not in self._known:
            self._known[claim] = self._compare(entry.said.exchange, claim)
        return self._known[claim]

    def _compare(self, exchange: str, claim: str) -> dict[str, Any]:
        here, before = self._spans(claim), self._before[claim]
        shared = {
            other: found
            for other, declared in self._of_exchange.items()
            if other != exchange and (found := spans.intersection(here, declared))
        }
        earlier = None if before is None else self._spans(before)
        return {
            "declared": spans.size(here),
            "comparedWith": None if before is None else f"sha256:{before}",
            "added": None if earlier is None else self._described(spans.difference(here, earlier)),
            "removed": None if earlier is None else self._described(spans.difference(earlier, here)),
            "shared": [{"exchange": other, **self._described(found)} for other, found in sorted(shared.items())],
        }

    def _spans(self, claim: str) -> Spans:
        return self._declared.get(claim, [])

    def _described(self, found: Spans) -> dict[str, Any]:
        key = tuple(found[:NAMED])  # the first accounts are in the first spans
        if key not in self._named:
            self._named[key] = accounts.named(self._database, found, NAMED)
        return {"accounts": spans.size(found), "first": self._named[key]}


def _claims_in_order(entries: Sequence[Entry]) -> list[str]:
    """The claims with a verified entry, by their moments, and of one moment in the order of being added."""
    verified = sorted((entry.said.owed_as_of, entry.number, entry.said.claim) for entry in entries if entry.verified)
    return list(dict.fromkeys(claim for _, _, claim in verified))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
