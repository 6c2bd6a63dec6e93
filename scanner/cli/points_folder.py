"""A statement of several moments in its folder: written beside what is there, verified as any reader will find it, and
only then put in place.

One that is there already is never overwritten: it is moved to the folder `earlier`, with all its moments.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import TYPE_CHECKING, Final

from scanner.cli.files import read_whole, write_whole, written_together
from scanner.errors import InputError
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.points import Open, PointFiles
    from scanner.scanning.run import Scan

MOST_BYTES: Final = 22 * 2**20  # of an envelope; none is longer
_EARLIER: Final = "earlier"
_STAGING: Final = ".writing-points-"


def opened_in(folder: Path) -> Open:
    """How the files of a series' moments are opened that lie in `folder`. Opening raises InputError."""
    from scanner.attesting.attestation import UNSIGNED
    from scanner.attesting.points import PointFiles
    from scanner.attesting.statement import EVIDENCE, MAX_STATEMENT_BYTES, WITNESS

    @contextmanager
    def opened(point: str) -> Iterator[PointFiles]:
        place = folder / point
        statement = read_whole(place / UNSIGNED, MAX_STATEMENT_BYTES, "; no statement is")
        with open_regular(place / EVIDENCE) as evidence, open_if_there(place / WITNESS) as witness:
            yield PointFiles(statement, evidence, witness)

    return opened


class Staged:
    """Points while they are written, in a folder beside the one that they will be in. Use it as a context manager: what
    was not put in place is gone at its end. Raises InputError where nothing can be written.

    `names`: of the statement that names the points, signed or not; one of them may be there already. `beside`: of other
    files that it names.
    """

    def __init__(self, folder: Path, names: Sequence[str], beside: Sequence[str] = ()) -> None:
        self._folder = folder
        self._names = names
        self._beside = beside
        self._undo = ExitStack()
        self._staging = folder

    def __enter__(self) -> Staged:
        from scanner.attesting.points import POINTS

        if (self._folder / POINTS).exists() and not any(map(os.path.lexists, self._named())):
            raise InputError.at(str(self._folder / POINTS), "is there already, and no statement of it; move it away")
        with self._reported():
            for left in self._folder.glob(f"{_STAGING}*"):  # by a run that was killed: whose journal is this one's
                shutil.rmtree(left, ignore_errors=True)
            self._staging = Path(mkdtemp(dir=self._folder, prefix=_STAGING))
        self._undo.callback(shutil.rmtree, self._staging, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._undo.close()

    def keep(self, found: Scan) -> str:
        """The files of one moment, all of them or none; the SHA-256 of its statement, in hex."""
        from scanner.attesting.points import point_folder, write_point

        with written_together(self._staging / point_folder(found.finding.claim.as_of)) as create:
            return write_point(
                found.finding,
                found.rows,
                found.operators,
                found.witness,
                own=found.own,
                create=create,
                scanned_at=datetime.now(UTC),
                scanner=version("reserve-scanner"),
                notes=found.notes,
            )

    @property
    def opened(self) -> Open:
        """How the files are opened that are written here."""
        return opened_in(self._staging)

    @property
    def folder(self) -> Path:
        """Where the files that the statement names lie until they are put in place."""
        return self._staging

    def put_in_place(self, name: str, document: bytes) -> Path | None:
        """The statement comes last. Where the one that was there before is kept now, if there was one."""
        from scanner.attesting.points import POINTS

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
            for beside in self._beside:
                if kept is not None and os.path.lexists(self._folder / beside):
                    (self._folder / beside).replace(kept / beside)
                (self._staging / beside).replace(self._folder / beside)
            (self._staging / POINTS).replace(self._folder / POINTS)
        write_whole(self._folder / name, document)
        return kept

    def _named(self) -> list[Path]:
        return [self._folder / name for name in self._names]

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise InputError.at(str(self._folder), f"cannot be written to: {error.strerror or error}") from error
