"""The finding that a scan would come to now, as far as it is known before one: what `scanner check` exits by.

It is weighed by the code that weighs a scan, from outcomes that follow from an examination: what would be a gap is that
gap, and what would be read is a balance as strong as the policy has it. How much lies there is not known. So each
account is taken to hold what the claim says of it. Where it does not say so of all accounts of a unit that would be
read, they hold as much as is owed if nothing of the unit is a gap, else nothing: then a unit is COVERED if the scan is
able to find it so.

Not in here: what nodes answer (`examine`), and the exit code of a finding (`cli.finding_code`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Final

from scanner.chains.proving import has_proofs
from scanner.chains.registry import family
from scanner.core.columns import Coded
from scanner.core.control import Control
from scanner.core.evidence import Basis, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.outcomes import BalanceBasis, Outcomes
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.scanning.rows import Evidence
from scanner.scanning.trial import Question
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import AssetRows, BlockHoldings, ChainHeight
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from scanner.weighing.uncounted import Uncounted

_WORD: Final = 32  # bytes of one amount in a packed column
_LARGEST: Final = 2**256 - 1  # atoms
_NOTHING: Final = Gap(Why.NO_STATE, "it is not known before a scan")


def expected_finding(
    claim: Claim,
    instrument: Instrument | None,
    examined: Sequence[Examination],
    unread: Mapping[Chain, Gap],
    controls: Coded[Control] | None = None,
) -> Finding:
    """`examined` is empty where no node was asked, whose nodes are then taken to be well; `unread`: chains of which
    nothing can be read whatever they answer, and why. `controls`: what is shown of each account without the chain."""
    policy = Policy() if instrument is None else instrument.policy
    by_place = {(each.chain, _height(claim, each)): each for each in examined if each.weighed}
    grounds = {
        place: {asset: _ground(asset, by_place.get(place), instrument, unread) for asset in rows.assets}
        for place, rows in claim.by_place().items()
    }
    weighing = _Weighing(claim, policy, by_place, grounds, controls or Coded([Control.ABSENT] * len(claim.holdings)))
    read = {asset for of_place in grounds.values() for asset, each in of_place.items() if not isinstance(each, Gap)}
    stated = {unit for unit in claim.liabilities if _all_stated(claim, unit, read)}
    if stated == claim.liabilities.keys():
        return weighing.finding(stated, frozenset())
    first = weighing.finding(stated, frozenset())
    whole = {reserve.unit for reserve in first.reserves if not reserve.gaps}
    return weighing.finding(stated, whole - stated)


class _Weighing:
    """Outcomes made of amounts, and weighed."""

    def __init__(
        self,
        claim: Claim,
        policy: Policy,
        examined: Mapping[ChainHeight, Examination],
        grounds: Mapping[ChainHeight, Mapping[AssetId, BalanceBasis | Gap]],
        controls: Coded[Control],
    ) -> None:
        self._claim = claim
        self._policy = policy
        self._grounds = grounds
        self._controls = controls
        self._snapshots = {place: _unseen(place, claim) for place in grounds if place not in examined}
        for place, each in examined.items():
            if not isinstance(each.pinned, Gap):
                self._snapshots[place] = each.pinned.value

    def finding(self, stated: set[str], enough: set[str] | frozenset[str]) -> Finding:
        """`stated`: units whose accounts hold what the claim says; `enough`: those whose accounts hold what is owed."""
        claim = self._claim
        numbers = {asset: number for number, asset in enumerate(sorted(claim.assets))}

        def outcomes(place: ChainHeight, share: AssetRows) -> Outcomes:
            asset = claim.assets[share.held.asset]
            ground = self._grounds[place][asset.id]
            if isinstance(ground, Gap):
                return Outcomes.missing(len(share), ground)
            found = read(asset, share, ground)
            for at, gap in _second_names(share).items():
                found[at] = gap
            return found

        def read(asset: Asset, share: AssetRows, ground: BalanceBasis) -> Outcomes:
            if asset.backs in stated:
                amounts = [claimed or 0 for claimed in share.held.claimed.take(share.positions)]
                return Outcomes.agreed(b"".join(atoms.to_bytes(_WORD) for atoms in amounts), ground)
            owed = claim.liabilities[asset.backs].owed if asset.backs in enough else None
            atoms = 0 if owed is None else ceil(owed * max(Fraction(1), self._policy.threshold) * 10**asset.decimals)
            # No two assets hold the same everywhere: one of them would be taken for the other, shown again.
            atoms = min(atoms, _LARGEST - len(numbers)) + numbers[asset.id]
            return Outcomes.agreed(atoms.to_bytes(_WORD) * len(share), ground)

        def together(place: ChainHeight, rows: BlockHoldings) -> Outcomes:
            found = Outcomes()
            for share in rows.shares:
                found.join(outcomes(place, share))
            return found

        evidence = Evidence(
            holdings=claim.holdings,
            place_of=claim.weighed_at,
            blocks={place: snapshot.hash for place, snapshot in self._snapshots.items()},
            outcomes={place: together(place, rows) for place, rows in claim.by_place().items()},
            compared={
                place: Outcomes.missing(len(rows), _NOTHING) for place, rows in claim.compared_elsewhere().items()
            },
            controls=self._controls,
            owners={},
            uncounted=Uncounted(claim),
        )
        return weigh(claim, self._snapshots, evidence, self._policy, Proving())


def _second_names(share: AssetRows) -> dict[int, Gap]:
    """By position: accounts that no node reads by the name that the claim has."""
    asset = share.held.asset
    of = family(asset.chain)
    if not of.has_second_names:
        return {}
    named = ((at, of.second_name(asset, key)) for at, key in enumerate(share.held.accounts.take(share.positions)))
    return {at: Gap(Why.UNSUPPORTED, why) for at, why in named if why is not None}


def _unseen(place: ChainHeight, claim: Claim) -> Snapshot:
    """The block that is taken to be there where no node was asked: of the claim's moment."""
    chain, height = place
    return Snapshot(chain, height or 0, "", "", claim.as_of)


