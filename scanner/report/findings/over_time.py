"""The exceptions of what is looked at beside one moment: earlier reports, a series, flows, and other exchanges' claims.

All of it comes as JSON values: a history's as `scanner log --json` has it (docs/history.md), the statements' as they
were signed. What was not given has no exceptions, and the report says that the procedure was not carried out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from scanner.report.cells import moment
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.flows_table import sentence
from scanner.report.series_table import LACKING
from scanner.report.wording import unread_at
from scanner.weighing.moments import duration

_STANDING: Final = {
    "BELOW": "the ratio was below 100%",
    "NOT_SHOWN": "it was not shown that the ratio was 100% or above",
}


@dataclass(frozen=True, slots=True)
class OverTime:
    """What was given beside the attestation; None for what was not."""

    history: Mapping[str, Any] | None = None  # of this exchange: one of `exchanges` of a history's summary
    series: Mapping[str, Any] | None = None  # a series' predicate
    flows: Mapping[str, Any] | None = None  # the predicate of flows
    together: Mapping[str, Any] | None = None  # the predicate of several claims together


def of_over_time(given: OverTime) -> Iterator[ReportedException]:
    """All of them, procedure by procedure."""
    if given.history is not None:
        yield from _of_history(given.history)
    if given.series is not None:
        yield from _of_series(given.series["series"])
    if given.flows is not None:
        yield from _of_flows(given.flows["flows"])
    if given.together is not None:
        yield from _of_together(given.together["together"])


def _of_history(exchange: Mapping[str, Any]) -> Iterator[ReportedException]:
    def exception(of: ExceptionClass, key: str, subject: str, what: str, **figures: str) -> ReportedException:
        return ReportedException(of, key, Procedure.EARLIER, subject, what, "history", **figures)

    cadence = exchange["cadence"] or {"missing": (), "late": ()}
    for each in cadence["missing"]:
        what = f"no report came for the period that ended {moment(each['end'])}"
        yield exception(ExceptionClass.MISSING_REPORT, each["period"], each["period"], what)
    for late in cadence["late"]:
        what = f"scanned {moment(late['scannedAt'])}, {late['days']:,} days after the period's end"
        yield exception(ExceptionClass.LATE_REPORT, late["period"], late["period"], what)
    for number, unit in enumerate(exchange["units"], 1):
        for point in unit["series"]:
            if point["standing"] in _STANDING:
                key, ratio = f"{number}-{point['asOf']}", point["ratio"] or ""
                what = f"report of {moment(point['asOf'])}: {_STANDING[point['standing']]}"
                yield exception(ExceptionClass.BELOW, key, unit["unit"], what, found=ratio)
    for each in exchange["attestations"]:
        subject = f"attestation {each['attestation']}"
        if not each["verified"]:
            what = "it was kept in the history without being checked, and counts for nothing there"
            yield exception(ExceptionClass.UNCHECKED_ENTRY, str(each["entry"]), subject, what)
        if each["contradicted"]:
            what = "another attestation of the same claim comes to another finding"
            yield exception(ExceptionClass.CONTRADICTION, f"entry-{each['entry']}", subject, what)
        for number, other in enumerate(each["accounts"]["shared"] if each["accounts"] else (), 1):
            what = f"{other['accounts']:,} of its accounts are declared by {other['exchange']} too"
            yield exception(ExceptionClass.SHARED, f"{each['entry']}-{number}", subject, what)


def _of_series(series: Mapping[str, Any]) -> Iterator[ReportedException]:
    def exception(of: ExceptionClass, key: str, subject: str, what: str, **figures: str) -> ReportedException:
        return ReportedException(of, key, Procedure.SERIES, subject, what, "series", **figures)

    for number, each in enumerate(series["sustained"], 1):
        window = f"{duration(timedelta(seconds=each['window']))} before and after"
        if each["shows"] == "FOUND":
            what = (
                f"{window}: at least {each['transient']} of what was held at the moment was not there at a sampled"
                " block before it, nor at one after it"
            )
            figures = {"stated": each["held"], "found": each["sustained"] or ""}
            yield exception(ExceptionClass.TRANSIENT, str(number), each["unit"], what, **figures)
        elif each["shows"] != "NONE_FOUND":
            what = f"{window}: NOT SHOWN: {'; '.join(LACKING[why] for why in each['lacking'])}"
            yield exception(ExceptionClass.SERIES, str(number), each["unit"], what)
    for point in series["points"]:
        for number, unit in enumerate(point["units"], 1):
            if unit["gaps"] or unit["atLeast"] or unit["apart"]:
                what = (
                    f"{moment(point['at'])}: {unit['gaps']:,} holdings are gaps, {unit['atLeast']:,} lower bounds"
                    f"{'; its blocks are of no one moment' if unit['apart'] else ''}"
                )
                key = f"{point['at']}-{number}"
                yield exception(ExceptionClass.SERIES, key, unit["unit"], what, found=_found(unit))


def _of_flows(flows: Mapping[str, Any]) -> Iterator[ReportedException]:
    def exception(of: ExceptionClass, key: str, subject: str, what: str, **figures: str) -> ReportedException:
        return ReportedException(of, key, Procedure.FLOWS, subject, what, "flows", **figures)

    for number, each in enumerate(flows["assets"], 1):
        subject = f"{each['unit']} ({each['asset']})"
        if each["shows"] != "COMPLETE":
            yield exception(ExceptionClass.FLOW, str(number), subject, sentence(each))
        if each["dissent"]:
            what = f"listed otherwise by {', '.join(each['dissent'])}"
            yield exception(ExceptionClass.FLOW, f"{number}-dissent", subject, what)
        trips = [other for other in each["counterparts"] if other["roundTrip"]]
        for at, other in enumerate(trips, 1):
            what = "came from this counterpart before the moment, and went to the same one after it, within 1%"
            figures = {"account": other["account"], "stated": other["before"]["came"], "found": other["after"]["went"]}
            yield exception(ExceptionClass.ROUND_TRIP, f"{number}-{at}", subject, what, **figures)
        if more := each["roundTrips"] - len(trips):
            what = f"{more:,} more round trips, with counterparts that the statement does not name"
            yield exception(ExceptionClass.ROUND_TRIP, f"{number}-more", subject, what)


def _of_together(together: Mapping[str, Any]) -> Iterator[ReportedException]:
    def exception(of: ExceptionClass, key: str, subject: str, what: str, **figures: str) -> ReportedException:
        return ReportedException(of, key, Procedure.TOGETHER, subject, what, "statement together", **figures)

    for number, each in enumerate(together["shared"], 1):
        what = f"{each['accounts']:,} accounts stand in more than one of the claims, and count once together"
        yield exception(ExceptionClass.SHARED, f"joint-{number}", each["asset"], what)
    for point in together["points"]:
        for number, unit in enumerate(point["together"], 1):
            key, owed = f"joint-{point['at']}-{number}", unit["owed"] or ""
            figures = {"stated": owed, "found": _found(unit)}
            at = f"all claims jointly, {moment(point['at'])}"
            if unit["verdict"] == "SHORT":
                what = f"{at}: less is held than is owed"
                yield exception(ExceptionClass.SHORTFALL, key, unit["unit"], what, **figures)
            elif unit["verdict"] == "UNKNOWN":
                what = f"{at}: neither is shown; {unit['gaps']:,} gaps, {unit['atLeast']:,} lower bounds"
                yield exception(ExceptionClass.NOT_SHOWN, key, unit["unit"], what, **figures)


def _found(unit: Mapping[str, Any]) -> str:
    """What was held; empty where nothing of it is known, as nothing was found then."""
    return "" if unread_at(unit) else str(unit["held"])
