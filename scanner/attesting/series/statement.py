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
from scanner.attesting.points import MomentsRun, is_of, read_points, statement_of_points
from scanner.attesting.series.interface import Predicate, SeriesFormat, StatedSeries
from scanner.attesting.series.v1 import V1
from scanner.attesting.series.v1.shape import MOST_POINTS
from scanner.attesting.statement import CLAIM
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
    return is_of(data, SERIES_FORMATS)


def read_series(data: bytes) -> SeriesStatement:
    """A statement from its bytes. Raises ValueError unless they are canonical JSON of exactly the shape that the
    version which they name has, with subjects that are those which the predicate names; and for an unknown version."""
    version, predicate = read_points(
        data, SERIES_FORMATS, _statement, of="a series", subjects="claim", most=MOST_POINTS + 1
    )
    return SeriesStatement(version, predicate, version.read(predicate))


def _statement(predicate: Mapping[str, Any], version: SeriesFormat) -> dict[str, Any]:
    series = predicate["series"]
    return statement_of_points(version.type, predicate, {CLAIM: series["claim"]}, series["points"])
