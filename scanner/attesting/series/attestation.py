"""A series as the file that is published beside the folder of its points: its envelope, or the bare statement."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.attesting.envelope import Signer, signed_document
from scanner.attesting.points import MomentsRun
from scanner.attesting.series.statement import SERIES, UNSIGNED_SERIES, series_bytes
from scanner.weighing.series import Series


def signed_series(series: Series, run: MomentsRun, signers: Sequence[Signer]) -> tuple[str, bytes, bytes]:
    """The name of the series' file, what stands in it, and the statement: that alone, where no one signs. Raises
    ValueError for a series that cannot be written."""
    payload = series_bytes(series, run)
    return SERIES if signers else UNSIGNED_SERIES, signed_document(payload, signers), payload
