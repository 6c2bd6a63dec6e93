"""A series as an in-toto Statement: the bytes that are signed, and those bytes read back.

Nothing here judges: `verify.py` computes the series again. New statements are in the newest version; a further one is
a folder here and a line in `SERIES_FORMATS`.

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.points import MomentsRun, statement_of_points
from scanner.attesting.series.interface import Predicate, SeriesFormat, StatedSeries
from scanner.attesting.series.v1 import V1
from scanner.attesting.series.v1.shape import MOST_POINTS
from scanner.attesting.statement import CLAIM, MAX_STATEMENT_BYTES, STATEMENT_TYPE
from scanner.core.shape import anything, array, one_of, record, text
from scanner.weighing.series import Series

SERIES_FORMATS: Final[dict[str, SeriesFormat]] = {each.type: each for each in (V1,)}

SERIES: Final = "series.dsse.json"
UNSIGNED_SERIES: Final = "series.json"


@dataclass(frozen=True, slots=True)
class SeriesStatement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    format: SeriesFormat
    predicate: Predicate  # {"series": ..., "run": ...}
    stated: StatedSeries


def series_bytes(series: Series, run: MomentsRun, version: SeriesFormat | None = None) -> bytes:
    """The statement to sign, in a version, else in the newest. Raises ValueError for one that `read_series` would not
    read."""
    version = version or max(SERIES_FORMATS.values(), key=lambda each: each.version)
    data = canonical.encode(_statement(version.write(series, run), version))
    read_series(data)
    return data


def is_series(data: bytes) -> bool:
    """Whether this is meant to be the statement of a series, however well-formed. Raises ValueError for what is no
    canonical JSON object."""
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    named = statement.get("predicateType") if isinstance(statement, dict) else None
    return isinstance(named, str) and named.rpartition("/")[0] in {each.rpartition("/")[0] for each in SERIES_FORMATS}


def read_series(data: bytes) -> SeriesStatement:
    """A statement from its bytes. Raises ValueError unless they are canonical JSON of exactly the shape that the
    version which they name has, with subjects that are those which the predicate names; and for an unknown version."""
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    _STATEMENT(statement, "statement")
    version = SERIES_FORMATS.get(statement["predicateType"])
    if version is None:
        named = statement["predicateType"][:200]
        known = ", ".join(SERIES_FORMATS)
        raise ValueError(f"statement.predicateType: {named!a} is no version of a series that is read here, as {known}")
    predicate = statement["predicate"]
    version.shape(predicate, "statement.predicate")
    if statement != _statement(predicate, version):
        raise ValueError("statement.subject: not the claim and the moments' statements that the predicate names")
    return SeriesStatement(version, predicate, version.read(predicate))


def _statement(predicate: Mapping[str, Any], version: SeriesFormat) -> dict[str, Any]:
    series = predicate["series"]
    return statement_of_points(version.type, predicate, {CLAIM: series["claim"]}, series["points"])


_STATEMENT = record(
    _type=one_of(STATEMENT_TYPE),
    subject=array(record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits"))), MOST_POINTS + 1),
    predicateType=text(),
    predicate=anything,
)
