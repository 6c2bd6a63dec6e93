"""A predicate as an in-toto Statement: the bytes that are signed, and those bytes read back.

Nothing here judges: `verify.py` computes the finding again. Nothing here signs: a statement is put into an envelope by
`envelope.py`. What a finding and a run look like as JSON is `predicate.py`'s.

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.attesting import canonical, predicate
from scanner.attesting.predicate import Run, hex_of, write_finding, write_predicate
from scanner.attesting.predicate_proving import read_proving
from scanner.attesting.predicate_shape import SHAPE
from scanner.core.evidence import Snapshot
from scanner.core.facts import known_revision
from scanner.core.holdings import Place
from scanner.core.policy import Policy
from scanner.core.proving import Proving
from scanner.core.ratio import Finding
from scanner.core.shape import array, one_of, record, text

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
# A name that nobody else can come to own, as an https URL's domain can be; the fragment is for its readers (RFC 8141).
PREDICATE_TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v1"

CLAIM: Final = "claim"  # the subjects' names: what the statement is about, by digest
EVIDENCE: Final = "evidence.csv.gz"
WITNESS: Final = "witness.bin"

MAX_STATEMENT_BYTES: Final = 16 * 1024 * 1024  # half for lists (`core.claim.has_room`), 4 MB for gaps and dissents


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    predicate: Mapping[str, Any]  # {"finding": ..., "run": ...}, of the shape that docs/predicate.md describes
    claim: str  # sha256 of the claim's file, hex
    policy: Policy
    snapshots: Mapping[Place, Snapshot]
    proving: Proving
    tables: int  # revision of the tables that the finding follows from
    run: Run


def finding_bytes(finding: Finding) -> bytes:
    """The finding's canonical bytes: the same for everyone who has the same evidence. Raises ValueError."""
    return canonical.encode(write_finding(finding))


def statement_bytes(finding: Finding, run: Run) -> bytes:
    """The statement to sign. Raises ValueError for a statement that `read_statement` would not read."""
    data = canonical.encode(_statement(write_predicate(finding, run)))
    read_statement(data)
    return data


def read_statement(data: bytes) -> Statement:
    """A statement from its bytes.

    Raises ValueError unless they are canonical JSON of exactly the shape that `statement_bytes` writes, with subjects
    that are those which the predicate names.
    """
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    _STATEMENT(statement, "statement")
    if statement != _statement(statement["predicate"]):
        raise ValueError("statement.subject: not the claim and the evidence that the predicate names")
    finding, run = statement["predicate"]["finding"], statement["predicate"]["run"]
    return Statement(
        predicate=statement["predicate"],
        claim=hex_of(finding["claim"]),
        policy=predicate.read_policy(finding),
        snapshots=predicate.read_snapshots(finding),
        proving=read_proving(finding),
        tables=known_revision(finding["tables"]),
        run=predicate.read_run(run),
    )


def _statement(parts: Mapping[str, Any]) -> dict[str, Any]:
    subjects = {CLAIM: parts["finding"]["claim"], EVIDENCE: parts["run"]["evidence"], WITNESS: parts["run"]["witness"]}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": hex_of(digest)}} for name, digest in subjects.items() if digest
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": dict(parts),
    }


_STATEMENT = record(
    _type=one_of(STATEMENT_TYPE),
    subject=array(record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits"))), 3),
    predicateType=one_of(PREDICATE_TYPE),
    predicate=SHAPE,
)
