"""`run` as v1 writes it, and back: how a finding was come to.

Field by field: docs/predicate.md. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.attesting.digests import hex_of, sha256_text
from scanner.attesting.run import Run
from scanner.attesting.times import read_time, written_time
from scanner.attesting.workers import read_workers, write_workers
from scanner.chains.names import parse_chain


def write_run(run: Run) -> dict[str, Any]:
    """`run`. Raises ValueError for a time without a zone."""
    return {
        "scannedAt": written_time(run.scanned_at),
        "scanner": run.scanner,
        "operators": {str(chain): sorted(names) for chain, names in run.operators.items()},
        "ownOperators": list(run.own),
        "evidence": sha256_text(run.evidence),
        "witness": None if run.witness is None else sha256_text(run.witness),
        "heard": {chain: dict(names) for chain, names in run.heard.items()},
        "workers": write_workers(run.workers),
        "notes": list(run.notes),
    }


def read_run(run: Mapping[str, Any]) -> Run:
    """A run that has the right shape. Raises ValueError."""
    if run["ownOperators"] != sorted(set(run["ownOperators"])):
        raise ValueError("statement.predicate.run.ownOperators: not sorted, or one is named twice")
    if list(run["operators"].values()) != [sorted(set(names)) for names in run["operators"].values()]:
        raise ValueError("statement.predicate.run.operators: not sorted, or one is named twice")
    return Run(
        scanned_at=read_time(run["scannedAt"]),
        scanner=run["scanner"],
        operators={parse_chain(chain): tuple(names) for chain, names in run["operators"].items()},
        evidence=hex_of(run["evidence"]),
        witness=None if run["witness"] is None else hex_of(run["witness"]),
        own=tuple(run["ownOperators"]),
        heard=run["heard"],
        notes=tuple(run["notes"]),
        workers=read_workers(run["workers"], run["operators"]),
    )
