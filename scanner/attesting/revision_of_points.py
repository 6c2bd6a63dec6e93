"""By which revision of the tables the points of a statement were made: the one by which its claims are to be read,
before anything is verified.

A statement of several moments names no revision; the statements of its points do, as those of attestations. All points
of one name the same one: each is judged by the one claim that was read, and refused where it names another revision
(`attesting.verify`, step 4). Nothing here judges, or believes anything.
"""

from __future__ import annotations

import re
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.attestation import UNSIGNED
from scanner.attesting.envelope import read_envelope
from scanner.attesting.points import POINTS, Open
from scanner.attesting.statement import MAX_STATEMENT_BYTES, read_statement
from scanner.chains.facts_revision import REVISION
from scanner.errors import InputError

_STATEMENT: Final = re.compile(rf"({POINTS}/[0-9]{{8}}T[0-9]{{6}}Z)/{re.escape(UNSIGNED)}")


def revision_of_points(envelope: bytes, opened: Open) -> int:
    """The revision that the first point of the statement in a DSSE envelope names: for `load_claim`. The newest one
    where none is named, or the point's files cannot be read: whether it holds is found out by who verifies it."""
    try:
        point = _first(canonical.decode(read_envelope(envelope).payload, MAX_STATEMENT_BYTES))
        with opened(point) as files:
            return read_statement(files.statement).stated.tables
    except (ValueError, InputError):
        return REVISION


def _first(statement: Any) -> str:
    """The folder of the first point that is named. Raises ValueError where none is."""
    match statement:
        case {"subject": [*subjects]}:
            for subject in subjects:
                match subject:
                    case {"name": str(name)} if found := _STATEMENT.fullmatch(name):
                        return found[1]
    raise ValueError("no point is named")
