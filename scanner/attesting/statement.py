"""A finding as an in-toto Statement: the bytes that are signed, and those bytes read back.

The predicate has two parts. `finding` follows from the claim, the snapshots, the policy and the evidence alone, so two
auditors with different nodes write it alike, byte for byte. `run` says how one of them came to it. The only names of
operators in a finding are those that a gap's detail quotes. Field by field: docs/predicate.md.

Nothing here judges: `verify.py` computes the finding again. Nothing here signs: a statement is put into an envelope by
`envelope.py`.

Sources: in-toto Attestation Framework, Statement v1; RFC 3339 for times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from scanner.attesting import canonical
from scanner.attesting.shape import array, nullable, one_of, record, table, text, truth, whole
from scanner.core.address import account_text
from scanner.core.amounts import exact, parse_decimal, rounded_down
from scanner.core.evidence import Basis, EvidenceRow, Gap, Snapshot
from scanner.core.evidence_csv import MAX_OPERATORS, OPERATOR
from scanner.core.ids import Chain
from scanner.core.policy import Policy
from scanner.core.ratio import LISTED_GAPS, Finding, Reserve, Verdict
from scanner.errors import Why

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
# A name that nobody else can come to own, as the domain of an https URL can. The fragment is for people (RFC 8141).
PREDICATE_TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v1"

CLAIM: Final = "claim"  # the subjects' names: what the statement is about, by digest
EVIDENCE: Final = "evidence.csv.gz"

MAX_STATEMENT_BYTES: Final = 4 * 1024 * 1024  # 100 gaps with the longest accounts take 2 MB
RATIO_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Run:
    """How a finding was come to: what may differ between two auditors who find the same."""

    scanned_at: datetime  # aware; written to the second
    scanner: str  # this package's version
    operators: Mapping[Chain, tuple[str, ...]]  # whom each chain was asked of, sorted
    evidence: str  # sha256 of the evidence file, hex
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was read: well-formed, and not yet believed in any point."""

    predicate: Mapping[str, Any]  # {"finding": ..., "run": ...}, of the shape that docs/predicate.md describes
    claim: str  # sha256 of the claim's file, hex
    policy: Policy
    snapshots: tuple[Snapshot, ...]
    run: Run


def predicate(finding: Finding, run: Run) -> dict[str, Any]:
    """Finding and run as JSON values: amounts are exact decimal texts in whole coins, what is unknown is null.

    Raises ValueError where one of them cannot be written, such as a time without a zone.
    """
    return {"finding": _finding(finding), "run": _run(run)}


def finding_bytes(finding: Finding) -> bytes:
    """The finding's canonical bytes: the same for everyone who has the same evidence. Raises ValueError."""
    return canonical.encode(_finding(finding))


def statement_bytes(finding: Finding, run: Run) -> bytes:
    """The statement to sign. Raises ValueError for a statement that `read_statement` would not read."""
    data = canonical.encode(_statement(predicate(finding, run)))
    read_statement(data)
    return data


def read_statement(data: bytes) -> Statement:
    """A statement from its bytes.

    Raises ValueError unless they are canonical JSON of exactly the shape that `statement_bytes` writes, with subjects
    that are those which the predicate names.
    """
    statement = canonical.decode(data, MAX_STATEMENT_BYTES)
    _STATEMENT(statement, "statement")
    finding, run = statement["predicate"]["finding"], statement["predicate"]["run"]
    if statement != _statement(statement["predicate"]):
        raise ValueError("statement.subject: not the claim and the evidence that the predicate names")
    if list(run["operators"].values()) != [sorted(set(names)) for names in run["operators"].values()]:
        raise ValueError("statement.predicate.run.operators: not sorted, or one is named twice")
    return Statement(
        predicate=statement["predicate"],
        claim=_hex(finding["claim"]),
        policy=Policy(finding["policy"]["quorum"], parse_decimal(finding["policy"]["threshold"])),
        snapshots=tuple(_read_snapshot(snapshot) for snapshot in finding["snapshots"]),
        run=Run(
            scanned_at=_read_time(run["scannedAt"]),
            scanner=run["scanner"],
            operators={Chain.parse(chain): tuple(names) for chain, names in run["operators"].items()},
            evidence=_hex(run["evidence"]),
            notes=tuple(run["notes"]),
        ),
    )


def _statement(parts: Mapping[str, Any]) -> dict[str, Any]:
    subjects = {CLAIM: parts["finding"]["claim"], EVIDENCE: parts["run"]["evidence"]}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": _hex(digest)}} for name, digest in subjects.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": dict(parts),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "exchange": finding.claim.exchange,
        "asOf": _time(finding.claim.as_of),
        "claim": _digest(finding.claim.digest),
        "complete": finding.claim.complete,
        "policy": {"quorum": finding.policy.quorum, "threshold": exact(finding.policy.threshold)},
        "snapshots": [_snapshot(snapshot) for snapshot in finding.snapshots],
        "reserves": [_reserve(reserve) for reserve in finding.reserves],
        "gapCounts": {why.value: count for why, count in finding.gap_counts.items()},
        "gaps": [_gap(row, row.outcome) for row in finding.gaps if isinstance(row.outcome, Gap)],
        "verdict": finding.verdict.value,
    }


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "chain": str(snapshot.chain),
        "height": snapshot.height,
        "hash": snapshot.hash,
        "parent": snapshot.parent,
        "time": _time(snapshot.time),
    }


