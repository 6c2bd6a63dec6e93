"""Outcomes of jobs, for tests of what is written from them: one claim covered, one short, one unknown, one wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scanner.report.outcome import Job, Outcome, WrittenFile

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def reserve(
    unit: str, verdict: str, held: str, owed: str | None, ratio: str | None, *, gaps: int = 0
) -> dict[str, Any]:
    """A reserve as the predicate has it, as far as reports read it."""
    return {
        "unit": unit,
        "verdict": verdict,
        "held": held,
        "owed": owed,
        "ratio": ratio,
        "statedRatio": "103%",
        "statedAgrees": None,
        "blocks": None,
        "withheld": [],
        "owedBasis": None if owed is None else {"shows": "STATED"},
        "atLeast": 0,
        "holdings": 7,
        "gaps": gaps,
        "lastingGaps": 0,
        "lasting": verdict == "UNKNOWN" and owed is None,
        "custody": "0",
    }


def predicate(verdict: str, reserves: Sequence[dict[str, Any]], gaps: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    finding = {
        "exchange": "Example Exchange",
        "asOf": "2026-01-01T00:00:00Z",
        "owedAsOf": "2026-01-01T00:00:00Z",
        "claim": "sha256:" + "ab" * 32,
        "verdict": verdict,
        "complete": True,
        "policy": {"threshold": "1", "accept": []},
        "reserves": list(reserves),
        "gapCounts": {"UNREACHABLE": len(gaps)} if gaps else {},
        "gaps": list(gaps),
    }
    return {"finding": finding, "run": {"scannedAt": "2026-01-02T03:04:06Z", "scanner": "1.0"}}


GAP = {"asset": "eip155:1/slip44:60", "account": "0xab", "why": "UNREACHABLE", "detail": "a \x1b[1m< & no answer"}
COVERED = predicate("COVERED", [reserve("BTC", "COVERED", "143.5", "139.2", "1.030890")])
SHORT = predicate(
    "SHORT", [reserve("BTC", "COVERED", "2", "1", "2.000000"), reserve("ETH", "SHORT", "1", "3", "0.333333")]
)
UNKNOWN = predicate("UNKNOWN", [reserve("ETH", "UNKNOWN", "1", None, None, gaps=1)], [GAP])


BETWEEN = predicate("UNKNOWN", [reserve("BTC", "COVERED", "2", "1", None), reserve("ETH", "UNKNOWN", "1", "3", None)])
BETWEEN["finding"]["asOf"] = "2026-01-02T00:00:00Z"
"""A scan between two reports that finds less ETH than was owed."""


def outcome(name: str, code: int, predicate: dict[str, Any] | None = None, **more: Any) -> Outcome:
    return Outcome(f"claims/{name}.yaml", name, code, BEGAN, BEGAN + timedelta(seconds=1234.5), predicate, **more)


def a_job(**more: Any) -> Job:
    outcomes = (
        outcome("good", 0, COVERED, standing=True, files=(WrittenFile("out/good/evidence.csv.gz", "cd" * 32, 99),)),
        outcome("bad", 1, SHORT),
        outcome("dim", 5, UNKNOWN),
        outcome("wrong", 2, errors=("claims/wrong.yaml:3: exchange is missing", "claims/wrong.yaml:5: no unit")),
    )
    return Job("1.0", 1, BEGAN, BEGAN + timedelta(seconds=5000), outcomes, **more)
