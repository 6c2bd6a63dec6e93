"""`scanner flows`: balances at three moments and the transfers in between, written down, checked, and shown."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import declared_counterparts, named_files
from scanner.cli.command import UNKNOWN, print_json
from scanner.cli.files import written_together
from scanner.cli.inputs import Instruments, claim_and_instrument, signer
from scanner.cli.interrupt import interruptible, terminable
from scanner.cli.open_journal import open_journal
from scanner.cli.points_folder import Staged
from scanner.cli.several_moments import present
from scanner.errors import LASTING, AttestationInvalid, InputError, ScannerError, Why

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.scanning.journal import Journal
    from scanner.weighing.claim import Claim
    from scanner.weighing.flows import Flows
    from scanner.weighing.instrument import Instrument

JOURNAL: Final = "flows.journal"  # in --out: the balances that were settled so far
INTERRUPTED_NOTE: Final = "interrupted; no flows were written, and the same command goes on from here"
_BUG: Final = "this is a bug, please report it; nothing was signed, for what was to be signed does not hold"
_LASTING: Final = 5  # of no asset transfers are known, and running again changes nothing


def flows(arguments: Namespace) -> int:
    """The exit code: 0 where the transfers of every asset that has any to list are complete."""
    named_files.of_flows(arguments, JOURNAL, os.environ)
    read, instrument = claim_and_instrument(arguments.claim, Instruments(arguments))
    claim, signers = read.claim, [signer(path) for path in arguments.key]
    _check(arguments, claim)
    declared_counterparts.check(arguments)
    with terminable(), open_journal(arguments.out / JOURNAL, signers) as journal:
        predicate, found = _read(arguments, claim, instrument, signers, journal)
        if not any("BALANCES" in each["lacking"] for each in predicate["flows"]["assets"]):
            journal.drop()
    declared = declared_counterparts.declared(arguments, found)
    if arguments.json:
        print_json({**predicate, **declared_counterparts.as_part(declared)})
    else:
        present(predicate)
        declared_counterparts.present(declared)
    return exit_code(predicate)


def exit_code(predicate: Mapping[str, Any]) -> int:
    """3 where a flow is not complete that may become so, 5 where no flow is, and none can become so, else 0."""
    assets = predicate["flows"]["assets"]
    unlisted = [each for each in assets if each["gap"] is not None and Why(each["gap"]["why"]) in LASTING]
    if any(each["shows"] != "COMPLETE" for each in assets if each not in unlisted):
        return UNKNOWN
    return _LASTING if len(unlisted) == len(assets) else 0


def _check(arguments: Namespace, claim: Claim) -> None:
    """Raises InputError for a window that is none, and for more assets than a statement has room for."""
    from scanner.weighing.flows import check_window, has_room, moments

    try:
        check_window(arguments.around)
        moments(claim, arguments.around)
    except ValueError as error:
        raise InputError.at("--around", str(error)) from None
    if not has_room(len(claim.assets)):
        raise InputError.at(str(arguments.claim), f"has {len(claim.assets):,} assets, more than one statement of flows")


def _read(
    arguments: Namespace, claim: Claim, instrument: Instrument, signers: list[Ed25519Signer], journal: Journal
) -> tuple[Mapping[str, Any], Flows]:
    """The nodes asked, and the flows put into their folder: the predicate, and what it states. Raises ScannerError,
    KeyboardInterrupt."""
    from scanner.attesting.flows.statement import FLOWS, UNSIGNED_FLOWS
    from scanner.attesting.flows.transfers_csv import TRANSFERS
    from scanner.cli.progress import observer
    from scanner.scanning.flows import read_flows

    with Staged(arguments.out, (FLOWS, UNSIGNED_FLOWS), (TRANSFERS,)) as staged:
        observe = observer(arguments.log, sys.stderr)
        work = read_flows(claim, instrument, arguments.around, staged.keep, observe=observe, journal=journal)
        found = interruptible(work, f"scanner: {INTERRUPTED_NOTE}")
        try:
            name, document, predicate = _written(found, signers, staged)
        except (ValueError, LookupError, AttestationInvalid) as error:
            raise ScannerError(f"{_BUG}: {error}") from error
        kept = staged.put_in_place(name, document)
    if kept is not None:
        print(f"scanner: what was there before is kept in {kept}", file=sys.stderr)
    return predicate, found


def _written(found: Flows, signers: list[Ed25519Signer], staged: Staged) -> tuple[str, bytes, Mapping[str, Any]]:
    """The transfers written, and all of it verified as any reader will find it: the statement's name, its file, and the
    predicate. Raises what these do."""
    from scanner.attesting.flows.statement import signed_flows
    from scanner.attesting.flows.transfers_csv import TRANSFERS
    from scanner.attesting.flows.verify import judge_flows
    from scanner.attesting.points import MomentsRun
    from scanner.scanning.control import judged_together
    from scanner.sources.regular_file import open_regular

    run = MomentsRun(datetime.now(UTC), version("reserve-scanner"))
    with written_together(staged.folder) as create:
        name, document, payload = signed_flows(found, run, signers, create)
    with open_regular(staged.folder / TRANSFERS) as transfers:
        statement, _ = judge_flows(payload, found.claim, staged.opened, transfers, judge=judged_together)
    return name, document, statement.predicate
