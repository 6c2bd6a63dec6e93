"""The predicate: a finding and its run as JSON values, and the shape that such values must have to be read.

It has two parts. `finding` follows from the claim, the blocks, the policy and the evidence alone, so two auditors with
different nodes write it alike, byte for byte. `run` says how one of them came to it. The only names of operators in a
finding are those that a gap's detail or a dissent quotes. Field by field: docs/predicate.md.

Nothing here judges, signs, or knows of in-toto: `statement.py` puts a predicate into a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.predicate_files import write_file
from scanner.attesting.predicate_proving import write_contradicted, write_proving
from scanner.attesting.times import read_time, written_time
from scanner.attesting.workers import Workers, read_workers, write_workers
from scanner.core.address import account_text
from scanner.core.amounts import exact, parse_decimal, rounded_down, rounded_up
from scanner.core.claim import Claim
from scanner.core.control import Control
from scanner.core.coverage import Coverage, Difference
from scanner.core.evidence import Balance, Basis, EvidenceRow, Gap, Snapshot
from scanner.core.holdings import Place
from scanner.core.ids import AssetId, Chain
from scanner.core.moments import Span
from scanner.core.policy import Dissent, Policy
from scanner.core.ratio import Backing, Finding, Reserve

RATIO_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Run:
    """How a finding was come to: what may differ between two auditors who find the same."""

    scanned_at: datetime  # aware; written to the second
    scanner: str  # this package's version
    operators: Mapping[Chain, tuple[str, ...]]  # whom each chain was asked of, sorted
    evidence: str  # sha256 of the evidence file, hex
    witness: str | None = None  # sha256 of the witness file, hex, where balances were proven
    notes: tuple[str, ...] = ()
    workers: Workers | None = None  # who brought the nodes' answers; None where the signing machine asked them itself
    own: tuple[str, ...] = ()  # which of the operators are the auditor, sorted
    heard: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by chain and operator: of how many holdings


def write_predicate(finding: Finding, run: Run) -> dict[str, Any]:
    """Finding and run as JSON values: amounts are exact decimal texts in whole coins, what is unknown is null.

    Raises ValueError where one of them cannot be written, such as a time without a zone.
    """
    return {"finding": write_finding(finding), "run": _run(run)}


def write_finding(finding: Finding) -> dict[str, Any]:
    """The part of the predicate that is the same for everyone who has the same evidence. Raises ValueError."""
    return {
        "exchange": finding.claim.exchange,
        "asOf": written_time(finding.claim.as_of),
        "claim": _digest(finding.claim.digest),
        "complete": finding.claim.complete,
        "policy": _policy(finding.policy),
        "challenge": finding.claim.challenge,
        "accounts": {"count": finding.accounts.count, "digest": _digest(finding.accounts.sha256)},
        "files": [write_file(file) for file in finding.claim.files],
        "snapshots": [_snapshot(finding.claim, *at) for at in _in_order(finding)],
        "reserves": [_reserve(reserve) for reserve in finding.reserves],
        "gapCounts": {why.value: count for why, count in finding.gap_counts.items()},
        "gaps": [_gap(row, row.outcome) for row in finding.gaps if isinstance(row.outcome, Gap)],
        "dissents": [_dissent(row, row.outcome) for row in finding.dissents if isinstance(row.outcome, Balance)],
        "proving": write_proving(finding.proving),
        "contradicted": [write_contradicted(each) for each in finding.contradicted],
        "coverage": [_coverage(coverage, finding.backing[coverage.asset.id]) for coverage in finding.coverage],
        "tables": finding.revision,
        "differences": [_difference(difference) for difference in finding.differences],
        "verdict": finding.verdict.value,
    }


def _in_order(finding: Finding) -> list[tuple[Place, Snapshot]]:
    """By chain, first the block at which it is weighed, then those of comparisons by height."""

    def order(pinned: tuple[Place, Snapshot]) -> tuple[Chain, bool, int]:
        place, _ = pinned
        return place[0], place != finding.claim.weighed_at(place[0]), place[1] or 0

    return sorted(finding.snapshots.items(), key=order)


def _snapshot(claim: Claim, place: Place, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "chain": str(snapshot.chain),
        "height": snapshot.height,
        "named": place[1] is not None,
        "weighed": place == claim.weighed_at(place[0]),
        "hash": snapshot.hash,
        "parent": snapshot.parent,
        "time": written_time(snapshot.time),
    }


def _reserve(reserve: Reserve) -> dict[str, Any]:
    return {
        "unit": reserve.unit,
        "held": exact(reserve.held),
        "owed": _exact_or_null(reserve.owed),
        "ratio": _ratio(reserve.ratio),
        "verdict": reserve.verdict.value,
        "statedRatio": reserve.stated.text if reserve.stated else None,
        "statedAgrees": reserve.stated_agrees,
        "holdings": reserve.holdings,
        "gaps": reserve.gaps,
        "dissents": reserve.dissents,
        **{basis.value.lower(): exact(reserve.by_basis.get(basis, Fraction(0))) for basis in Basis},
        "provenShare": _ratio(reserve.by_basis.get(Basis.PROVEN, Fraction(0)) / reserve.held if reserve.held else None),
        "missed": {f"{percent}%": rounded_up(chance, RATIO_PLACES) for percent, chance in reserve.missed.items()},
        "control": {control.value: exact(amount) for control, amount in reserve.by_control.items() if amount},
        "ratioWithCustody": _ratio(reserve.ratio_with_custody),
        "claimed": _exact_or_null(reserve.claimed),
        "custody": exact(reserve.custody),
        "blocks": None if reserve.span is None else _span(reserve.span),
        "withheld": [{"why": why.value, "detail": detail} for why, detail in sorted(reserve.withheld.items())],
    }


def _span(span: Span) -> dict[str, Any]:
    return {"first": written_time(span.first), "last": written_time(span.last)}


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "quorum": policy.quorum,
        "threshold": exact(policy.threshold),
        "dissent": policy.dissent.value,
        "require": {unit: basis.value for unit, basis in policy.require.items()},
        "requireOwnership": None if policy.require_ownership is None else policy.require_ownership.value,
        "contracts": sorted(map(str, policy.contracts)),
        "maxSkew": policy.max_skew // timedelta(seconds=1),
        "distinct": sorted(sorted(map(str, pair)) for pair in policy.distinct),
    }


def _coverage(coverage: Coverage, backing: Backing) -> dict[str, Any]:
    def coins(atoms: int) -> str:
        return exact(Fraction(atoms, 10**coverage.asset.decimals))

    return {
        "asset": str(coverage.asset.id),
        "label": coverage.asset.label,
        "unit": coverage.asset.backs,
        "known": None if backing.known is None else backing.known.value,
        "alias": None if backing.alias is None else str(backing.alias),
        "held": coins(backing.held),
        "decimals": coverage.asset.decimals,
        "holdings": coverage.holdings,
        "read": coverage.read,
        "unstated": coverage.unstated,
        "claimed": coins(coverage.claimed),
        "claimedRead": coins(coverage.claimed_read),
        "difference": coins(coverage.difference),
        "disagreeing": coverage.disagreeing,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "asset": str(difference.asset.id),
        "account": account_text(difference.asset.id.chain, difference.account),
        "claimed": str(difference.claimed),
        "found": str(difference.found),
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
        "scannedAt": written_time(run.scanned_at),
        "scanner": run.scanner,
        "operators": {str(chain): sorted(names) for chain, names in run.operators.items()},
        "own": list(run.own),
        "evidence": _digest(run.evidence),
        "witness": None if run.witness is None else _digest(run.witness),
        "heard": {chain: dict(names) for chain, names in run.heard.items()},
        "workers": write_workers(run.workers),
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
        require_ownership=None if policy["requireOwnership"] is None else Control(policy["requireOwnership"]),
        contracts=frozenset(map(AssetId.parse, policy["contracts"])),
        max_skew=timedelta(seconds=policy["maxSkew"]),
        distinct=frozenset(frozenset(map(AssetId.parse, pair)) for pair in policy["distinct"]),
    )


def read_snapshots(finding: Mapping[str, Any]) -> dict[Place, Snapshot]:
    """The finding's blocks, by where the claim's holdings are read. Raises ValueError for two at one place."""
    snapshots: dict[Place, Snapshot] = {}
    for stated in finding["snapshots"]:
        chain, height = Chain.parse(stated["chain"]), stated["height"]
        place = chain, height if stated["named"] else None
        if place in snapshots:
            raise ValueError(f"two blocks of {chain} at one place")
        snapshots[place] = Snapshot(chain, height, stated["hash"], stated["parent"], read_time(stated["time"]))
    return snapshots


def read_run(run: Mapping[str, Any]) -> Run:
    """A run that has the right shape. Raises ValueError."""
    if run["own"] != sorted(set(run["own"])):
        raise ValueError("statement.predicate.run.own: not sorted, or one is named twice")
    if list(run["operators"].values()) != [sorted(set(names)) for names in run["operators"].values()]:
        raise ValueError("statement.predicate.run.operators: not sorted, or one is named twice")
    return Run(
        scanned_at=read_time(run["scannedAt"]),
        scanner=run["scanner"],
        operators={Chain.parse(chain): tuple(names) for chain, names in run["operators"].items()},
        evidence=hex_of(run["evidence"]),
        witness=None if run["witness"] is None else hex_of(run["witness"]),
        own=tuple(run["own"]),
        heard=run["heard"],
        notes=tuple(run["notes"]),
        workers=read_workers(run["workers"], run["operators"]),
    )


def hex_of(digest: str) -> str:
    """The digits of a digest such as `sha256:ab...`."""
    return digest.removeprefix("sha256:")


def _ratio(ratio: Fraction | None) -> str | None:
    return None if ratio is None else rounded_down(ratio, RATIO_PLACES)


def _exact_or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)


def _digest(sha256: str) -> str:
    return f"sha256:{sha256}"
