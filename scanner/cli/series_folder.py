"""A series in its folder: written beside what is there, verified as any reader will find it, and only then put in
place.

A series that is there already is never overwritten: it is moved to the folder `earlier`, with all its moments.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.files import Create, read_whole, write_whole, written_together
from scanner.errors import AttestationInvalid, InputError
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.series.verify import Open, PointFiles
    from scanner.attesting.signers import Ed25519Signer
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.schedule import Schedule

_MOST_BYTES: Final = 22 * 2**20  # of an envelope; none is longer
_EARLIER: Final = "earlier"
_STAGING: Final = ".writing-series-"


def opened_in(folder: Path) -> Open:
    """How the files of a series' moments are opened that lie in `folder`. Opening raises InputError."""
    from scanner.attesting.attestation import UNSIGNED
    from scanner.attesting.series.verify import PointFiles
    from scanner.attesting.statement import EVIDENCE, MAX_STATEMENT_BYTES, WITNESS

    @contextmanager
    def opened(point: str) -> Iterator[PointFiles]:
        place = folder / point
        statement = read_whole(place / UNSIGNED, MAX_STATEMENT_BYTES, "; no statement is")
        with open_regular(place / EVIDENCE) as evidence, open_if_there(place / WITNESS) as witness:
            yield PointFiles(statement, evidence, witness)

    return opened


def standing(
    folder: Path, claim: Claim, instrument: Instrument, schedule: Schedule, signers: Sequence[Ed25519Signer]
) -> Mapping[str, Any] | None:
    """The predicate of the series in `folder` that this run would come to: signed by these keys, of this claim,
    schedule and policy, without a gap, and checked in full. None where there is none."""
    from scanner.attesting.series.statement import SERIES
    from scanner.attesting.series.verify import verify_series
    from scanner.scanning.control import judged_together

    path = folder / SERIES
    if not signers or not os.path.lexists(path):
        return None
    try:
        document = read_whole(path, _MOST_BYTES, "; no series is")
        keys = [each.public for each in signers]
        shown = verify_series(document, claim, keys, opened_in(folder), judge=judged_together)
    except (InputError, AttestationInvalid) as error:
        print(f"scanner: {path} does not stand, and is made anew: {error}", file=sys.stderr)
        return None
    series = shown.series
    policy = instrument.policy.narrowed(claim.units, claim.assets)
    whole = all(unit.whole for point in series.points for unit in point.units.values())
    drawn = len(series.blocks) == len(schedule.numbers)
    if (series.schedule, series.policy) == (schedule, policy) and whole and drawn:
        return shown.predicate
    return None


class Staged:
    """A series while it is written, in a folder beside the one that it will be in. Use it as a context manager: what
    was not put in place is gone at its end. Raises InputError where nothing can be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._undo = ExitStack()
        self._staging = folder

    def __enter__(self) -> Staged:
        from scanner.attesting.series.statement import POINTS

        if (self._folder / POINTS).exists() and not any(map(os.path.lexists, self._named())):
            raise InputError.at(str(self._folder / POINTS), "is there already, and no series beside it; move it away")
        with self._reported():
            self._staging = Path(mkdtemp(dir=self._folder, prefix=_STAGING))
        self._undo.callback(shutil.rmtree, self._staging, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._undo.close()

    @contextmanager
    def writing(self, point: str) -> Iterator[Create]:
        """The files of one moment, all of them or none."""
        with written_together(self._staging / point) as create:
            yield create

    def check(self, statement: bytes, claim: Claim) -> None:
        """That it holds, as any reader will find it. Raises AttestationInvalid."""
        from scanner.attesting.series.verify import judge_series
        from scanner.scanning.control import judged_together

        judge_series(statement, claim, opened_in(self._staging), judge=judged_together)

    def put_in_place(self, name: str, document: bytes) -> Path | None:
        """The series' own file comes last. Where the one that was there before is kept now, if there was one."""
        from scanner.attesting.series.statement import POINTS

        kept = None
        with self._reported():
            for path in self._named():
                if os.path.lexists(path):
                    kept = self._folder / _EARLIER / hashlib.sha256(path.read_bytes()).hexdigest()[:16]
                    kept.mkdir(parents=True, exist_ok=True)
                    path.replace(kept / path.name)
            if kept is not None and (self._folder / POINTS).exists():
                shutil.rmtree(kept / POINTS, ignore_errors=True)
                (self._folder / POINTS).replace(kept / POINTS)
            (self._staging / POINTS).replace(self._folder / POINTS)
        write_whole(self._folder / name, document)
        return kept

    def _named(self) -> list[Path]:
        from scanner.attesting.series.statement import SERIES, UNSIGNED_SERIES

        return [self._folder / SERIES, self._folder / UNSIGNED_SERIES]

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise InputError.at(str(self._folder), f"cannot be written to: {error.strerror or error}") from error
