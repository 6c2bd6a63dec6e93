"""A predicate as an in-toto Statement: the bytes that are signed, and those bytes read back.

Nothing here judges: `verify.py` computes the finding again. Nothing here signs: a statement is put into an envelope by
`envelope.py`. What a finding and a run look like as JSON is said by the version of the predicate that the statement
names (`formats/`).

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.digests import hex_of
from scanner.attesting.formats import format_named, newest
from scanner.attesting.formats.interface import Format, Predicate, Stated
from scanner.attesting.run import Run
from scanner.core.shape import anything, array, one_of, record, text
from scanner.weighing.finding import Finding

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"

CLAIM: Final = "claim"  # the subjects' names: what the statement is about, by digest
EVIDENCE: Final = "evidence.csv.gz"
WITNESS: Final = "witness.bin"

MAX_STATEMENT_BYTES: Final = 16 * 1024 * 1024  # half for lists (`core.claim.has_room`), 4 MB for gaps and dissents


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    format: Format  # the version that it was written in
    written: Predicate  # {"finding": ..., "run": ...}, of that version's shape
    stated: Stated

    @property
    def predicate(self) -> Predicate:
        """What is written, in the keys of the newest version: for all who show it, or keep it."""
        return self.format.view(self.written)


def finding_bytes(finding: Finding, version: Format | None = None) -> bytes:
    """The finding's canonical bytes in a version, else in the newest: the same for everyone who has the same evidence.
    Raises ValueError."""
    return canonical.encode((version or newest()).write_finding(finding))


def statement_bytes(finding: Finding, run: Run) -> bytes:
    """The statement to sign, in the newest version. Raises ValueError for a statement that `read_statement` would not
    read."""
    version = newest()
    data = canonical.encode(_statement(version.write(finding, run), version))
    read_statement(data)
    return data


def read_statement(data: bytes) -> Statement:
    """A statement from its bytes.

    Raises ValueError unless they are canonical JSON of exactly the shape that the version which they name has, with
    subjects that are those which the predicate names; and for a version that is not known here.
    """
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    _STATEMENT(statement, "statement")
    version = format_named(statement["predicateType"])
    predicate = statement["predicate"]
    version.shape(predicate, "statement.predicate")
    if statement != _statement(predicate, version):
        raise ValueError("statement.subject: not the claim and the evidence that the predicate names")
    return Statement(version, predicate, version.read(predicate))


def _statement(parts: Mapping[str, Any], version: Format) -> dict[str, Any]:
    subjects = {CLAIM: parts["finding"]["claim"], EVIDENCE: parts["run"]["evidence"], WITNESS: parts["run"]["witness"]}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": hex_of(digest)}} for name, digest in subjects.items() if digest
        ],
        "predicateType": version.type,
        "predicate": dict(parts),
    }


_STATEMENT = record(
    _type=one_of(STATEMENT_TYPE),
    subject=array(record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits"))), 3),
    predicateType=text(),
    predicate=anything,
)
