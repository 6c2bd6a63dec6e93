"""Some of a finding's rows weighed by themselves: a claim's own among those of several, or the largest of a claim.

Nothing here judges what the rows come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from scanner.core.evidence import Balance
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId
from scanner.core.two_passes import Between
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import Holdings
from scanner.weighing.matched import matched
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import Weighing


class PartOfRows:
    """Those rows of a finding that are of a claim with fewer holdings, weighed. Is given all rows, in their order."""

    def __init__(self, claim: Claim, of_all: Finding) -> None:
        """`claim`: at the moment of `of_all`, and with none but holdings of that one's claim."""
        self._claim = claim
        self._of_all = of_all
        self._accounts = {held.asset: frozenset(held.accounts) for held in claim.holdings.parts}
        self._parts: list[EvidencePart] = []

    def add(self, part: EvidencePart) -> None:
        own = self._accounts.get(part.asset, frozenset())
        chosen = [at for at, account in enumerate(part.accounts) if account in own]
        if len(chosen) == len(part):
            self._parts.append(part)
        elif chosen:
            self._parts.append(EvidencePart.of([part[at] for at in chosen]))

    def finding(self) -> Finding:
        """What they come to, under the same policy and at the same blocks."""
        weighing = Weighing(self._claim, self._of_all.policy)
        for rows in matched(self._claim.holdings, self._parts):
            weighing.add(rows)
        chains = set(self._claim.chains)
        places = {self._claim.weighed_at(chain) for chain in chains}
        snapshots = {place: block for place, block in self._of_all.snapshots.items() if place in places}
        twice = {each.chain: Between(each.earliest, each.latest) for each in self._of_all.passes}
        between = {chain: blocks for chain, blocks in twice.items() if chain in chains}
        return weighing.finding(snapshots, Proving(), between)


def largest(claim: Claim, parts: Iterable[EvidencePart], share: Fraction) -> Claim:
    """The claim with those of its rows alone that make up a share of what was believed of each asset: the largest, of
    equal ones the first, until they come to it; and every row of which nothing was established."""
    amounts: dict[AssetId, list[int | None]] = {}
    for part in parts:
        found = amounts.setdefault(part.asset, [])
        found += [outcome.atoms if isinstance(outcome, Balance) else None for outcome in part.outcomes]
    chosen = []
    for held in claim.holdings.parts:
        of_asset = amounts[held.asset]
        wanted, taken = share * sum(atoms or 0 for atoms in of_asset), 0
        positions = {at for at, atoms in enumerate(of_asset) if atoms is None}
        for at in sorted(range(len(of_asset)), key=lambda at: (-(of_asset[at] or 0), at)):
            if taken >= wanted:
                break
            positions.add(at)
            taken += of_asset[at] or 0
        chosen.append(held.take(sorted(positions)))
    return replace(claim, holdings=Holdings(chosen))
