"""What is listed of earlier reports, of a series and of claims together; nothing where nothing was given."""

from __future__ import annotations

from typing import Any

from scanner.report.findings.exceptions import ExceptionClass
from scanner.report.findings.of_rows import RowCounts
from scanner.report.findings.over_time import OverTime, of_over_time
from scanner.report.findings.procedures import carried_out
from tests.support.findings_reports import examined
from tests.support.tables import each_of

AT = "2023-11-22T16:00:00Z"


def a_point(standing: str, ratio: str | None = "0.900000") -> dict[str, Any]:
    return {"asOf": AT, "standing": standing, "ratio": ratio}


def a_history(**changes: Any) -> dict[str, Any]:
    return {
        "exchange": "X",
        "reports": 2,
        "first": AT,
        "last": AT,
        "unverified": 0,
        "cadence": {"every": "monthly", "missing": [], "late": []},
        "units": [{"unit": "BTC", "streak": None, "series": [a_point("ABOVE")]}],
        "attestations": [an_entry()],
    } | changes


def an_entry(**changes: Any) -> dict[str, Any]:
    verified = [{"at": AT, "keyids": ["ab"]}]
    return {
        "attestation": "cd" * 32,
        "entry": 1,
        "verified": verified,
        "contradicted": False,
        "accounts": {"shared": []},
    } | changes


def a_series(**changes: Any) -> dict[str, Any]:
    return {
        "series": {
            "stretches": [{"moment": AT}, {"moment": None}],
            "points": [{"at": AT, "units": [a_unit()]}],
            "sustained": [a_window()],
        }
        | changes
    }


def a_unit(**changes: Any) -> dict[str, Any]:
    return {"unit": "BTC", "held": "100", "owed": "90", "gaps": 0, "atLeast": 0, "apart": False} | changes


def a_window(**changes: Any) -> dict[str, Any]:
    found = {"unit": "BTC", "window": 86_400, "held": "100", "sustained": "93", "transient": "7", "lacking": []}
    return found | {"shows": "NONE_FOUND"} | changes


def a_flow(**changes: Any) -> dict[str, Any]:
    asset = {
        "asset": "eip155:1/slip44:60",
        "unit": "ETH",
        "operators": ["alpha"],
        "dissent": [],
        "gap": None,
        "shows": "COMPLETE",
        "lacking": [],
        "counterparts": [],
        "roundTrips": 0,
    }
    return {"flows": {"assets": [asset | changes]}}


def a_counterpart(*, trip: bool) -> dict[str, Any]:
    return {"account": "0xaa", "before": {"came": "10"}, "after": {"went": "9.95"}, "roundTrip": trip}


def a_joint(**changes: Any) -> dict[str, Any]:
    return {
        "together": {
            "claims": [{"exchange": "One"}, {"exchange": "Other"}],
            "shared": [],
            "points": [{"at": AT, "together": [a_unit(verdict="COVERED")]}],
            "units": [{"unit": "BTC", "verdict": "COVERED"}],
        }
        | changes
    }


@each_of(
    "given",
    [
        OverTime(),
        OverTime(a_history()),
        OverTime(series=a_series()),
        OverTime(flows=a_flow()),
        OverTime(together=a_joint()),
    ],
)
def test_what_is_as_it_should_be_has_no_exception(given: OverTime) -> None:
    assert list(of_over_time(given)) == []


MISSING = {"every": "monthly", "missing": [{"period": "2023-10", "end": AT}], "late": []}
LATE = {"every": "monthly", "missing": [], "late": [{"period": "2023-10", "scannedAt": AT, "days": 40}]}


