"""A history of the golden series and claims together: a report with two series around it, and two exchanges jointly."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Final

from scanner.attesting.envelope import signed_document
from scanner.attesting.points import point_folder
from scanner.attesting.signers import load_public_key
from scanner.cli.points_folder import opened_in
from scanner.cli.several_moments import claims_of
from scanner.history.log import HistoryLog, append
from scanner.history.several import append_series, append_together
from scanner.weighing.together import Claims
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_series import KEY, SERIES_FOLDER, TOGETHER_FOLDER

AT: Final = datetime(2026, 5, 1, tzinfo=UTC)
EXCHANGE: Final = "Example & Co"
"""Whose report and series these are; the two together have no report."""


def add_golden(history: HistoryLog) -> None:
    """All of it, verified as it is added."""
    for name in ("missing", "lent"):
        folder = SERIES_FOLDER / "v1" / name
        document, key = (folder / "series.dsse.json").read_bytes(), load_public_key(folder / KEY)
        (claim,) = claims_of(document, folder, [folder / "claim.yaml"])
        if name == "lent":
            own = folder / point_folder(claim.as_of)
            envelope = signed_document((own / "statement.json").read_bytes(), [AUDITOR])
            append(history, envelope, claim, [key], io.BytesIO((own / "evidence.csv.gz").read_bytes()), at=AT)
        append_series(history.database, document, claim, [key], opened_in(folder), at=AT)
    folder = TOGETHER_FOLDER / "v1" / "lending"
    document, keys = (folder / "together.dsse.json").read_bytes(), [load_public_key(folder / KEY)]
    claims = Claims(tuple(claims_of(document, folder, sorted(folder.glob("claim-*.yaml")))))
    append_together(history.database, document, claims, keys, opened_in(folder), at=AT)
