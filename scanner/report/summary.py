"""A job's outcome as one JSON document, for the machine that started it: docs/operations.md tells each field.

The format has a number, `version`. Fields may be added under the same number; one that changes its meaning or goes
raises it. Amounts and ratios are decimal texts, as in the predicate they are taken from; no number here is a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scanner.core.shape import array, nullable, one_of, record, table, text, truth, whole
from scanner.core.shows import Shows
from scanner.errors import Why
from scanner.report.below import standing
from scanner.report.outcome import Job, Outcome, WrittenFile
from scanner.weighing.standing import RatioStanding
from scanner.weighing.withheld import Withheld

VERSION: Final = 1

_VERDICT = one_of("COVERED", "SHORT", "UNKNOWN")
_AMOUNT = text(r"[0-9]{1,100}(\.[0-9]{1,80})?", "a decimal amount", most=200)
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z", "a time in UTC")
_EXIT_CODE = whole(0, 255)
_ERRORS = array(text(most=100_000), None)

SHAPE: Final = record(
    version=whole(VERSION, VERSION),
    scanner=text(),
    startedAt=_TIME,
    endedAt=_TIME,
    exitCode=_EXIT_CODE,
    errors=_ERRORS,
    claims=array(
        record(
            claim=text(most=10_000),
            name=text(),
            exitCode=_EXIT_CODE,
            startedAt=_TIME,
            endedAt=_TIME,
            standing=truth,
            exchange=nullable(text()),
            asOf=nullable(_TIME),
            owedAsOf=nullable(_TIME),
            digest=nullable(text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")),
            verdict=nullable(_VERDICT),
            threshold=nullable(_AMOUNT),
            units=array(
                record(
                    unit=text(),
                    verdict=_VERDICT,
                    held=_AMOUNT,
                    owed=nullable(_AMOUNT),
                    ratio=nullable(text(r"[0-9]{1,200}\.[0-9]{6}", "a ratio with six decimals")),
                    statedRatio=nullable(text()),
                    statedAgrees=nullable(truth),
                    holdings=whole(),
                    gaps=whole(),
                    lastingGaps=whole(),
                    lasting=truth,
                    atLeast=whole(),
                    owedShows=nullable(one_of(*Shows)),
                    standing=one_of(*RatioStanding),
                    withheld=array(record(why=one_of(*Withheld), detail=text()), None),
                ),
                None,
            ),
            gapCounts=table(one_of(*Why), whole(1)),
            scannedAt=nullable(_TIME),
            files=array(
                record(path=text(most=10_000), sha256=text(r"[0-9a-f]{64}", "64 hex digits"), bytes=whole()), None
            ),
            undelivered=whole(),
            errors=_ERRORS,
        ),
        None,
    ),
)
"""What the document is like; docs/schema/summary.schema.json is made of it."""

_UNIT: Final = (
    "unit",
    "verdict",
    "held",
    "owed",
    "ratio",
    "statedRatio",
    "statedAgrees",
    "holdings",
    "gaps",
    "lastingGaps",
    "lasting",
    "atLeast",
    "withheld",
)


def summary(job: Job) -> bytes:
    """The document, indented, with a line feed at its end."""
    return (json.dumps(as_json(job), indent=2, ensure_ascii=False) + "\n").encode()


def as_json(job: Job) -> dict[str, Any]:
    """The document as JSON values."""
    return {
        "version": VERSION,
        "scanner": job.scanner,
        "startedAt": _time(job.began),
        "endedAt": _time(job.ended),
        "exitCode": job.exit_code,
        "errors": list(job.errors),
        "claims": [_claim(outcome) for outcome in job.outcomes],
    }


def _claim(outcome: Outcome) -> dict[str, Any]:
    finding = None if outcome.predicate is None else outcome.predicate["finding"]
    return {
        "claim": outcome.claim,
        "name": outcome.name,
        "exitCode": outcome.exit_code,
        "startedAt": _time(outcome.began),
        "endedAt": _time(outcome.ended),
        "standing": outcome.standing,
        **_found(finding),
        "scannedAt": None if outcome.predicate is None else outcome.predicate["run"]["scannedAt"],
        "files": [_file(file) for file in outcome.files],
        "undelivered": outcome.undelivered,
        "errors": list(outcome.errors),
    }


def _found(finding: Mapping[str, Any] | None) -> dict[str, Any]:
    if finding is None:
        return {
            "exchange": None,
            "asOf": None,
            "owedAsOf": None,
            "digest": None,
            "verdict": None,
            "threshold": None,
            "units": [],
            "gapCounts": {},
        }
    return {
        "exchange": finding["exchange"],
        "asOf": finding["asOf"],
        "owedAsOf": finding["owedAsOf"],
        "digest": finding["claim"],
        "verdict": finding["verdict"],
        "threshold": finding["policy"]["threshold"],
        "units": [_unit(finding, reserve) for reserve in finding["reserves"]],
        "gapCounts": dict(finding["gapCounts"]),
    }


def _unit(finding: Mapping[str, Any], reserve: Mapping[str, Any]) -> dict[str, Any]:
    basis = reserve["owedBasis"]
    found = {"owedShows": None if basis is None else basis["shows"], "standing": standing(finding, reserve).value}
    return {name: reserve[name] for name in _UNIT} | found


def _file(file: WrittenFile) -> dict[str, Any]:
    return {"path": file.path, "sha256": file.sha256, "bytes": file.size}


def _time(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
