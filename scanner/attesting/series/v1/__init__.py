"""Version 1 of the series predicate, field by field in docs/series.md.

Released with 1.0.0, and never changed since.
"""

from __future__ import annotations

from typing import Final

from scanner.attesting.series.interface import SeriesFormat
from scanner.attesting.series.v1.reading import read
from scanner.attesting.series.v1.shape import SHAPE
from scanner.attesting.series.v1.writing import write

TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-series/v1"

V1: Final = SeriesFormat(1, TYPE, SHAPE, write, read)
