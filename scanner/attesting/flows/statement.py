"""Flows as an in-toto Statement: the bytes that are signed, and those bytes read back.

Nothing here judges: `verify.py` computes the flows again. New statements are in the newest version; a further one is a
folder here and a line in `FLOWS_FORMATS`.

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from scanner.attesting import canonical
from scanner.attesting.envelope import Signer, signed_document
from scanner.attesting.flows.interface import FlowsFormat, Predicate, StatedFlows
from scanner.attesting.flows.transfers_csv import TRANSFERS, encode
from scanner.attesting.flows.v1 import V1
from scanner.attesting.points import MomentsRun, is_of, read_points, statement_of_points
from scanner.attesting.statement import CLAIM
from scanner.weighing.flows import Flows

FLOWS_FORMATS: Final[dict[str, FlowsFormat]] = {each.type: each for each in (V1,)}

FLOWS: Final = "flows.dsse.json"
UNSIGNED_FLOWS: Final = "flows.json"
_SUBJECTS: Final = 5  # the claim, the transfers, and three points


@dataclass(frozen=True, slots=True)
class FlowsStatement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    format: FlowsFormat
    predicate: Predicate  # {"flows": ..., "run": ...}
    stated: StatedFlows


def signed_flows(
    flows: Flows, run: MomentsRun, signers: Sequence[Signer], create: Callable[[str], BinaryIO]
) -> tuple[str, bytes, bytes]:
    """The name of the file, what stands in it, and the statement: that alone, where no one signs. The transfers go into
    a file that `create` opens by its name. Raises ValueError for flows that cannot be written."""
    version = max(FLOWS_FORMATS.values(), key=lambda each: each.version)
    digest, file = hashlib.sha256(), create(TRANSFERS)
    for piece in encode(sorted(flows.transfers, key=lambda each: (str(each.asset), each.height, each.index))):
        digest.update(piece)
        file.write(piece)
    payload = canonical.encode(_statement(version.write(flows, digest.hexdigest(), run), version))
    read_flows(payload)
    return FLOWS if signers else UNSIGNED_FLOWS, signed_document(payload, signers), payload


def is_flows(data: bytes) -> bool:
    """Whether this is meant to be the statement of flows, however well-formed. Raises ValueError for what is no
    canonical JSON object."""
    return is_of(data, FLOWS_FORMATS)


def read_flows(data: bytes) -> FlowsStatement:
    """A statement from its bytes. Raises ValueError unless they are canonical JSON of exactly the shape that the
    version which they name has, with subjects that are those which the predicate names; and for an unknown version."""
    version, predicate = read_points(
        data, FLOWS_FORMATS, _statement, of="flows", subjects="claim, the transfers", most=_SUBJECTS
    )
    return FlowsStatement(version, predicate, version.read(predicate))


def _statement(predicate: Mapping[str, Any], version: FlowsFormat) -> dict[str, Any]:
    flows = predicate["flows"]
    named = {CLAIM: flows["claim"], TRANSFERS: flows["transfers"]}
    return statement_of_points(version.type, predicate, named, flows["points"])
