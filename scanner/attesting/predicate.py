"""The predicate: a finding and its run as JSON values, and the shape that such values must have to be read.

It has two parts. `finding` follows from the claim, the blocks, the policy and the evidence alone, so two auditors with
different nodes write it alike, byte for byte. `run` says how one of them came to it. The only names of operators in a
finding are those that a gap's detail or a dissent quotes. Field by field: docs/predicate.md.

Nothing here judges, signs, or knows of in-toto: `statement.py` puts a predicate into a statement.

Source: RFC 3339 for times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.shape import Check, array, nullable, one_of, record, table, text, truth, whole
from scanner.core.address import account_text
from scanner.core.amounts import exact, parse_decimal, rounded_down
from scanner.core.evidence import Balance, Basis, EvidenceRow, Gap, Snapshot
from scanner.core.evidence_csv import MAX_OPERATORS, OPERATOR
from scanner.core.ids import AssetId, Chain
from scanner.core.policy import Dissent, Policy
from scanner.core.proving import Proving, Unproven
from scanner.core.ratio import LISTED, Finding, Reserve, Verdict
from scanner.errors import Why

RATIO_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Run:
    """How a finding was come to: what may differ between two auditors who find the same."""

    scanned_at: datetime  # aware; written to the second
    scanner: str  # this package's version
    operators: Mapping[Chain, tuple[str, ...]]  # whom each chain was asked of, sorted
    evidence: str  # sha256 of the evidence file, hex
    witness: str | None = None  # sha256 of the witness file, hex, where balances were proven
    notes: tuple[str, ...] = field(default=())


def write_predicate(finding: Finding, run: Run) -> dict[str, Any]:
    """Finding and run as JSON values: amounts are exact decimal texts in whole coins, what is unknown is null.

    Raises ValueError where one of them cannot be written, such as a time without a zone.
    """
    return {"finding": write_finding(finding), "run": _run(run)}


def write_finding(finding: Finding) -> dict[str, Any]:
    """The part of the predicate that is the same for everyone who has the same evidence. Raises ValueError."""
    return {
        "exchange": finding.claim.exchange,
        "asOf": _time(finding.claim.as_of),
        "claim": _digest(finding.claim.digest),
        "complete": finding.claim.complete,
        "policy": _policy(finding.policy),
        "snapshots": [_snapshot(snapshot) for snapshot in finding.snapshots],
        "reserves": [_reserve(reserve) for reserve in finding.reserves],
        "gapCounts": {why.value: count for why, count in finding.gap_counts.items()},
        "gaps": [_gap(row, row.outcome) for row in finding.gaps if isinstance(row.outcome, Gap)],
        "dissents": [_dissent(row, row.outcome) for row in finding.dissents if isinstance(row.outcome, Balance)],
        "proving": {
            "layouts": {str(asset): name for asset, name in finding.proving.layouts.items()},
            "unproven": {str(asset): why.value for asset, why in finding.proving.unproven.items()},
            "sample": finding.proving.sample,
        },
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
        "dissents": reserve.dissents,
        **{basis.value.lower(): exact(reserve.by_basis.get(basis, Fraction(0))) for basis in Basis},
        "claimed": _exact_or_null(reserve.claimed),
        "custody": exact(reserve.custody),
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "quorum": policy.quorum,
        "threshold": exact(policy.threshold),
        "dissent": policy.dissent.value,
        "require": {unit: basis.value for unit, basis in policy.require.items()},
    }


def _dissent(row: EvidenceRow, balance: Balance) -> dict[str, Any]:
    account = account_text(row.asset.chain, row.account)
    said = {operator: str(atoms) for operator, atoms in balance.dissent}
    return {"asset": str(row.asset), "account": account, "atoms": str(balance.atoms), "said": said}


def _gap(row: EvidenceRow, gap: Gap) -> dict[str, Any]:
    account = account_text(row.asset.chain, row.account)
    return {"asset": str(row.asset), "account": account, "why": gap.why.value, "detail": gap.detail}


def _run(run: Run) -> dict[str, Any]:
    return {
        "scannedAt": _time(run.scanned_at),
        "scanner": run.scanner,
        "operators": {str(chain): sorted(names) for chain, names in run.operators.items()},
        "evidence": _digest(run.evidence),
        "witness": None if run.witness is None else _digest(run.witness),
        "notes": list(run.notes),
    }


def read_policy(finding: Mapping[str, Any]) -> Policy:
    """The policy of a finding that has the right shape. Raises ValueError for one under which anything would pass."""
    policy = finding["policy"]
    return Policy(
        quorum=policy["quorum"],
        threshold=parse_decimal(policy["threshold"]),
        dissent=Dissent(policy["dissent"]),
        require={unit: Basis(basis) for unit, basis in policy["require"].items()},
    )


def read_proving(finding: Mapping[str, Any]) -> Proving:
    """What the finding says that its proofs rest on. Raises ValueError for an asset that is none."""
    proving = finding["proving"]
    return Proving(
        layouts={AssetId.parse(asset): name for asset, name in proving["layouts"].items()},
        unproven={AssetId.parse(asset): Unproven(why) for asset, why in proving["unproven"].items()},
        sample=proving["sample"],
    )


def read_snapshots(finding: Mapping[str, Any]) -> tuple[Snapshot, ...]:
    """The finding's blocks. Raises ValueError."""
    return tuple(
        Snapshot(
            chain=Chain.parse(snapshot["chain"]),
            height=snapshot["height"],
            hash=snapshot["hash"],
            parent=snapshot["parent"],
            time=_read_time(snapshot["time"]),
        )
        for snapshot in finding["snapshots"]
    )


