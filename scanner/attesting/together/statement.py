"""Several claims together as an in-toto Statement: the bytes that are signed, and those bytes read back.

Nothing here judges: `verify.py` computes it again. New statements are in the newest version; a further one is a folder
here and a line in `JOINT_FORMATS`.

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, Signer, write_envelope
from scanner.attesting.points import MomentsRun, statement_of_points
from scanner.attesting.statement import CLAIM, MAX_STATEMENT_BYTES, STATEMENT_TYPE
from scanner.attesting.together.interface import JointFormat, Predicate, StatedJoint
from scanner.attesting.together.v1 import V1
from scanner.core.shape import anything, array, one_of, record, text
from scanner.weighing.together import MOST_CLAIMS, Joint

JOINT_FORMATS: Final[dict[str, JointFormat]] = {each.type: each for each in (V1,)}

TOGETHER: Final = "together.dsse.json"
UNSIGNED_TOGETHER: Final = "together.json"


@dataclass(frozen=True, slots=True)
class JointStatement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    format: JointFormat
    predicate: Predicate  # {"together": ..., "run": ...}
    stated: StatedJoint


def signed_together(joint: Joint, run: MomentsRun, signers: Sequence[Signer]) -> tuple[str, bytes, bytes]:
    """The name of the file, what stands in it, and the statement: that alone, where no one signs. Raises ValueError for
    what cannot be written."""
    version = max(JOINT_FORMATS.values(), key=lambda each: each.version)
    payload = canonical.encode(_statement(version.write(joint, run), version))
    read_together(payload)
    envelope = Envelope(payload)
    for signer in signers:
        envelope = envelope.signed(signer)
    if signers:
        return TOGETHER, write_envelope(envelope), payload
    return UNSIGNED_TOGETHER, payload, payload


def is_together(data: bytes) -> bool:
    """Whether this is meant to be such a statement, however well-formed. Raises ValueError for what is no canonical
    JSON object."""
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    named = statement.get("predicateType") if isinstance(statement, dict) else None
    known = {each.rpartition("/")[0] for each in JOINT_FORMATS}
    return isinstance(named, str) and named.rpartition("/")[0] in known


def read_together(data: bytes) -> JointStatement:
    """A statement from its bytes. Raises ValueError unless they are canonical JSON of exactly the shape that the
    version which they name has, with subjects that are those which the predicate names; and for an unknown version."""
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    _STATEMENT(statement, "statement")
    version = JOINT_FORMATS.get(statement["predicateType"])
    if version is None:
        named, known = statement["predicateType"][:200], ", ".join(JOINT_FORMATS)
        raise ValueError(
            f"statement.predicateType: {named!a} is no version of claims together that is read here, as {known}"
        )
    predicate = statement["predicate"]
    version.shape(predicate, "statement.predicate")
    if statement != _statement(predicate, version):
        raise ValueError("statement.subject: not the claims and the moments' statements that the predicate names")
    return JointStatement(version, predicate, version.read(predicate))


def _statement(predicate: Mapping[str, Any], version: JointFormat) -> dict[str, Any]:
    together = predicate["together"]
    claims = {f"{CLAIM}-{number}": each["claim"] for number, each in enumerate(together["claims"], 1)}
    return statement_of_points(version.type, predicate, claims, together["points"])


_STATEMENT = record(
    _type=one_of(STATEMENT_TYPE),
    subject=array(record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits"))), 2 * MOST_CLAIMS),
    predicateType=text(),
    predicate=anything,
)
