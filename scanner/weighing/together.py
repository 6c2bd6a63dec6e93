"""Several exchanges' claims at one moment: what all their accounts held together, against what they owe together.

The same coins may stand behind two claims: an account that both declare, or coins that are lent from one to the other
between the days of their reports. So all accounts of all claims are read at the same moments, those of each claim; each
is weighed alone by its own accounts, and all of them jointly by the union, in which an account of an asset counts once.

Owed together is the sum of what each states for its own day. Where the days differ, a shortfall at a moment may also
come of customers who moved from one exchange to the other meanwhile, and are counted by both. So it is said only where
it is there at the moment of every claim, and never as more than that: held together so much, owed together, as each
stated it for its own day, so much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from itertools import groupby
from typing import Final

from scanner.core.evidence import Snapshot
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId, Chain
from scanner.weighing.claim import Asset, Claim, Liability, PublishedReport
from scanner.weighing.finding import Finding, Reserve, Verdict
from scanner.weighing.holdings import ChainHeight, HeldAsset, Holdings
from scanner.weighing.part_of_rows import PartOfRows
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import judge
from scanner.weighing.withheld import Withheld

MOST_CLAIMS: Final = 20
_ROOM, _UNIT_BYTES = 14_000_000, 900  # of a statement, and what one unit of one claim takes of it at one moment
_DOMAIN: Final = b"reserve-scanner together\n"


@dataclass(frozen=True, slots=True)
class Claims:
    """Several claims that are weighed together, sorted by the digests of their files.

    Raises ValueError, with all reasons in lines, where they cannot be.
    """

    claims: tuple[Claim, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "claims", tuple(sorted(self.claims, key=_digest)))
        if faults := [*_faults(self.claims)]:
            raise ValueError("\n".join(faults))

    @property
    def digest(self) -> str:
        """What stands for all of them, in hex: the SHA-256 over their digests."""
        return sha256(_DOMAIN + "\n".join(map(_digest, self.claims)).encode()).hexdigest()

    @property
    def moments(self) -> tuple[datetime, ...]:
        """At which all are weighed: those of the claims, in order."""
        return tuple(sorted({claim.as_of for claim in self.claims}))

    def at(self, moment: datetime) -> Claim:
        """All of them as one claim, weighed at a moment: an account of an asset stands in it once.

        A height that a claim names is gone by at that claim's moment, unless another of the same moment names another.
        What accounts are said to hold, and who controls them, is left out: it is for each claim's own attestation.
        """
        first, *_ = self.claims
        same = all(claim.as_of == moment for claim in self.claims)
        return replace(
            first,
            exchange=", ".join(claim.exchange for claim in self.claims),
            as_of=moment,
            owed_as_of=None if same else min(claim.as_of for claim in self.claims),
            assets={id_: asset for claim in self.claims for id_, asset in claim.assets.items()},
            liabilities={unit: self._liability(unit) for unit in self._units()},
            holdings=_united([claim.holdings for claim in self.claims]),
            digest=self.digest,
            snapshots=self._heights(moment),
            custody=tuple(custody for claim in self.claims for custody in claim.custody),
            complete=all(claim.complete for claim in self.claims),
            share_of_all_owed=None,
            files=(),
            challenge=None,
            movements=None,
            heights={},
            other_line_ends={},
            report=PublishedReport(),
        )

    def alone(self, claim: Claim, moment: datetime) -> Claim:
        """One of them, weighed alone by the same rows."""
        chains = set(claim.chains)
        heights = {chain: height for chain, height in self._heights(moment).items() if chain in chains}
        return replace(
            claim,
            as_of=moment,
            owed_as_of=None if claim.as_of == moment else claim.as_of,
            holdings=_united([claim.holdings]),
            snapshots=heights,
            files=(),
            challenge=None,
            movements=None,
            heights={},
        )

    @property
    def shared(self) -> dict[AssetId, int]:
        """By asset, how many accounts more than one claim declares."""
        of_all = self.at(self.moments[0]).holdings.counts()
        each = [claim.holdings.counts() for claim in self.claims]
        twice = {asset: sum(counts.get(asset, 0) for counts in each) - count for asset, count in of_all.items()}
        return {asset: count for asset, count in sorted(twice.items()) if count}

    def _units(self) -> list[str]:
        return sorted({unit for claim in self.claims for unit in claim.liabilities})

    def _liability(self, unit: str) -> Liability:
        owing = [claim.liabilities[unit] for claim in self.claims if unit in claim.liabilities]
        amounts = [each.owed for each in owing if each.owed is not None]
        owed = sum(amounts, Fraction(0)) if len(amounts) == len(owing) else None
        return Liability(unit, owed, contradicted="; ".join(each.contradicted for each in owing if each.contradicted))

    def _heights(self, moment: datetime) -> dict[Chain, int]:
        named: dict[Chain, set[int]] = {}
        for claim in self.claims:
            if claim.as_of == moment:
                for chain in claim.chains:
                    if (height := claim.weighed_at(chain)[1]) is not None:
                        named.setdefault(chain, set()).add(height)
        return {chain: heights.pop() for chain, heights in named.items() if len(heights) == 1}


@dataclass(frozen=True, slots=True)
class UnitWeighed:
    """One unit at one moment, of one claim or of all. Amounts in whole coins."""

    held: Fraction
    owed: Fraction | None
    custody: Fraction
    gaps: int
    at_least: int
    apart: bool
    verdict: Verdict | None  # None of one claim at another moment than its own

    @classmethod
    def of(cls, reserve: Reserve, verdict: Verdict | None) -> UnitWeighed:
        apart = Withheld.MOMENTS_APART in reserve.withheld
        amounts = reserve.held, reserve.owed, reserve.custody
        return cls(*amounts, reserve.gaps, reserve.at_least, apart, verdict)

    @property
    def whole(self) -> bool:
        return not (self.gaps or self.at_least or self.apart)


@dataclass(frozen=True, slots=True)
class JointPoint:
    """All claims at one moment."""

    at: datetime
    statement: str  # SHA-256 of the statement of all accounts, in hex
    policy: Policy
    snapshots: Mapping[ChainHeight, Snapshot]
    alone: Mapping[str, Mapping[str, UnitWeighed]]  # by the claim's digest and the unit
    together: Mapping[str, UnitWeighed]  # by unit

    @classmethod
    def of(cls, claims: Claims, finding: Finding, parts: Iterable[EvidencePart], statement: str) -> JointPoint:
        """`finding`: that of all accounts, and `parts` its evidence; `statement`: the digest of the one that has it."""
        moment, threshold = finding.claim.as_of, finding.policy.threshold
        alone = {}
        weighings = [(claim, PartOfRows(claims.alone(claim, moment), finding)) for claim in claims.claims]
        for part in parts:
            for _, weighing in weighings:
                weighing.add(part)
        for claim, weighing in weighings:
            own = claim.as_of == moment
            alone[claim.digest] = {
                each.unit: UnitWeighed.of(each, each.verdict if own else None) for each in weighing.finding().reserves
            }
        together = {each.unit: UnitWeighed.of(each, _jointly(each, threshold)) for each in finding.reserves}
        return cls(moment, statement, finding.policy, finding.snapshots, alone, together)

    def counted_twice(self, unit: str) -> Fraction | None:
        """How much of a unit stands in more than one claim; None where something was not read."""
        each = [units[unit] for units in self.alone.values() if unit in units]
        if not all(one.whole for one in (*each, self.together[unit])):
            return None
        return sum((one.held for one in each), Fraction(0)) - self.together[unit].held


@dataclass(frozen=True, slots=True)
class Joint:
    """Several claims at the moments of all of them."""

    claims: Claims
    points: tuple[JointPoint, ...]

    def __post_init__(self) -> None:
        if tuple(point.at for point in self.points) != self.claims.moments:
            raise ValueError("points at other moments than those of the claims")

    @property
    def policy(self) -> Policy:
        return self.points[0].policy

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """By unit: what it is at every moment, else UNKNOWN."""
        return {unit: self._verdict(unit) for unit in sorted(self.points[0].together)}

    def _verdict(self, unit: str) -> Verdict:
        verdicts = {point.together[unit].verdict for point in self.points}
        (verdict, *others) = verdicts
        return Verdict.UNKNOWN if others or verdict is None else verdict


def _jointly(reserve: Reserve, threshold: Fraction) -> Verdict:
    """As a claim's unit is judged, also where what is owed was stated of several days: which is said beside it."""
    return judge(replace(reserve, owed_earlier=False), threshold)


