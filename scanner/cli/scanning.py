"""`scanner scan`: the claims one after the other, what is reported of them, and the one exit code of the whole job.

A job has several claims, or one. What goes wrong with one claim is reported, and does not keep the others from being
scanned; the reports on the job (`--summary` and its like) are written however it ends.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import named_files, next_step, onchain, webhooks
from scanner.cli.bugs import report_bug
from scanner.cli.claim_scan import INTERRUPTED_NOTE, JOURNAL, Task, scan_claim, written_files
from scanner.cli.command import INTERRUPTED
from scanner.cli.finding_code import COVERED, INCOMPLETE, LASTING, SHORT, finding_code
from scanner.cli.inputs import Instruments, Keys, signer
from scanner.cli.interrupt import terminable
from scanner.cli.reports import Reports
from scanner.cli.targets import check_folder
from scanner.errors import InputError, Mistake, ScannerError
from scanner.report.outcome import Job, Outcome, WrittenFile

if TYPE_CHECKING:
    from scanner.report.delivery import Target

WORST_FIRST: Final = (INTERRUPTED, SHORT, ScannerError.exit_code, InputError.exit_code, INCOMPLETE, LASTING, COVERED)
"""Of several claims, the job's exit code is the first of these that one has: no fault hides an accusation."""

_INTERRUPTED_AFTER: Final = "interrupted; the attestation was written, and the same command goes on from there"

Present = Callable[..., None]
"""Shows a predicate on standard output, `as_json` or as a table."""


def scan(arguments: Namespace, present: Present) -> int:
    """Every holding of every claim read, weighed, reported, and written down. The exit code."""
    named_files.of_scan(arguments, _folders(arguments), JOURNAL, os.environ)
    reports = Reports(arguments)
    reports.begin()
    run = _Run(arguments, present, reports, _now())
    try:
        with terminable():
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
    if arguments.history is not None and not (arguments.key and arguments.out):
        mistakes.append(Mistake("--history", "keeps attestations that are signed; give --out and --key too"))
    names: dict[str, Path] = {}
    for claim in claims:
        if claim.stem in names:
            clash = f"is called {claim.stem}, as {names[claim.stem]} is; each claim needs a name of its own"
            mistakes.append(Mistake(str(claim), clash))
        elif len(claims) > 1 and not claim.stem.strip("."):
            mistakes.append(Mistake(str(claim), "has a name that no folder can have"))
        names.setdefault(claim.stem, claim)
    if mistakes:
        raise InputError(mistakes)
    if arguments.out is not None:
        check_folder(arguments.out)
    folders: list[Path | None] = [*_folders(arguments)] or [None] * len(claims)
    return [Task(claim, claim.stem, folder) for claim, folder in zip(claims, folders, strict=True)]


