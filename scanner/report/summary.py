"""A job's outcome as one JSON document, for the machine that started it: docs/operations.md tells each field.

The format has a number, `version`. Fields may be added under the same number; one that changes its meaning or goes
raises it. Amounts and ratios are decimal texts, as in the predicate they are taken from; no number here is a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scanner.report.outcome import Job, Outcome, WrittenFile

VERSION: Final = 1

_UNIT: Final = ("unit", "verdict", "held", "owed", "ratio", "statedRatio", "statedAgrees", "holdings", "gaps")


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
        return {"exchange": None, "asOf": None, "digest": None, "verdict": None, "units": [], "gapCounts": {}}
    return {
        "exchange": finding["exchange"],
        "asOf": finding["asOf"],
        "digest": finding["claim"],
        "verdict": finding["verdict"],
        "units": [{name: reserve[name] for name in _UNIT} for reserve in finding["reserves"]],
        "gapCounts": dict(finding["gapCounts"]),
    }


def _file(file: WrittenFile) -> dict[str, Any]:
    return {"path": file.path, "sha256": file.sha256, "bytes": file.size}


def _time(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
