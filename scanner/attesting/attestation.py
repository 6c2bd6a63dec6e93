"""What a run found, as the two files that are published: the statement or its envelope, and the evidence it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scanner.attesting.envelope import Envelope, Signer, write_envelope
from scanner.attesting.onchain import ONCHAIN
from scanner.attesting.predicate import Run
from scanner.attesting.statement import EVIDENCE, WITNESS, statement_bytes
from scanner.core.evidence import EvidenceRow
from scanner.core.evidence_csv import compress, encode
from scanner.core.ids import Chain
from scanner.core.ratio import Finding
from scanner.proofs.witness import Witness, dump

ATTESTATION: Final = "attestation.dsse.json"
UNSIGNED: Final = "statement.json"
NAMES: Final = (EVIDENCE, WITNESS, ONCHAIN, ATTESTATION, UNSIGNED)  # of all files that an attestation may consist of


@dataclass(frozen=True, slots=True)
class Attestation:
    """A statement, the signatures over it, and the evidence it names."""

    statement: bytes  # canonical JSON
    document: bytes  # the DSSE envelope; the bare statement where nobody signed
    evidence: bytes  # the gzipped CSV
    witness: bytes | None  # what proofs rest on; None where nothing was proven

    @property
    def files(self) -> dict[str, bytes]:
        """All that is published, by file name; what names the others by digest stands last."""
        witness = {} if self.witness is None else {WITNESS: self.witness}
        signed = self.document != self.statement
        return {EVIDENCE: self.evidence, **witness, ATTESTATION if signed else UNSIGNED: self.document}


def write_attestation(
    finding: Finding,
    rows: Iterable[EvidenceRow],
    operators: Mapping[Chain, tuple[str, ...]],
    witness: Witness,
    signers: Sequence[Signer],
    *,
    scanned_at: datetime,
    scanner: str,
) -> Attestation:
    """The attestation of a finding from its evidence. `scanner` is the version of what scanned.

    Raises ValueError for a finding or evidence that cannot be written, such as rows out of order.
    """
    evidence = b"".join(compress(encode(rows)))
    proofs = b"".join(dump(witness)) if len(witness) else None
    run = Run(scanned_at, scanner, operators, _sha256(evidence), None if proofs is None else _sha256(proofs))
    envelope = Envelope(statement_bytes(finding, run))
    for signer in signers:
        envelope = envelope.signed(signer)
    document = write_envelope(envelope) if signers else envelope.payload
    return Attestation(envelope.payload, document, evidence, proofs)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