def _folders(arguments: Namespace) -> list[Path]:
    """Where each claim's attestation goes; none without --out."""
    claims: list[Path] = arguments.claims
    if arguments.out is None:
        return []
    return [arguments.out] if len(claims) == 1 else [arguments.out / claim.stem for claim in claims]


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
    printed: set[str] = field(default_factory=set)  # what several claims share is printed once

    def job(self) -> Job:
        code = worst([self.code, *(outcome.exit_code for outcome in self.outcomes)])
        outcomes, errors = tuple(self.outcomes), tuple(self.errors)
        return Job(version("reserve-scanner"), code, self.began, _now(), outcomes, errors)

    def all(self) -> None:
        """Every claim in its turn, until the job is interrupted. Raises nothing: what goes wrong is kept."""
        todo: list[Task] = []
        try:
            todo = tasks(self.arguments)
            keys = Keys([signer(path) for path in self.arguments.key], onchain.signers(self.arguments))
            self.target = webhooks.target(self.arguments)
            self._scan(todo, keys)
        except ScannerError as error:
            self.code, self.errors = error.exit_code, self.printed_once(error)
        except KeyboardInterrupt:
            self.code = INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the reports are to be written all the same
            self.code, self.errors = ScannerError.exit_code, [report_bug(error)]
        if self.code == INTERRUPTED:
            for task in todo[len(self.outcomes) :]:
                self._ended(_untouched(task))

    def _scan(self, todo: Sequence[Task], keys: Keys) -> None:
        """Raises KeyboardInterrupt after the outcome that was interrupted."""
        from scanner.cli.progress import claim_begins

        instruments = Instruments(self.arguments)
        together = self.arguments.json and len(todo) > 1
        shown: dict[str, Any] = {}
        for task in todo:
            if len(todo) > 1:
                claim_begins(self.arguments.log, sys.stderr, str(task.claim))
            outcome = self._one(task, instruments, keys)
            self._ended(outcome)
            if outcome.exit_code == INTERRUPTED:
                raise KeyboardInterrupt
            shown[task.name] = outcome.predicate
            if outcome.predicate is not None and not together:
                self._show(outcome.predicate)
                if said := next_step.after_scan(task.claim, task.out, self.arguments):
                    print(f"scanner: {said}", file=sys.stderr)
        if together:
            self._show(shown)

    def _one(self, task: Task, instruments: Instruments, keys: Keys) -> Outcome:
        began, progress = _now(), _Progress(self, task)
        try:
            watched = self.reports.watched(task)
            standing = scan_claim(task, self.arguments, instruments, keys, **watched, attested=progress.attested)
            return progress.outcome(began, progress.found, standing=standing)
        except ScannerError as error:
            progress.errors += self.printed_once(error)
            return progress.outcome(began, progress.code(error.exit_code))
        except KeyboardInterrupt:
            note = INTERRUPTED_NOTE if progress.predicate is None else _INTERRUPTED_AFTER
            print(f"scanner: {note}", file=sys.stderr)
            progress.errors.append(note)
            return progress.outcome(began, INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - a fault of this program, which the other claims need not suffer from
            progress.errors.append(report_bug(error))
            return progress.outcome(began, progress.code(ScannerError.exit_code))

    def _ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.reports.found(outcome)

    def printed_once(self, error: ScannerError) -> list[str]:
        lines = str(error).splitlines()
        for line in lines:
            if line not in self.printed:
                print(f"scanner: {line}", file=sys.stderr)
        self.printed.update(lines)
        return lines

    def _show(self, predicate: Any) -> None:
        """A fault in showing it changes nothing of what was found."""
        try:
            self.present(predicate, as_json=self.arguments.json)
            sys.stdout.flush()
        except Exception as error:  # noqa: BLE001
            self.errors.append(report_bug(error))


@dataclass
class _Progress:
    """What is known of one claim, from its attestation on."""

    run: _Run
    task: Task
    predicate: Mapping[str, Any] | None = None
    undelivered: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """The finding's code. There must be one."""
        if self.predicate is None:
            raise ValueError("nothing was found yet")
        return finding_code(self.predicate["finding"])

    def code(self, fault: int) -> int:
        """The exit code, where something ended in `fault`: once there is a finding, a bug changes nothing of its code,
        and a mistake in the inputs (a history that cannot be written) nothing of an accusation."""
        if self.predicate is None:
            return fault if fault in WORST_FIRST else ScannerError.exit_code
        return worst([self.found, *([fault] if fault == InputError.exit_code else [])])

    def attested(self, predicate: Mapping[str, Any]) -> None:
        """The attestation is there. A webhook that fails, or a folder in which nothing can be kept, hides nothing."""
        self.predicate = predicate
        if self.run.target is None or self.task.out is None:
            return
        try:
            self.undelivered, why = webhooks.tell(self.run.target, self.task.name, self.task.out, predicate)
        except InputError as error:
            self.errors += self.run.printed_once(error)
            return
        except Exception as error:  # noqa: BLE001 - nor does what a receiver answers, whatever it is
            self.errors.append(report_bug(error))
            return
        if self.undelivered:
            waiting = f"--webhook: {self.undelivered} changes of verdict wait for the next run to be delivered: {why}"
            print(f"scanner: {waiting}", file=sys.stderr)
            self.errors.append(waiting)

    def outcome(self, began: datetime, code: int, *, standing: bool = False) -> Outcome:
        files: tuple[WrittenFile, ...] = ()
        if self.predicate is not None and self.run.arguments.summary:
            try:
                files = written_files(self.task.out)
            except OSError as error:
                self.errors.append(f"{error.filename}: cannot be read: {error.strerror}")
        return Outcome(
            claim=str(self.task.claim),
            name=self.task.name,
            exit_code=code,
            began=began,
            ended=_now(),
            predicate=self.predicate,
            standing=standing,
            files=files,
            errors=tuple(self.errors),
            undelivered=self.undelivered,
        )


def _untouched(task: Task) -> Outcome:
    now = _now()
    errors = ("not scanned, since the job was interrupted before",)
    return Outcome(str(task.claim), task.name, INTERRUPTED, now, now, errors=errors)


def _now() -> datetime:
    return datetime.now(UTC)