def _united(holdings: Sequence[Holdings]) -> Holdings:
    """All rows, an account of an asset once, with nothing but whose they are."""
    parts = sorted((part for each in holdings for part in each.parts), key=lambda part: str(part.asset))
    united = []
    for asset, together in groupby(parts, key=lambda part: part.asset):
        held = HeldAsset(asset)
        for account in sorted({account for part in together for account in part.accounts}):
            held.add(account, None, 0, None, None)
        united.append(held)
    return Holdings(united)


def _digest(claim: Claim) -> str:
    return claim.digest


def _faults(claims: Sequence[Claim]) -> Iterator[str]:
    """Why these cannot be weighed together."""
    if not 2 <= len(claims) <= MOST_CLAIMS:
        yield f"{len(claims)} given; 2 to {MOST_CLAIMS} claims can be weighed together"
    if len(set(map(_digest, claims))) < len(claims):
        yield "one claim is given twice"
    units = len({unit for claim in claims for unit in claim.liabilities})
    if (len(claims) + 1) * len({claim.as_of for claim in claims}) * units * _UNIT_BYTES > _ROOM:
        yield f"{len(claims)} claims of {units:,} units: more than a statement has room for together"
    if len(revisions := sorted({claim.revision for claim in claims})) > 1:
        yield f"claims that were read by revisions {', '.join(map(str, revisions))} of the tables; load all by one"
    if any(claim.owed_as_of is not None for claim in claims):
        yield "a claim that is weighed at another moment than its own"
    first: dict[AssetId, tuple[Claim, Asset]] = {}
    for claim in claims:
        for asset in claim.assets.values():
            other, known = first.setdefault(asset.id, (claim, asset))
            for what, one, two in (("backs", known.backs, asset.backs), ("decimals", known.decimals, asset.decimals)):
                if one != two:
                    yield (
                        f"{asset.id}: {other.exchange} says {what} {one}, {claim.exchange} {two}; it counts for one"
                        " of them only"
                    )
