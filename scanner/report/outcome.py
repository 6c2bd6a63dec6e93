"""What a job did, claim by claim, as values: what the summary, the JUnit file and the metrics are written from.

A predicate is what an attestation says (docs/predicate.md); nothing here weighs, signs or reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of an attestation."""

    path: str
    sha256: str  # hex
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claim. `predicate` is None where nothing was found out, and `errors` then say why."""

    claim: str  # its file, as the command line names it
    name: str  # by which the job tells its claims apart: the file's name without its ending
    exit_code: int
    began: datetime  # aware
    ended: datetime
    predicate: Mapping[str, Any] | None = None
    standing: bool = False  # it was attested before, and nothing was asked
    files: tuple[WrittenFile, ...] = ()
    errors: tuple[str, ...] = ()
    undelivered: int = 0  # changes of verdict that the webhook has not taken yet

    @property
    def verdict(self) -> str | None:
        return None if self.predicate is None else str(self.predicate["finding"]["verdict"])


@dataclass(frozen=True, slots=True)
class Job:
    """One run of `scanner scan`. `errors` are those that no single claim is to blame for."""

    scanner: str  # this package's version
    exit_code: int
    began: datetime
    ended: datetime
    outcomes: tuple[Outcome, ...]
    errors: tuple[str, ...] = ()
