"""A point: one moment at which a claim was weighed, as files beside a statement that names them by digest.

A series has one for each of its moments, and claims that are weighed together have one too. A point's statement is
that of an attestation, unsigned. No one takes it for a signed one, and a signed one of such a moment would be refused
(`attesting.blocks.at_stated_moment`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol, TypeVar

from scanner.attesting import canonical
from scanner.attesting.attestation import UNSIGNED, write_attestation
from scanner.attesting.digests import hex_of
from scanner.attesting.formats.interface import Stated
from scanner.attesting.statement import MAX_STATEMENT_BYTES, STATEMENT_TYPE
from scanner.attesting.times import read_time
from scanner.attesting.verify import Judge, judge_statement
from scanner.core.evidence_part import InParts
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.shape import Shape, anything, array, one_of, record, text
from scanner.errors import AttestationInvalid
from scanner.proofs.witness import Witness
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.policy import Policy

_SUBJECT: Final = record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits")))
POINTS: Final = "points"  # the folder beside the statement that names them, with one for each moment


@dataclass(frozen=True, slots=True)
class MomentsRun:
    """How all points were come to: the signers' word."""

    scanned_at: datetime  # aware: when the last moment had been read
    scanner: str  # this package's version


@dataclass(frozen=True, slots=True)
class PointFiles:
    """The files of one moment."""

    statement: bytes
    evidence: BinaryIO
    witness: BinaryIO | None = None


Open = Callable[[str], AbstractContextManager[PointFiles]]
"""From a point's folder, such as points/20231122T160000Z, to its files."""


def point_folder(moment: datetime) -> str:
    """Where the statement and the evidence of a moment are: such as points/20231122T160000Z."""
    return f"{POINTS}/{moment:%Y%m%dT%H%M%SZ}"


def statement_of_points(
    predicate_type: str, predicate: Mapping[str, Any], claims: Mapping[str, str], points: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The in-toto Statement around a predicate. `claims`: by name, the digests of what it is of; `points`: of each `at`
    and `statement`, as JSON has them."""
    named = {f"{point_folder(read_time(point['at']))}/{UNSIGNED}": point["statement"] for point in points}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": hex_of(digest)}} for name, digest in {**claims, **named}.items()
        ],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }


class PointsFormat(Protocol):
    """A version of the predicate of a statement of points."""

    @property
    def type(self) -> str: ...
    @property
    def shape(self) -> Shape: ...


F = TypeVar("F", bound=PointsFormat)


def is_of(data: bytes, formats: Collection[str]) -> bool:
    """Whether this is meant to be a statement of one of these types, in whatever version, however well-formed. Raises
    ValueError for what is no canonical JSON object."""
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    named = statement.get("predicateType") if isinstance(statement, dict) else None
    return isinstance(named, str) and named.rpartition("/")[0] in {each.rpartition("/")[0] for each in formats}


def read_points(
    data: bytes,
    formats: Mapping[str, F],
    written: Callable[[Mapping[str, Any], F], dict[str, Any]],
    *,
    of: str,
    subjects: str,
    most: int,
) -> tuple[F, dict[str, Any]]:
    """The version and the predicate of a statement of points, as it is `written` around that predicate.

    `of` says in messages what it is a statement of, and `subjects` what it is about, which are `most` at most. Raises
    ValueError unless the bytes are canonical JSON of exactly the shape that the version which they name has, with
    subjects that are those which the predicate names; and for an unknown version.
    """
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    record(
        _type=one_of(STATEMENT_TYPE),
        subject=array(_SUBJECT, most),
        predicateType=text(),
        predicate=anything,
    )(statement, "statement")
    version = formats.get(statement["predicateType"])
    if version is None:
        named, known = statement["predicateType"][:200], ", ".join(formats)
        raise ValueError(f"statement.predicateType: {named!a} is no version of {of} that is read here, as {known}")
    predicate: dict[str, Any] = statement["predicate"]
    version.shape(predicate, "statement.predicate")
    if statement != written(predicate, version):
        raise ValueError(f"statement.subject: not the {subjects} and the moments' statements that the predicate names")
    return version, predicate


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


def judged_point(files: PointFiles, digest: str, claim: Claim, policy: Policy, judge: Judge) -> tuple[Stated, Finding]:
    """What a point's files state, and what follows from its evidence. `digest`: of its statement, hex; `claim`:
    weighed at the point's moment. Raises ValueError where this is another statement, or does not hold."""
    moment = f"{claim.as_of:%Y-%m-%dT%H:%M:%SZ}"
    if hashlib.sha256(files.statement).hexdigest() != digest:
        raise ValueError(f"the statement of {moment} is not the one that is named, sha256:{digest}")

    def weighed_at(of: Claim, point: Stated) -> Claim:
        if point.as_of != of.as_of:
            raise ValueError(f"it judges the claim as of {point.as_of:%Y-%m-%dT%H:%M:%SZ}")
        if point.policy != policy:
            raise ValueError("it was made under another policy than the statement that names it")
        return of

    try:
        statement, finding = judge_statement(
            files.statement, claim, files.evidence, witness=files.witness, judge=judge, weighed_at=weighed_at
        )
    except AttestationInvalid as error:
        raise ValueError(f"the statement of {moment} does not hold: {error}") from None
    return statement.stated, finding
