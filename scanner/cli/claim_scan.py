"""One claim scanned and attested, unless its attestation already stands."""

from __future__ import annotations

import hashlib
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.inputs import Instruments, Keys, claim_and_instrument, claim_at
from scanner.cli.log import append_own
from scanner.cli.open_journal import open_journal
from scanner.report.outcome import WrittenFile

if TYPE_CHECKING:
    from scanner.chains.interface import Node
    from scanner.core.node_settings import NodeSettings
    from scanner.scanning.events import Observer
    from scanner.weighing.claim import Claim

JOURNAL: Final = "scan.journal"  # in --out: what a scan has settled so far
INTERRUPTED_NOTE: Final = "interrupted; no attestation was written (with --out, the same command goes on from here)"


@dataclass(frozen=True, slots=True)
class Task:
    """A claim to be scanned. `out` is where its attestation goes, None for nowhere."""

    claim: Path
    name: str
    out: Path | None


def scan_claim(
    task: Task,
    arguments: Namespace,
    instruments: Instruments,
    keys: Keys,
    *,
    observe: Observer,
    connect: Callable[[NodeSettings], Node],
    attested: Callable[[Mapping[str, Any]], object],
) -> bool:
    """Scan the claim, and write what came of it; whether nothing had to be, since its attestation stands.

    `attested` is handed the predicate once the attestation is there, while the folder is still locked.
    Raises ScannerError; KeyboardInterrupt where it was interrupted.
    """
    import scanner
    from scanner.attesting.statement import read_statement
    from scanner.cli.interrupt import interruptible
    from scanner.cli.replacing import present
    from scanner.cli.standing import StandingAttestation, Unfit, standing
    from scanner.cli.writing import write_attestation
    from scanner.scanning.clock import system_clock

    read, instrument = claim_and_instrument(task.claim, instruments)
    claim, now = read.claim, arguments.at is not None
    if now:
        claim = claim_at(task.claim, claim, system_clock())
    made = task.out is not None and not task.out.exists()
    with ExitStack() as locked:
        if made and task.out is not None:
            locked.callback(_remove_if_empty, task.out)
        journal = None if task.out is None else locked.enter_context(open_journal(task.out / JOURNAL, keys.signers))
        if task.out is not None and not arguments.again and not now:
            found = standing(task.out, claim, instrument, keys.signers, keys.ethereum)
            if isinstance(found, StandingAttestation):
                _tell(f"{found.path} stands: verified, and the same scan again; no node was asked (--again scans anew)")
                attested(found.verified.predicate)
                if journal is not None:
                    journal.drop()
                _remember(arguments, task, claim, keys)
                return True
        else:
            found = None
        before = None if task.out is None else present(task.out, claim, keys)
        if isinstance(found, Unfit):
            _tell(f"{found.path} does not stand for this scan, which is made anew: {found.why}")
        work = scanner.scan(
            claim,
            instrument,
            observe=observe,
            connect=connect,
            journal=None if now else journal,  # of one that was killed nothing is of this moment
            cluster=arguments.cluster,
            cluster_plaintext=arguments.cluster_plaintext,
        )
        result = interruptible(work, f"scanner: {INTERRUPTED_NOTE}")
        if task.out is None:
            statement = scanner.attest(result).statement
        else:
            statement = write_attestation(task.out, result, claim, keys, before)
        attested(read_statement(statement).predicate)
        if journal is not None and (journal.new if now else not result.gaps):
            journal.drop()
        _remember(arguments, task, claim, keys)
    return False


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _remember(arguments: Namespace, task: Task, claim: Claim, keys: Keys) -> None:
    """In the history that --history names. Raises InputError."""
    if arguments.history is not None and task.out is not None:
        append_own(arguments.history, task.out, claim, [signer.public for signer in keys.signers])


def written_files(out: Path | None) -> tuple[WrittenFile, ...]:
    """The files of the attestation in `out`. Raises OSError."""
    from scanner.attesting.attestation import NAMES

    if out is None:
        return ()
    return tuple(_file(path) for path in (out / name for name in NAMES) if path.exists())


def _file(path: Path) -> WrittenFile:
    with path.open("rb") as file:
        return WrittenFile(str(path), hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _tell(text: str) -> None:
    print(f"scanner: {text}", file=sys.stderr)
