"""What a run found, as the files that are published: the statement or its envelope, and the evidence it names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Final

from scanner.attesting.envelope import Signer, signed_document
from scanner.attesting.evidence_columns import encode_parts
from scanner.attesting.evidence_gzip import compress
from scanner.attesting.heard import HeardCounter
from scanner.attesting.onchain import ONCHAIN
from scanner.attesting.proven import Proofs
from scanner.attesting.run import Run
from scanner.attesting.statement import EVIDENCE, WITNESS, statement_bytes
from scanner.attesting.workers import Workers
from scanner.chains.accounts import account_text
from scanner.core.control import MovedIn
from scanner.core.evidence_part import EvidencePart, InParts, parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.proofs.witness import Witness, dump
from scanner.weighing.finding import Finding
from scanner.weighing.matched import matched

ATTESTATION: Final = "attestation.dsse.json"
UNSIGNED: Final = "statement.json"
NAMES: Final = (EVIDENCE, WITNESS, ONCHAIN, ATTESTATION, UNSIGNED)  # of all files that an attestation may consist of


@dataclass(frozen=True, slots=True)
class Attestation:
    """A statement, the signatures over it, and the evidence it names."""

    statement: bytes  # canonical JSON
    document: bytes  # the DSSE envelope; the bare statement where there is no signature
    evidence: bytes  # the gzipped CSV
    witness: bytes | None  # what proofs rest on; None where nothing was proven

    @property
    def files(self) -> dict[str, bytes]:
        """All that is published, by file name; what names the others by digest stands last."""
        witness = {} if self.witness is None else {WITNESS: self.witness}
        signed = self.document != self.statement
        return {EVIDENCE: self.evidence, **witness, ATTESTATION if signed else UNSIGNED: self.document}


def attestation_of(
    finding: Finding,
    rows: Iterable[EvidenceRow] | InParts,
    operators: Mapping[Chain, tuple[str, ...]],
    witness: Witness,
    signers: Sequence[Signer],
    *,
    own: Sequence[str] = (),
    scanned_at: datetime,
    scanner: str,
    notes: Sequence[str] = (),
    workers: Workers | None = None,
) -> Attestation:
    """`write_attestation` into memory: some fifty bytes for each holding, and all that proofs rest on."""
    files: dict[str, BytesIO] = {}
    statement = write_attestation(
        finding,
        rows,
        operators,
        witness,
        signers,
        own=own,
        create=lambda name: files.setdefault(name, BytesIO()),
        scanned_at=scanned_at,
        scanner=scanner,
        notes=notes,
        workers=workers,
    )
    written = {name: file.getvalue() for name, file in files.items()}
    document = written[ATTESTATION if signers else UNSIGNED]
    return Attestation(statement, document, written[EVIDENCE], written.get(WITNESS))


def write_attestation(
    finding: Finding,
    rows: Iterable[EvidenceRow] | InParts,
    operators: Mapping[Chain, tuple[str, ...]],
    witness: Witness,
    signers: Sequence[Signer],
    *,
    own: Sequence[str] = (),
    create: Callable[[str], BinaryIO],
    scanned_at: datetime,
    scanner: str,
    notes: Sequence[str] = (),
    workers: Workers | None = None,
) -> bytes:
    """The attestation of a finding from its evidence, as files that `create` opens by their name; its statement.

    The evidence is written as `rows` go by, and what names the others by digest is written last. Each row with a proof
    is walked through `witness`, wherever it came from, and what no such row rests on is not written. `own` are the
    operators that are the auditor, `scanner` is the version of what scanned; `notes` are what else there is to say,
    signed with it; `workers` is as in `Run`. Raises ValueError for a finding or evidence that cannot be written, such
    as rows out of order or proven by nothing, and whatever writing raises.
    """
    shown = Proofs(witness, finding.snapshots, finding.proving, finding.revision)
    heard = HeardCounter()
    evidence = _write(compress(encode_parts(heard.listen(_walked(finding, rows, shown)))), create(EVIDENCE))
    proofs = _write(dump(shown.needed()), create(WITNESS)) if shown.reached else None
    run = Run(scanned_at, scanner, operators, evidence, proofs, tuple(notes), workers, tuple(own), heard.counts())
    payload = statement_bytes(finding, run)
    create(ATTESTATION if signers else UNSIGNED).write(signed_document(payload, signers))
    return payload


def _walked(finding: Finding, rows: Iterable[EvidenceRow] | InParts, proofs: Proofs) -> Iterator[EvidencePart]:
    """The rows, once the proof of each that has one is walked. Raises ValueError for one that does not hold."""
    for part in (each.part for each in matched(finding.claim.holdings, parts_of(rows))):
        fault = proofs.first_fault(finding.claim.weighed_at(part.asset.chain), part)
        if fault is not None:
            at, what = fault
            raise ValueError(f"{part.asset} {account_text(part.asset.chain, part.accounts[at])}: {what}")
        proofs.reached.update(word.record for word in part.owners.values() if isinstance(word, MovedIn))
        yield part


def _write(pieces: Iterable[bytes], file: BinaryIO) -> str:
    """Writes all pieces. Their SHA-256, in hex."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        file.write(piece)
    return digest.hexdigest()