def _reserve(reserve: Reserve) -> dict[str, Any]:
    return {
        "unit": reserve.unit,
        "held": exact(reserve.held),
        "owed": _exact_or_null(reserve.owed),
        "ratio": None if reserve.ratio is None else rounded_down(reserve.ratio, RATIO_PLACES),
        "verdict": reserve.verdict.value,
        "statedRatio": reserve.stated.text if reserve.stated else None,
        "statedAgrees": reserve.stated_agrees,
        "holdings": reserve.holdings,
        "gaps": reserve.gaps,
        **{basis.value.lower(): exact(reserve.by_basis.get(basis, Fraction(0))) for basis in Basis},
        "claimed": _exact_or_null(reserve.claimed),
        "custody": exact(reserve.custody),
    }


def _gap(row: EvidenceRow, gap: Gap) -> dict[str, Any]:
    account = account_text(row.asset.chain, row.account)
    return {"asset": str(row.asset), "account": account, "why": gap.why.value, "detail": gap.detail}


def _run(run: Run) -> dict[str, Any]:
    return {
        "scannedAt": _time(run.scanned_at),
        "scanner": run.scanner,
        "operators": {str(chain): sorted(names) for chain, names in run.operators.items()},
        "evidence": _digest(run.evidence),
        "notes": list(run.notes),
    }


def _read_snapshot(snapshot: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        chain=Chain.parse(snapshot["chain"]),
        height=snapshot["height"],
        hash=snapshot["hash"],
        parent=snapshot["parent"],
        time=_read_time(snapshot["time"]),
    )


def _exact_or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)


def _digest(sha256: str) -> str:
    return f"sha256:{sha256}"


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _time(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"the time {time} has no zone")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _read_time(time: str) -> datetime:
    return datetime.fromisoformat(time)


_AMOUNT = text(r"(0|[1-9][0-9]{0,99})(\.[0-9]{0,59}[1-9])?", "a decimal amount without needless zeros")
_RATIO = text(r"(0|[1-9][0-9]{0,199})\.[0-9]{6}", "a ratio with six decimals")
_PERCENT = text(r"[0-9]{1,9}(\.[0-9]{1,9})?%", "a percentage such as 103%")
_DIGEST = text(r"sha256:[0-9a-f]{64}", "sha256: and 64 hex digits")
_TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "a time in UTC such as 2023-11-22T16:00:00Z")
_CHAIN = text(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", "a CAIP-2 chain")
_BLOCK = text(r"[0-9A-Za-z_-]{1,128}", "a block hash")
_VERDICT = one_of(*Verdict)

_FINDING = record(
    exchange=text(),
    asOf=_TIME,
    claim=_DIGEST,
    complete=truth,
    policy=record(quorum=whole(1), threshold=_AMOUNT),
    snapshots=array(record(chain=_CHAIN, height=whole(), hash=_BLOCK, parent=_BLOCK, time=_TIME), 1000),
    reserves=array(
        record(
            unit=text(),
            held=_AMOUNT,
            owed=nullable(_AMOUNT),
            ratio=nullable(_RATIO),
            verdict=_VERDICT,
            statedRatio=nullable(_PERCENT),
            statedAgrees=nullable(truth),
            holdings=whole(),
            gaps=whole(),
            proven=_AMOUNT,
            quorum=_AMOUNT,
            own=_AMOUNT,
            claimed=nullable(_AMOUNT),
            custody=_AMOUNT,
        ),
        10_000,
    ),
    gapCounts=table(one_of(*Why), whole(1)),
    gaps=array(
        record(asset=text(), account=text(r"[!-~]{1,20100}", "an account"), why=one_of(*Why), detail=text()),
        LISTED_GAPS,
    ),
    verdict=_VERDICT,
)

_STATEMENT = record(
    _type=one_of(STATEMENT_TYPE),
    subject=array(record(name=text(), digest=record(sha256=text(r"[0-9a-f]{64}", "64 hex digits"))), 2),
    predicateType=one_of(PREDICATE_TYPE),
    predicate=record(
        finding=_FINDING,
        run=record(
            scannedAt=_TIME,
            scanner=text(),
            operators=table(_CHAIN, array(text(OPERATOR.pattern, "an operator's name"), MAX_OPERATORS)),
            evidence=_DIGEST,
            notes=array(text(), 100),
        ),
    ),
)