@each_of(
    ("given", "of", "ids"),
    [
        (OverTime(a_history(cadence=MISSING)), ExceptionClass.MISSING_REPORT, ["MISSING-REPORT-2023-10"]),
        (OverTime(a_history(cadence=LATE)), ExceptionClass.LATE_REPORT, ["LATE-REPORT-2023-10"]),
        *(
            (
                OverTime(a_history(units=[{"unit": "BTC", "streak": None, "series": [a_point(standing)]}])),
                ExceptionClass.BELOW,
                [f"BELOW-1-{AT}"],
            )
            for standing in ("BELOW", "NOT_SHOWN")
        ),
        (
            OverTime(a_history(attestations=[an_entry(verified=[])])),
            ExceptionClass.UNCHECKED_ENTRY,
            ["UNCHECKED-ENTRY-1"],
        ),
        (
            OverTime(a_history(attestations=[an_entry(contradicted=True)])),
            ExceptionClass.CONTRADICTION,
            ["CONTRADICTION-entry-1"],
        ),
        (
            OverTime(a_history(attestations=[an_entry(accounts={"shared": [{"exchange": "Y", "accounts": 3}]})])),
            ExceptionClass.SHARED,
            ["SHARED-1-1"],
        ),
        (OverTime(series=a_series(sustained=[a_window(shows="FOUND")])), ExceptionClass.TRANSIENT, ["TRANSIENT-1"]),
        (
            OverTime(series=a_series(sustained=[a_window(shows="NOT_SHOWN", lacking=["GAPS"])])),
            ExceptionClass.SERIES,
            ["SERIES-1"],
        ),
        *(
            (
                OverTime(series=a_series(points=[{"at": AT, "units": [a_unit(), a_unit(**changed)]}])),
                ExceptionClass.SERIES,
                [f"SERIES-{AT}-2"],
            )
            for changed in ({"gaps": 1}, {"atLeast": 1}, {"apart": True})
        ),
        (
            OverTime(flows=a_flow(shows="NOT_LISTED", gap={"why": "UNSUPPORTED", "detail": ""})),
            ExceptionClass.FLOW,
            ["FLOW-1"],
        ),
        (OverTime(flows=a_flow(dissent=["beta"])), ExceptionClass.FLOW, ["FLOW-1-dissent"]),
        (
            OverTime(flows=a_flow(counterparts=[a_counterpart(trip=False), a_counterpart(trip=True)], roundTrips=3)),
            ExceptionClass.ROUND_TRIP,
            ["ROUND-TRIP-1-1", "ROUND-TRIP-1-more"],
        ),
        (
            OverTime(together=a_joint(shared=[{"asset": "eip155:1/slip44:60", "accounts": 1}])),
            ExceptionClass.SHARED,
            ["SHARED-joint-1"],
        ),
        *(
            (
                OverTime(together=a_joint(points=[{"at": AT, "together": [a_unit(verdict=verdict)]}])),
                of,
                [f"{of}-joint-{AT}-1"],
            )
            for verdict, of in (("SHORT", ExceptionClass.SHORTFALL), ("UNKNOWN", ExceptionClass.NOT_SHOWN))
        ),
    ],
)
def test_each_thing_that_is_not_is_an_exception(given: OverTime, of: ExceptionClass, ids: list[str]) -> None:
    found = list(of_over_time(given))
    assert {each.of for each in found} == {of}
    assert [each.id for each in found] == ids


@each_of(
    ("stated", "found"),
    [({"held": "0", "gaps": 1}, ""), ({"held": "0", "gaps": 0, "atLeast": 1}, "0"), ({"held": "7", "gaps": 1}, "7")],
)
def test_of_what_was_not_read_no_amount_was_found(stated: dict[str, Any], found: str) -> None:
    series = OverTime(series=a_series(points=[{"at": AT, "units": [a_unit(**stated)]}]))
    joint = OverTime(together=a_joint(points=[{"at": AT, "together": [a_unit(verdict="UNKNOWN", **stated)]}]))
    for given in (series, joint):
        assert [each.found for each in of_over_time(given)] == [found]


def test_each_procedure_says_on_how_many_of_how_many() -> None:
    streak = {"reports": 2, "first": AT, "last": AT}
    history = a_history(units=[{"unit": "BTC", "streak": streak, "series": []}], unverified=1, cadence=None)
    of = examined("plain", over_time=OverTime(history, a_series(), a_flow(), a_joint()))
    earlier, series, flows, together = carried_out(of, RowCounts(), {})[11:15]
    assert earlier.on == "0 of 1 attestations"
    assert "BTC: 2, from" in earlier.result
    assert "no cadence was given, so that none is called missing or late" in earlier.result
    assert series.on == "1 of 2 stretches"
    assert flows.on == "1 of 1 assets"
    assert together.on == "1 of 1 moments"
    assert "One and Other" in together.result
