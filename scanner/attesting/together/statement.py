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
from scanner.attesting.envelope import Signer, signed_document
from scanner.attesting.points import MomentsRun, is_of, read_points, statement_of_points
from scanner.attesting.statement import CLAIM
from scanner.attesting.together.interface import JointFormat, Predicate, StatedJoint
from scanner.attesting.together.v1 import V1
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
    return TOGETHER if signers else UNSIGNED_TOGETHER, signed_document(payload, signers), payload


def is_together(data: bytes) -> bool:
    """Whether this is meant to be such a statement, however well-formed. Raises ValueError for what is no canonical
    JSON object."""
    return is_of(data, JOINT_FORMATS)


def read_together(data: bytes) -> JointStatement:
    """A statement from its bytes. Raises ValueError unless they are canonical JSON of exactly the shape that the
    version which they name has, with subjects that are those which the predicate names; and for an unknown version."""
    version, predicate = read_points(
        data, JOINT_FORMATS, _statement, of="claims together", subjects="claims", most=2 * MOST_CLAIMS
    )
    return JointStatement(version, predicate, version.read(predicate))


def _statement(predicate: Mapping[str, Any], version: JointFormat) -> dict[str, Any]:
    together = predicate["together"]
    claims = {f"{CLAIM}-{number}": each["claim"] for number, each in enumerate(together["claims"], 1)}
    return statement_of_points(version.type, predicate, claims, together["points"])
