"""`scanner series`: the claim's accounts read at each moment, the series written down, checked, and shown."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import named_files
from scanner.cli.command import UNKNOWN, print_json
from scanner.cli.inputs import Instruments, claim_and_instrument, signer
from scanner.cli.interrupt import interruptible, terminable
from scanner.cli.open_journal import open_journal
from scanner.cli.points_folder import Staged
from scanner.cli.series_arguments import schedule
from scanner.cli.series_folder import standing
from scanner.cli.several_moments import present
from scanner.errors import AttestationInvalid, InputError, ScannerError

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.scanning.journal import Journal
    from scanner.scanning.run import Scan
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.schedule import Schedule

JOURNAL: Final = "series.journal"  # in --out: what was settled so far
INTERRUPTED_NOTE: Final = "interrupted; no series was written, and the same command goes on from here"
_BUG: Final = "this is a bug, please report it; nothing was signed, for what was to be signed does not hold"
_LASTING: Final = 5  # nothing is shown of a unit, and running again changes nothing


def series(arguments: Namespace) -> int:
    """The exit code: 0 where something is shown of every unit over every window."""
    named_files.of_series(arguments, JOURNAL, os.environ)
    read, instrument = claim_and_instrument(arguments.claim, Instruments(arguments))
    claim, signers = read.claim, [signer(path) for path in arguments.key]
    asked = _Asked(claim, instrument, schedule(arguments, claim.as_of), signers)
    _require_room(claim, asked.schedule)
    with terminable(), open_journal(arguments.out / JOURNAL, signers) as journal:
        predicate, fillable = None, set[str]()
        if not arguments.again:
            predicate = standing(arguments.out, claim, instrument, (asked.schedule, arguments.share), signers)
        if predicate is None:
            predicate, fillable = _read(arguments, asked, journal)
        else:
            _tell("the series stands: verified, and the same again; no node was asked (--again reads anew)")
        if not _gaps(predicate):
            journal.drop()
    if arguments.json:
        print_json(predicate)
    else:
        present(predicate)
    return exit_code(predicate, claim, fillable)


def exit_code(predicate: Mapping[str, Any], claim: Claim, fillable: Collection[str]) -> int:
    """0; where nothing is shown of a unit 3, or 5 if no other run of the same nodes could show more. `fillable`: the
    units of which another run may read what this one did not."""
    from scanner.chains.history import reads_only_tip

    hidden = [each for each in predicate["series"]["sustained"] if each["lacking"]]
    tips = {asset.backs for asset in claim.assets.values() if reads_only_tip(asset.id.chain)}
    if any(each["unit"] not in tips and _may_show(each, fillable) for each in hidden):
        return UNKNOWN
    return _LASTING if hidden else 0


def _may_show(hidden: Mapping[str, Any], fillable: Collection[str]) -> bool:
    """Whether another run may show what is lacking of a unit: no block is between two that follow each other, and a
    gap that stays is one at every run."""
    lasting = {"NO_BLOCKS"} if hidden["unit"] in fillable else {"NO_BLOCKS", "GAPS"}
    return not lasting.issuperset(hidden["lacking"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the series is to be of, and who signs it."""

    claim: Claim
    instrument: Instrument
    schedule: Schedule
    signers: list[Ed25519Signer]


def _read(arguments: Namespace, asked: _Asked, journal: Journal) -> tuple[Mapping[str, Any], set[str]]:
    """The nodes asked, and the series put into its folder. The predicate, and the units with gaps that another run may
    fill. Raises ScannerError, KeyboardInterrupt."""
    from scanner.attesting.points import MomentsRun
    from scanner.attesting.series.attestation import signed_series
    from scanner.attesting.series.statement import SERIES, UNSIGNED_SERIES, read_series
    from scanner.attesting.series.verify import judge_series
    from scanner.cli.progress import observer
    from scanner.scanning import series as scanning
    from scanner.scanning.control import judged_together
    from scanner.weighing.lasting import is_fillable

    fillable = set[str]()
    with Staged(arguments.out, (SERIES, UNSIGNED_SERIES)) as staged:

        def keep(scan: Scan) -> str:
            fillable.update(each.unit for each in scan.finding.reserves if is_fillable(each))
            return staged.keep(scan)

        observe = observer(arguments.log, sys.stderr)
        work = scanning.read_series(
            asked.claim,
            asked.instrument,
            asked.schedule,
            keep,
            observe=observe,
            journal=journal,
            share=arguments.share,
        )
        found = interruptible(work, f"scanner: {INTERRUPTED_NOTE}")
        try:
            name, document, statement = signed_series(
                found, MomentsRun(datetime.now(UTC), version("reserve-scanner")), asked.signers
            )
            judge_series(statement, asked.claim, staged.opened, judge=judged_together)
        except (ValueError, LookupError, AttestationInvalid) as error:
            raise ScannerError(f"{_BUG}: {error}") from error
        kept = staged.put_in_place(name, document)
    if kept is not None:
        _tell(f"the series that was there before is kept in {kept}")
    return read_series(statement).predicate, fillable


def _require_room(claim: Claim, asked: Schedule) -> None:
    """Raises InputError for more moments, of more units, than one statement has room for."""
    from scanner.weighing.schedule import AFTERWARDS
    from scanner.weighing.series import has_room

    points = len(asked.numbers) + 1 + len(AFTERWARDS)
    if not has_room(points=points, units=len(claim.liabilities)):
        raise InputError.at(
            "--every",
            f"makes {points:,} moments of {len(claim.liabilities):,} units, more than a statement has room for",
        )


def _gaps(predicate: Mapping[str, Any]) -> bool:
    return any(unit["gaps"] for point in predicate["series"]["points"] for unit in point["units"])


def _tell(text: str) -> None:
    print(f"scanner: {text}", file=sys.stderr)
