"""A series as the files that are published: its statement or envelope, and beside it a folder for each moment.

A moment's statement is that of an attestation, unsigned: the series names it by digest. No one takes it for a signed
one, and a signed one of such a moment would be refused (`attesting.blocks.at_stated_moment`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from scanner.attesting.attestation import write_attestation
from scanner.attesting.envelope import Envelope, Signer, write_envelope
from scanner.attesting.series.interface import SeriesRun
from scanner.attesting.series.statement import SERIES, UNSIGNED_SERIES, series_bytes
from scanner.core.evidence import EvidenceRow
from scanner.core.evidence_part import InParts
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness
from scanner.weighing.finding import Finding
from scanner.weighing.series import Series


def write_point(
    finding: Finding,
    rows: Iterable[EvidenceRow] | InParts,
    operators: Mapping[Chain, tuple[str, ...]],
    witness: Witness,
    *,
    own: Sequence[str] = (),
    create: Callable[[str], BinaryIO],
    scanned_at: datetime,
    scanner: str,
    notes: Sequence[str] = (),
) -> str:
    """The files of one moment, as `create` opens them by their name; the SHA-256 of its statement, in hex. The
    arguments are those of `attestation.write_attestation`, which raises alike."""
    statement = write_attestation(
        finding,
        rows,
        operators,
        witness,
        (),
        own=own,
        create=create,
        scanned_at=scanned_at,
        scanner=scanner,
        notes=notes,
    )
    return hashlib.sha256(statement).hexdigest()


def signed_series(series: Series, run: SeriesRun, signers: Sequence[Signer]) -> tuple[str, bytes, bytes]:
    """The name of the series' file, what stands in it, and the statement: that alone, where no one signs. Raises
    ValueError for a series that cannot be written."""
    envelope = Envelope(series_bytes(series, run))
    for signer in signers:
        envelope = envelope.signed(signer)
    if signers:
        return SERIES, write_envelope(envelope), envelope.payload
    return UNSIGNED_SERIES, envelope.payload, envelope.payload
