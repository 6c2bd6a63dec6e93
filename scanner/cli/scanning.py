"""`scanner scan`: the claims one after the other, what is told of them, and the one exit code of the whole job.

A job has several claims, or one. What goes wrong with one claim is told, and does not keep the others from being
scanned; the reports on the job (`--summary` and its like) are written however it ends.
"""

from __future__ import annotations

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import webhooks
from scanner.cli.arguments import INTERRUPTED
from scanner.cli.claim_scan import INTERRUPTED_NOTE, Scanned, Task, scan_claim, written_files
from scanner.cli.inputs import Instruments, signer
from scanner.cli.reports import Reports
from scanner.errors import InputError, Mistake, ScannerError
from scanner.report.outcome import Job, Outcome

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.report.delivery import Target

EXIT: Final = {"COVERED": 0, "SHORT": 1, "UNKNOWN": 3}
WORST_FIRST: Final = (INTERRUPTED, 1, ScannerError.exit_code, InputError.exit_code, 3, 0)
"""Of several claims, the job's exit code is the first of these that one has: no fault hides an accusation."""

Present = Callable[..., None]
"""Shows a predicate on standard output, `as_json` or as a table."""


def scan(arguments: Namespace, present: Present) -> int:
    """Every holding of every claim read, weighed, told, and written down. The exit code."""
    reports = Reports(arguments)
    reports.begin()
    try:
        run = _Run(arguments, present, reports, _now())
        run.all()
        job = run.job()
        return worst([job.exit_code, *reports.write(job)])
    finally:
        reports.end()


def worst(codes: Iterable[int]) -> int:
    """The first of `WORST_FIRST` among the codes; 0 for none."""
    return min(codes, key=WORST_FIRST.index, default=0)


def tasks(arguments: Namespace) -> list[Task]:
    """The claims, and where each one's attestation goes. Raises InputError."""
    claims: list[Path] = arguments.claims
    mistakes = []
    if arguments.key and arguments.out is None:
        mistakes.append(Mistake("--key", "signs what --out DIR writes; give both"))
    names: dict[str, Path] = {}
    for claim in claims:
        if claim.stem in names:
            told = f"is called {claim.stem}, as {names[claim.stem]} is; each claim needs a name of its own"
            mistakes.append(Mistake(str(claim), told))
        elif len(claims) > 1 and not claim.stem.strip("."):
            mistakes.append(Mistake(str(claim), "has a name that no folder can have"))
        names.setdefault(claim.stem, claim)
    if mistakes:
        raise InputError(mistakes)
    if arguments.out is None or len(claims) == 1:
        return [Task(claim, claim.stem, arguments.out) for claim in claims]
    return [Task(claim, claim.stem, arguments.out / claim.stem) for claim in claims]


@dataclass
class _Run:
    """A job while it goes on."""

    arguments: Namespace
    present: Present
    reports: Reports
    began: datetime
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    code: int = 0  # of what no claim is to blame for
    target: Target | None = None  # of the webhook
    told: set[str] = field(default_factory=set)  # an error of the nodes' file that several claims share is told once

    def job(self) -> Job:
        code = worst([self.code, *(outcome.exit_code for outcome in self.outcomes)])
        outcomes, errors = tuple(self.outcomes), tuple(self.errors)
        return Job(version("reserve-scanner"), code, self.began, _now(), outcomes, errors)

    def all(self) -> None:
        """Every claim in its turn, until the job is interrupted."""
        from scanner.cli.progress import claim_begins

        try:
            todo = tasks(self.arguments)
            signers = [signer(path) for path in self.arguments.key]
            self.target = webhooks.target(self.arguments)
        except ScannerError as error:
            self.code, self.errors = error.exit_code, self._tell(error)
            return
        instruments = Instruments(self.arguments)
        shown: dict[str, Any] = {}
        for position, task in enumerate(todo):
            if len(todo) > 1:
                claim_begins(self.arguments.log, sys.stderr, str(task.claim))
            scanned = self._one(task, instruments, signers)
            if self.outcomes[-1].exit_code == INTERRUPTED:
                for rest in todo[position + 1 :]:
                    self._ended(self._untouched(rest))
                break
            shown[task.name] = None if scanned is None else scanned.predicate
            if scanned is not None and not (self.arguments.json and len(todo) > 1):
                self._show(scanned.predicate)
        if self.arguments.json and len(todo) > 1:
            self._show(shown)

    def _one(self, task: Task, instruments: Instruments, signers: list[Ed25519Signer]) -> Scanned | None:
        began, scanned, undelivered = _now(), None, 0
        errors: list[str] = []

        def attested(predicate: Mapping[str, Any]) -> None:
            nonlocal undelivered
            if self.target is not None and task.out is not None:
                try:
                    undelivered, why = webhooks.tell(self.target, task.name, task.out, predicate)
                except InputError as error:  # of the folder: the verdict stands, and is not hidden by it
                    errors.extend(self._tell(error))
                    return
                if undelivered:
                    told = f"{undelivered} changes of verdict wait for the next run to be delivered: {why}"
                    print(f"scanner: --webhook: {told}", file=sys.stderr)

        try:
            watched = self.reports.watched(task)
            scanned = scan_claim(task, self.arguments, instruments, signers, **watched, attested=attested)
            code = EXIT[scanned.predicate["finding"]["verdict"]]
        except ScannerError as error:
            code, errors = error.exit_code, self._tell(error)
        except KeyboardInterrupt:
            code, errors = INTERRUPTED, [INTERRUPTED_NOTE]
            print(f"scanner: {INTERRUPTED_NOTE}", file=sys.stderr)
        except Exception as error:  # noqa: BLE001 - a fault of this program, which the other claims need not suffer from
            traceback.print_exc()
            print("scanner: this is a bug; please report it with the lines above", file=sys.stderr)
            code, errors = ScannerError.exit_code, [f"a bug: {type(error).__name__}"]
        files = written_files(task.out) if scanned is not None and self.arguments.summary else ()
        standing, predicate = (False, None) if scanned is None else (scanned.standing, scanned.predicate)
        claim = str(task.claim)
        self._ended(
            Outcome(claim, task.name, code, began, _now(), predicate, standing, files, tuple(errors), undelivered)
        )
        return scanned

    def _ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.reports.found(outcome)

    def _untouched(self, task: Task) -> Outcome:
        now = _now()
        told = ("not scanned, since the job was interrupted before",)
        return Outcome(str(task.claim), task.name, INTERRUPTED, now, now, errors=told)

    def _tell(self, error: ScannerError) -> list[str]:
        lines = str(error).splitlines()
        for line in lines:
            if line not in self.told:
                print(f"scanner: {line}", file=sys.stderr)
        self.told.update(lines)
        return lines

    def _show(self, predicate: Any) -> None:
        try:
            self.present(predicate, as_json=self.arguments.json)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read our output has seen enough; the verdict stays what it is
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _now() -> datetime:
    return datetime.now(UTC)
