"""What is held against what is owed: evidence rows to Reserves, and all Reserves to a Finding.

The law this module keeps: losing evidence never helps. A gap counts as nothing held, so it can only take COVERED away;
SHORT is an accusation, so it is said only where nothing is missing. Sums are exact; rounding is for readers elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from scanner.core.control import Control
from scanner.core.evidence import Basis, Snapshot
from scanner.core.evidence_part import InParts, parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.two_passes import Between
from scanner.errors import Why
from scanner.weighing.aliases import Aliases
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.contradiction import Contradictions
from scanner.weighing.coverage import Difference, largest
from scanner.weighing.declared import declared_accounts
from scanner.weighing.finding import Backing, Finding, Reserve, Verdict
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.matched import Matched, matched
from scanner.weighing.moments import Span
from scanner.weighing.passes import CountedPasses, blocks_of
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.tally import LISTED, Tally, WeighedAsset, first_of
from scanner.weighing.unnoticed import unnoticed
from scanner.weighing.withheld import is_decisive, reasons_withheld


class Weighing:
    """A finding while its rows go by."""

    def __init__(self, claim: Claim, policy: Policy) -> None:
        self._claim = claim
        self._policy = policy.narrowed(claim.units, claim.assets)
        self._weighed = {
            asset.id: WeighedAsset(asset, self._policy, claim.revision, claim.weighed_at(asset.id.chain)[1])
            for asset in claim.assets.values()
        }
        self._differences: list[Difference] = []
        known = {asset: each.known for asset, each in self._weighed.items()}
        self._aliases = Aliases(known, claim.assets, self._policy)
        self._searched = False
        self._contradictions = Contradictions()
        self._passes = CountedPasses()

    def add(self, rows: Matched) -> None:
        """Some of the claim's holdings and their rows, in the claim's order. Raises ValueError where these are those of
        others."""
        held, part = rows.held, rows.part
        if held.asset != part.asset or held.accounts != part.accounts:
            raise ValueError(f"rows of {part.asset} where those of other accounts of {held.asset} belong")
        self._differences += self._weighed[held.asset].add(rows.start, held, part)
        if len(self._differences) >= 2 * LISTED:
            self._differences = list(largest(self._differences))
        for ground, count in part.outcomes.grounds.distinct.items():
            self._contradictions.add(part.asset, ground, count)
        self._aliases.add(part)
        self._passes.add(part)

    def drop_aliases(self) -> Iterator[None]:
        """After the last row: counts no balance that shows another asset's again. Gives way now and then, and is done
        when it ends."""
        for alias in self._aliases.search():
            if alias is None:
                yield
            elif self._weighed[alias.token].known is not None:
                self._weighed[alias.token].drop(alias)
        self._searched = True

    def finding(
        self,
        snapshots: Mapping[ChainHeight, Snapshot],
        proving: Proving,
        between: Mapping[Chain, Between] = MappingProxyType({}),  # of chains that were read in two passes
    ) -> Finding:
        """What all rows come to. Of `proving` only what they bear out is taken."""
        if not self._searched:
            for _ in self.drop_aliases():
                pass
        claim, weighed = self._claim, self._weighed
        whys = sum((each.whys for each in weighed.values()), Counter[Why]())
        listed = [asset for asset in sorted(weighed) if weighed[asset].coverage.holdings]
        read_at = {asset.chain: blocks_of(claim, snapshots, between, asset.chain) for asset in weighed}
        backing: dict[str, list[tuple[Asset, Tally]]] = {unit: [] for unit in claim.liabilities}
        lasting = Counter[str]()
        for asset in claim.assets.values():
            backing.setdefault(asset.backs, []).append((asset, weighed[asset.id].tally))
            lasting[asset.backs] += weighed[asset.id].lasting
        custody: dict[str, Fraction] = dict.fromkeys(claim.liabilities, Fraction(0))
        for each in claim.custody:
            custody[each.unit] = custody.get(each.unit, Fraction(0)) + each.amount
        proving = proving.borne_out({asset: each.bases for asset, each in weighed.items()})
        reserves = []
        for unit, liability in claim.liabilities.items():
            reserve = _reserve(claim, liability, backing[unit], custody[unit], lasting[unit])
            unproven = [(asset, tally.unproven) for asset, tally in backing[unit]]
            reserve = replace(reserve, missed=unnoticed(reserve.held, unproven, proving))
            chains = {asset.id.chain for asset, tally in backing[unit] if tally.holdings}
            blocks = tuple(block for chain in sorted(chains) for block in read_at[chain])
            withheld = reasons_withheld(liability, blocks, claim.as_of, self._policy)
            reserve = replace(reserve, span=Span.of(blocks), withheld=withheld)
            reserves.append(replace(reserve, verdict=judge(reserve, self._policy.threshold)))
        return Finding(
            claim=claim,
            policy=self._policy,
            accounts=declared_accounts(claim.holdings),
            snapshots=snapshots,
            reserves=tuple(sorted(reserves, key=lambda reserve: reserve.unit)),
            gaps=first_of(each.gaps for each in weighed.values()),
            gap_counts=dict(sorted(whys.items())),
            dissents=first_of(each.dissents for each in weighed.values()),
            proving=proving,
            contradicted=self._contradictions.listed(),
            coverage=tuple(weighed[asset].coverage for asset in listed),
            backing={asset: _backing(weighed[asset]) for asset in listed},
            differences=largest(self._differences),
            passes=self._passes.listed(between),
        )


def weigh(
    claim: Claim,
    snapshots: Mapping[ChainHeight, Snapshot],
    rows: Iterable[EvidenceRow] | InParts,
    policy: Policy,
    proving: Proving = Proving(),  # noqa: B008 - immutable
) -> Finding:
    """The finding that follows from the evidence: the same for everyone who has the same evidence.

    `rows` is read once. The rows are one for each of the claim's holdings, in their order (ValueError).
    """
    weighing = Weighing(claim, policy)
    for each in matched(claim.holdings, parts_of(rows)):
        weighing.add(each)
    return weighing.finding(snapshots, proving)


def _backing(weighed: WeighedAsset) -> Backing:
    return Backing(weighed.known, weighed.alias, weighed.tally.held.total())


def judge(reserve: Reserve, threshold: Fraction) -> Verdict:
    """The verdict on one unit.

    SHORT needs complete evidence: no gap, no mere lower bound, every declared account in the claim, and not even the
    amounts that third parties are said to hold, taken at their word, would cover what is owed; and what is owed has to
    be of the same moment, since customers who took theirs out meanwhile leave less of both. A complete claim that
    declares no account for what is owed has declared that nothing is held: else leaving out the last would help.
    """
    if reserve.owed is None or is_decisive(reserve.withheld, reserve.owed):
        return Verdict.UNKNOWN
    demanded = reserve.owed * threshold
    if reserve.held >= demanded:
        return Verdict.COVERED
    all_known = reserve.complete and not reserve.gaps and not reserve.at_least and not reserve.owed_earlier
    return Verdict.SHORT if all_known and reserve.held + reserve.custody < demanded else Verdict.UNKNOWN


def _reserve(
    claim: Claim, liability: Liability, backing: Sequence[tuple[Asset, Tally]], custody: Fraction, lasting: int
) -> Reserve:
    """Everything but what follows from its blocks, and its verdict."""
    by_basis = {basis: _coins((asset, tally.held[basis]) for asset, tally in backing) for basis in Basis}
    by_control = {each: _coins((asset, tally.controlled[each]) for asset, tally in backing) for each in Control}
    claims = [(asset, tally.claimed) for asset, tally in backing if tally.claimed is not None]
    return Reserve(
        unit=liability.unit,
        held=sum(by_basis.values(), Fraction(0)),
        owed=liability.owed,
        verdict=Verdict.UNKNOWN,
        holdings=sum(tally.holdings for _, tally in backing),
        gaps=sum(tally.gaps for _, tally in backing),
        lasting_gaps=lasting,
        dissents=sum(tally.dissents for _, tally in backing),
        at_least=sum(tally.bounds for _, tally in backing),
        moved=sum(tally.moved for _, tally in backing),
        by_basis=by_basis,
        by_control=by_control,
        by_movement=_coins((asset, tally.by_movement) for asset, tally in backing),
        claimed=_coins(claims) if claims else None,
        custody=custody,
        stated=liability.stated_ratio,
        complete=claim.complete,
        owed_earlier=claim.owed_as_of is not None,
        owed_basis=None if liability.owed is None else liability.basis,
    )


def _coins(amounts: Iterable[tuple[Asset, int]]) -> Fraction:
    atoms_by_decimals = Counter[int]()
    for asset, atoms in amounts:
        atoms_by_decimals[asset.decimals] += atoms
    whole = (Fraction(atoms, 10**decimals) for decimals, atoms in atoms_by_decimals.items() if atoms)  # most are none
    return sum(whole, Fraction(0))