def read_run(run: Mapping[str, Any]) -> Run:
    """A run that has the right shape. Raises ValueError."""
    if list(run["operators"].values()) != [sorted(set(names)) for names in run["operators"].values()]:
        raise ValueError("statement.predicate.run.operators: not sorted, or one is named twice")
    return Run(
        scanned_at=_read_time(run["scannedAt"]),
        scanner=run["scanner"],
        operators={Chain.parse(chain): tuple(names) for chain, names in run["operators"].items()},
        evidence=hex_of(run["evidence"]),
        witness=None if run["witness"] is None else hex_of(run["witness"]),
        notes=tuple(run["notes"]),
    )


def hex_of(digest: str) -> str:
    """The digits of a digest such as `sha256:ab...`."""
    return digest.removeprefix("sha256:")


def _exact_or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)


def _digest(sha256: str) -> str:
    return f"sha256:{sha256}"


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
_ATOMS = text(r"0|[1-9][0-9]{0,77}", "an amount of atoms")
_ASSET = text(r"[!-~]{1,200}", "a CAIP-19 asset")
_ACCOUNT = text(r"[!-~]{1,20100}", "an account")
_OPERATOR = text(OPERATOR.pattern, "an operator's name")
_CHAIN = text(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", "a CAIP-2 chain")
_BLOCK = text(r"[0-9A-Za-z_-]{1,128}", "a block hash")
_VERDICT = one_of(*Verdict)

_FINDING = record(
    exchange=text(),
    asOf=_TIME,
    claim=_DIGEST,
    complete=truth,
    policy=record(quorum=whole(1), threshold=_AMOUNT, dissent=one_of(*Dissent), require=table(text(), one_of(*Basis))),
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
            dissents=whole(),
            proven=_AMOUNT,
            quorum=_AMOUNT,
            own=_AMOUNT,
            claimed=nullable(_AMOUNT),
            custody=_AMOUNT,
        ),
        10_000,
    ),
    gapCounts=table(one_of(*Why), whole(1)),
    gaps=array(record(asset=_ASSET, account=_ACCOUNT, why=one_of(*Why), detail=text()), LISTED),
    dissents=array(record(asset=_ASSET, account=_ACCOUNT, atoms=_ATOMS, said=table(_OPERATOR, _ATOMS)), LISTED),
    proving=record(layouts=table(_ASSET, text()), unproven=table(_ASSET, one_of(*Unproven)), sample=nullable(whole())),
    verdict=_VERDICT,
)

SHAPE: Final[Check] = record(
    finding=_FINDING,
    run=record(
        scannedAt=_TIME,
        scanner=text(),
        operators=table(_CHAIN, array(_OPERATOR, MAX_OPERATORS)),
        evidence=_DIGEST,
        witness=nullable(_DIGEST),
        notes=array(text(), 100),
    ),
)
