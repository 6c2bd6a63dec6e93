"""`scanner scan A B --together`: several claims at one moment, each weighed alone and all of them jointly."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import named_files, terminal
from scanner.cli.command import print_json
from scanner.cli.finding_code import COVERED, INCOMPLETE, SHORT
from scanner.cli.inputs import Instruments, claim_and_instrument, signer
from scanner.cli.interrupt import interruptible, terminable
from scanner.cli.open_journal import open_journal
from scanner.cli.points_folder import Staged
from scanner.errors import AttestationInvalid, InputError, Mistake, ScannerError

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.scanning.journal import Journal
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.together import Claims

JOURNAL: Final = "together.journal"  # in --out: what was settled so far
INTERRUPTED_NOTE: Final = (
    "interrupted; nothing was written of the claims together, and the same command goes on from here"
)
_BUG: Final = "this is a bug, please report it; nothing was signed, for what was to be signed does not hold"
_NOT_TAKEN: Final = ("history", "summary", "junit", "metrics", "metrics_port", "webhook", "at", "cluster", "eth_key")


def scan_together(arguments: Namespace) -> int:
    """The exit code: that of the worst unit, of all claims jointly."""
    _check(arguments)
    named_files.of_together(arguments, JOURNAL, os.environ)
    claims, instrument = _inputs(arguments)
    signers = [signer(path) for path in arguments.key]
    with terminable(), open_journal(arguments.out / JOURNAL, signers) as journal:
        predicate = _read(arguments, claims, instrument, signers, journal)
        if not any(unit["gaps"] for point in predicate["together"]["points"] for unit in point["together"]):
            journal.drop()
    if arguments.json:
        print_json(predicate)
    else:
        present(predicate)
    return exit_code(predicate)


def exit_code(predicate: Mapping[str, Any]) -> int:
    """As a scan's: 1 where a unit is short of what all owe, 3 where one is unknown, else 0."""
    verdicts = {unit["verdict"] for unit in predicate["together"]["units"]}
    if "SHORT" in verdicts:
        return SHORT
    return COVERED if verdicts == {"COVERED"} else INCOMPLETE


def present(predicate: Mapping[str, Any]) -> None:
    """The predicate as a table, on stdout."""
    from scanner.report.together_table import render

    print(render(predicate, width=terminal.width(), colour=terminal.colours()), end="")


def _check(arguments: Namespace) -> None:
    """Raises InputError for options that do not go with it."""
    mistakes = [
        Mistake(f"--{name.replace('_', '-')}", "does not go with --together")
        for name in _NOT_TAKEN
        if getattr(arguments, name, None)
    ]
    if arguments.out is None:
        mistakes.append(Mistake("--together", "writes the evidence of each moment; give --out DIR"))
    if mistakes:
        raise InputError(mistakes)


def _inputs(arguments: Namespace) -> tuple[Claims, Instrument]:
    """The claims, and the one instrument that all are read with. Raises InputError."""
    if arguments.nodes is None and len({claim.absolute().parent for claim in arguments.claims}) > 1:
        raise InputError.at("--nodes", "is missing: claims that are read together are read by one nodes' file")
    instruments, mistakes, read = Instruments(arguments), [], []
    for path in arguments.claims:
        try:
            read.append(claim_and_instrument(path, instruments))
        except InputError as error:
            mistakes += [each for each in error.mistakes if each not in mistakes]
    if mistakes:
        raise InputError(mistakes)
    return together([each.claim for each, _ in read]), read[0][1]


def together(claims: list[Claim]) -> Claims:
    """The claims as they are weighed together. Raises InputError where they cannot be."""
    from scanner.weighing.together import Claims

    try:
        return Claims(tuple(claims))
    except ValueError as error:
        raise InputError([Mistake("claims", line) for line in str(error).splitlines()]) from None


def _read(
    arguments: Namespace, claims: Claims, instrument: Instrument, signers: list[Ed25519Signer], journal: Journal
) -> Mapping[str, Any]:
    """The nodes asked, and the statement put into its folder. The predicate. Raises ScannerError, KeyboardInterrupt."""
    from scanner.attesting.points import MomentsRun
    from scanner.attesting.together.statement import TOGETHER, UNSIGNED_TOGETHER, read_together, signed_together
    from scanner.attesting.together.verify import judge_together
    from scanner.cli.progress import observer
    from scanner.scanning import together

    with Staged(arguments.out, (TOGETHER, UNSIGNED_TOGETHER)) as staged:
        observe = observer(arguments.log, sys.stderr)
        work = together.read_together(claims, instrument, staged.keep, observe=observe, journal=journal)
        found = interruptible(work, f"scanner: {INTERRUPTED_NOTE}")
        try:
            run = MomentsRun(datetime.now(UTC), version("reserve-scanner"))
            name, document, statement = signed_together(found, run, signers)
            judge_together(statement, claims, staged.opened)
        except (ValueError, LookupError, AttestationInvalid) as error:
            raise ScannerError(f"{_BUG}: {error}") from error
        kept = staged.put_in_place(name, document)
    if kept is not None:
        print(f"scanner: what was there before is kept in {kept}", file=sys.stderr)
    return read_together(statement).predicate
