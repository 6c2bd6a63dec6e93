"""What is held against what is owed: evidence rows to Reserves, and all Reserves to a Finding.

The law this module keeps: losing evidence never helps. A gap counts as nothing held, so it can only take COVERED away;
SHORT is an accusation, so it is said only where nothing is missing. Sums are exact; rounding is for readers elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from scanner.core.claim import Asset, Claim, Liability, StatedRatio
from scanner.core.evidence import Balance, Basis, EvidenceRow, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.policy import Policy
from scanner.errors import Why

LISTED_GAPS = 100  # a finding names this many gaps; all of them stand in the evidence


class Verdict(StrEnum):
    COVERED = "COVERED"
    SHORT = "SHORT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reserve:
    """One unit weighed. Amounts are whole coins."""

    unit: str
    held: Fraction
    owed: Fraction | None
    verdict: Verdict
    holdings: int
    gaps: int
    by_basis: Mapping[Basis, Fraction]
    claimed: Fraction | None  # what the exchange says the holdings amount to; None where it gives no amounts
    custody: Fraction  # said to be held by third parties; never part of `held`
    stated: StatedRatio | None
    complete: bool  # the claim lists every account that the exchange declares

    @property
    def ratio(self) -> Fraction | None:
        return self.held / self.owed if self.owed else None

    @property
    def stated_agrees(self) -> bool | None:
        """Whether the printed ratio is a rounding of the computed one; None where holdings are missing or unread."""
        if self.stated is None or self.ratio is None or self.gaps or not self.holdings or not self.complete:
            return None
        return self.stated.is_rounding_of(self.ratio)


@dataclass(frozen=True, slots=True)
class Finding:
    """All Reserves of a claim, under a stated policy."""

    claim: Claim
    policy: Policy
    snapshots: tuple[Snapshot, ...]
    reserves: tuple[Reserve, ...]  # sorted by unit
    gaps: tuple[EvidenceRow, ...]  # the first LISTED_GAPS of them
    gap_counts: Mapping[Why, int]

    @property
    def verdict(self) -> Verdict:
        """SHORT if any unit is; COVERED if all units are, and there is one; else UNKNOWN."""
        verdicts = {reserve.verdict for reserve in self.reserves}
        if Verdict.SHORT in verdicts:
            return Verdict.SHORT
        return Verdict.COVERED if verdicts == {Verdict.COVERED} else Verdict.UNKNOWN


@dataclass(slots=True)
class _Tally:
    """Running sums over the holdings of one asset, in atoms."""

    holdings: int = 0
    gaps: int = 0
    held: Counter[Basis] = field(default_factory=Counter)
    claimed: int | None = None

    def add(self, row: EvidenceRow) -> None:
        self.holdings += 1
        if isinstance(row.outcome, Balance):
            self.held[row.outcome.basis] += row.outcome.atoms
        else:
            self.gaps += 1
        if row.claimed is not None:
            self.claimed = (self.claimed or 0) + row.claimed


def weigh(claim: Claim, snapshots: Iterable[Snapshot], rows: Iterable[EvidenceRow], policy: Policy) -> Finding:
    """The finding that follows from the evidence: the same for everyone who has the same evidence.

    `rows` is read once. That it holds each of the claim's holdings exactly once is for the caller to see to; raises
    KeyError for an asset that the claim does not know.
    """
    tallies = {asset: _Tally() for asset in claim.assets}
    listed: list[EvidenceRow] = []
    counts: Counter[Why] = Counter()
    for row in rows:
        tallies[row.asset].add(row)
        if isinstance(row.outcome, Gap):
            counts[row.outcome.why] += 1
            if len(listed) < LISTED_GAPS:
                listed.append(row)
    reserves = (_reserve(claim, liability, tallies, policy) for liability in claim.liabilities.values())
    return Finding(
        claim=claim,
        policy=policy,
        snapshots=tuple(sorted(snapshots, key=lambda snapshot: snapshot.chain)),
        reserves=tuple(sorted(reserves, key=lambda reserve: reserve.unit)),
        gaps=tuple(listed),
        gap_counts=dict(sorted(counts.items())),
    )


def judge(reserve: Reserve, threshold: Fraction) -> Verdict:
    """The verdict on one unit.

    SHORT needs complete evidence: no gap, every declared account in the claim, and not even the amounts that third
    parties are said to hold, taken at their word, would cover what is owed.
    """
    if not reserve.owed or not reserve.holdings:
        return Verdict.UNKNOWN
    demanded = reserve.owed * threshold
    if reserve.held >= demanded:
        return Verdict.COVERED
    if reserve.complete and not reserve.gaps and reserve.held + reserve.custody < demanded:
        return Verdict.SHORT
    return Verdict.UNKNOWN


def _reserve(claim: Claim, liability: Liability, tallies: Mapping[AssetId, _Tally], policy: Policy) -> Reserve:
    backing = [(asset, tallies[asset.id]) for asset in claim.assets.values() if asset.backs == liability.unit]
    by_basis = {basis: _coins((asset, tally.held[basis]) for asset, tally in backing) for basis in Basis}
    claims = [(asset, tally.claimed) for asset, tally in backing if tally.claimed is not None]
    weighed = Reserve(
        unit=liability.unit,
        held=sum(by_basis.values(), Fraction(0)),
        owed=liability.owed,
        verdict=Verdict.UNKNOWN,
        holdings=sum(tally.holdings for _, tally in backing),
        gaps=sum(tally.gaps for _, tally in backing),
        by_basis=by_basis,
        claimed=_coins(claims) if claims else None,
        custody=sum((custody.amount for custody in claim.custody if custody.unit == liability.unit), Fraction(0)),
        stated=liability.stated_ratio,
        complete=claim.complete,
    )
    return replace(weighed, verdict=judge(weighed, policy.threshold))


def _coins(amounts: Iterable[tuple[Asset, int]]) -> Fraction:
    return sum((Fraction(atoms, 10**asset.decimals) for asset, atoms in amounts), Fraction(0))