def _height(claim: Claim, examined: Examination) -> int | None:
    return claim.weighed_at(examined.chain)[1]


def _all_stated(claim: Claim, unit: str, read: set[AssetId]) -> bool:
    """Whether the claim says of each account of the unit that would be read how much it holds."""
    parts = [part for part in claim.holdings.parts if part.asset in read and claim.assets[part.asset].backs == unit]
    return bool(parts) and all(claimed is not None for part in parts for claimed in part.claimed)


def _ground(
    asset: AssetId, examined: Examination | None, instrument: Instrument | None, unread: Mapping[Chain, Gap]
) -> BalanceBasis | Gap:
    """On which basis a scan would believe balances of the asset, or why it would have none."""
    if asset.chain in unread:
        return unread[asset.chain]
    from_below = family(asset.chain).read_from_below(asset) is not None
    if examined is None:
        return BalanceBasis(Basis.QUORUM, (), at_least=from_below)
    if isinstance(examined.pinned, Gap):
        return examined.pinned
    trials, decimals = examined.trials, examined.decimals
    question = Question.BALANCE if asset.native else Question.TOKEN
    agreed = trials.agreed.get(question)
    if question in trials.lost and isinstance(agreed, Gap):
        return agreed
    if gap := decimals.wrong.get(asset) or decimals.unconfirmed.get(asset):
        return gap
    return BalanceBasis(_basis(examined, instrument), examined.operators, at_least=from_below)


def _basis(examined: Examination, instrument: Instrument | None) -> Basis:
    if instrument is None:
        return Basis.QUORUM
    proofs = [trial.answers.get(Question.PROOF) for trial in examined.trials.nodes]
    if has_proofs(examined.chain) and instrument.prove is None and any(isinstance(shown, int) for shown in proofs):
        return Basis.PROVEN
    return Basis.QUORUM if len(examined.operators) >= instrument.policy.quorum else Basis.OWN
