"""`finding` as v1 writes it: what follows from the claim, the blocks, the policy and the evidence alone.

Two auditors with different nodes write it alike, byte for byte. The only names of operators in it are those that a
gap's detail or a dissent quotes. Field by field: docs/predicate.md. Nothing here judges.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.attesting.digests import sha256_text
from scanner.attesting.formats.v1.files import write_file
from scanner.attesting.formats.v1.proving import write_contradicted, write_proving
from scanner.attesting.times import written_time
from scanner.chains.accounts import account_text
from scanner.core.amounts import exact, rounded_down, rounded_up
from scanner.core.evidence import Balance, Basis, Gap, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.owed import OwedBasis
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.coverage import Coverage, Difference
from scanner.weighing.finding import Backing, Finding, Reserve
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.lasting import is_lasting
from scanner.weighing.moments import Span
from scanner.weighing.passes import ReadTwice
from scanner.weighing.policy import Policy

RATIO_PLACES: Final = 6


def write_finding(finding: Finding) -> dict[str, Any]:
    """`finding`: amounts are exact decimal texts in whole coins, what is unknown is null. Raises ValueError where
    something cannot be written, such as a time without a zone."""
    return {
        "exchange": finding.claim.exchange,
        "asOf": written_time(finding.claim.as_of),
        "owedAsOf": written_time(finding.claim.owed_as_of or finding.claim.as_of),
        "claim": sha256_text(finding.claim.digest),
        "complete": finding.claim.complete,
        "shareOfAllOwed": finding.claim.share_of_all_owed.text if finding.claim.share_of_all_owed else None,
        "policy": write_policy(finding.policy),
        "challenge": finding.claim.challenge,
        "movements": None if finding.claim.movements is None else _window(finding.claim.movements),
        "accounts": {"count": finding.accounts.count, "digest": sha256_text(finding.accounts.sha256)},
        "files": [write_file(file) for file in finding.claim.files],
        "snapshots": [_snapshot(finding.claim, *at) for at in _in_order(finding)],
        "passes": [_read_twice(each) for each in finding.passes],
        "reserves": [_reserve(reserve) for reserve in finding.reserves],
        "gapCounts": {why.value: count for why, count in finding.gap_counts.items()},
        "gaps": [_gap(row, row.outcome) for row in finding.gaps if isinstance(row.outcome, Gap)],
        "dissents": [_dissent(row, row.outcome) for row in finding.dissents if isinstance(row.outcome, Balance)],
        "proving": write_proving(finding.proving),
        "contradicted": [write_contradicted(each) for each in finding.contradicted],
        "coverage": [_coverage(coverage, finding.backing[coverage.asset.id]) for coverage in finding.coverage],
        "tablesRevision": finding.revision,
        "differences": [_difference(difference) for difference in finding.differences],
        "verdict": finding.verdict.value,
    }


def _in_order(finding: Finding) -> list[tuple[ChainHeight, Snapshot]]:
    """By chain, first the block at which it is weighed, then those of comparisons by height."""

    def order(pinned: tuple[ChainHeight, Snapshot]) -> tuple[Chain, bool, int]:
        place, _ = pinned
        return place[0], place != finding.claim.weighed_at(place[0]), place[1] or 0

    return sorted(finding.snapshots.items(), key=order)


def _read_twice(twice: ReadTwice) -> dict[str, Any]:
    return {
        "chain": str(twice.chain),
        "balances": twice.balances,
        "moved": twice.moved,
        "earliest": _block(twice.earliest),
        "latest": _block(twice.latest),
    }


def _block(block: Snapshot) -> dict[str, Any]:
    return {"height": block.height, "hash": block.hash, "parent": block.parent, "time": written_time(block.time)}


def _snapshot(claim: Claim, place: ChainHeight, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "chain": str(snapshot.chain),
        "named": place[1] is not None,
        "weighed": place == claim.weighed_at(place[0]),
        **_block(snapshot),
    }


def _reserve(reserve: Reserve) -> dict[str, Any]:
    return {
        "unit": reserve.unit,
        "held": exact(reserve.held),
        "owed": _exact_or_null(reserve.owed),
        "owedBasis": None if reserve.owed_basis is None else _owed_basis(reserve.owed_basis),
        "ratio": _ratio(reserve.ratio),
        "verdict": reserve.verdict.value,
        "statedRatio": reserve.stated.text if reserve.stated else None,
        "statedAgrees": reserve.stated_agrees,
        "holdings": reserve.holdings,
        "gaps": reserve.gaps,
        "lastingGaps": reserve.lasting_gaps,
        "lasting": is_lasting(reserve),
        "dissents": reserve.dissents,
        "atLeast": reserve.at_least,
        **{basis.value.lower(): exact(reserve.by_basis.get(basis, Fraction(0))) for basis in Basis},
        "provenShare": _ratio(reserve.by_basis.get(Basis.PROVEN, Fraction(0)) / reserve.held if reserve.held else None),
        "missed": {f"{percent}%": rounded_up(chance, RATIO_PLACES) for percent, chance in reserve.missed.items()},
        "control": {control.value: exact(amount) for control, amount in reserve.by_control.items() if amount},
        "controlByMovement": exact(reserve.by_movement),
        "ratioWithCustody": _ratio(reserve.ratio_with_custody),
        "claimed": _exact_or_null(reserve.claimed),
        "custody": exact(reserve.custody),
        "blocks": None if reserve.span is None else _span(reserve.span),
        "withheld": [{"why": why.value, "detail": detail} for why, detail in sorted(reserve.withheld.items())],
    }


def _owed_basis(basis: OwedBasis) -> dict[str, Any]:
    return {
        "shows": basis.shows.value,
        "scheme": basis.scheme,
        "symbol": basis.symbol,
        "total": _exact_or_null(basis.total),
        "root": basis.root,
        "entries": basis.entries,
        "assumes": list(basis.assumes),
        "remarks": list(basis.remarks),
    }


def _window(window: MovementWindow) -> dict[str, Any]:
    return {"issued": written_time(window.issued), "deadline": written_time(window.deadline)}


def _span(span: Span) -> dict[str, Any]:
    return {"first": written_time(span.first), "last": written_time(span.last)}


def write_policy(policy: Policy) -> dict[str, Any]:
    """The policy that something was found under."""
    return {
        "quorum": policy.quorum,
        "threshold": exact(policy.threshold),
        "dissent": policy.dissent.value,
        "require": {unit: basis.value for unit, basis in policy.require.items()},
        "requireLiabilities": {unit: word.value for unit, word in policy.require_liabilities.items()},
        "requireOwnership": None if policy.require_ownership is None else policy.require_ownership.value,
        "accept": sorted(policy.accept),
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
        "atLeast": coverage.at_least,
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
    said = {operator: _word(word) for operator, word in balance.dissent}
    return {"asset": str(row.asset), "account": account, "atoms": _word(balance.word), "said": said}


def _word(word: Word) -> str:
    return f">={word.atoms}" if isinstance(word, AtLeast) else str(word)


def _gap(row: EvidenceRow, gap: Gap) -> dict[str, Any]:
    account = account_text(row.asset.chain, row.account)
    return {"asset": str(row.asset), "account": account, "why": gap.why.value, "detail": gap.detail}


def _ratio(ratio: Fraction | None) -> str | None:
    return None if ratio is None else rounded_down(ratio, RATIO_PLACES)


def _exact_or_null(amount: Fraction | None) -> str | None:
    return None if amount is None else exact(amount)
