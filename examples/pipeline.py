"""One scan as a step of a pipeline, whatever runs the pipeline: what each exit code means for the step.

`dagster_job.py` shows it in Dagster; another orchestrator calls `run_scan` as well, retries the step after Unfinished,
and fails it for good after Mistaken. The scan is a process of its own, so that its memory goes with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Unfinished(Exception):
    """Exit code 3: evidence is incomplete. Running again may help."""


class Mistaken(Exception):
    """Exit code 2, or a bug: running again will not help; a person must look."""


@dataclass(frozen=True)
class Scanned:
    """What a scan found. `short` is a finding for people, and no failure of the step; nor is `undecided`, exit code 5:
    a unit stays UNKNOWN however often the scan is run again."""

    short: bool
    undecided: bool
    predicate: dict[str, Any]  # of the shape docs/schema/predicate.schema.json

    @property
    def reserves(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.predicate["finding"]["reserves"]
        return found


def run_scan(claim: Path, nodes: Path, out: Path, key: Path) -> Scanned:
    """Scan, and leave the attestation in `out`. Raises Unfinished, with the attestation there as well, or Mistaken."""
    places = [str(claim), "--nodes", str(nodes), "--out", str(out), "--key", str(key)]
    argv = [sys.executable, "-m", "scanner", "scan", *places, "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3, 5):
        raise Mistaken(f"exit code {done.returncode}: {done.stderr}")
    scanned = Scanned(short=done.returncode == 1, undecided=done.returncode == 5, predicate=json.loads(done.stdout))
    if done.returncode == 3:
        gaps = scanned.predicate["finding"]["gapCounts"]
        raise Unfinished(f"gaps: {gaps}")
    return scanned
