"""Operators that proofs contradicted, and what their words are worth elsewhere.

A sample is worth what a failure of it costs. Where a proof shows that an operator said what is not so, nothing that is
not proven rests on that operator's word any more:

    a proof of a native balance       certain: on that chain the word counts for nothing, neither for nor against; on
                                      others it supports nothing, and still dissents
    a token's, and an operator who    as good as certain: on no chain does the word support anything; it still dissents,
    read the same as it shows         so that no one who lies can silence one who does not
    a token's, and none believed       the contract, its layout or all who read it: of that token, the words of all who
    read the same                     said otherwise support nothing

A balance that a proof shows needs no word, and is judged by none of this.

All of it follows from the evidence's rows alone and in any order, so a verifier, and a run that goes on from another,
come to the same. Nothing here walks a proof or knows how the rows came to be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scanner.chains.proving import is_certain
from scanner.core.evidence import Basis, Gap, Outcome
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import denies
from scanner.core.outcomes import BalanceBasis

Scope = Chain | AssetId


@dataclass(frozen=True, slots=True)
class Contradicted:
    """What proofs came to on one chain, or of one token: how many contradict an operator, and which."""

    scope: Scope
    certain: bool  # the words count for nothing; else they support nothing, and still dissent
    proofs: int
    false: int  # of these, how many show another amount than some of the operators said
    operators: tuple[str, ...]  # sorted; never empty


@dataclass(slots=True)
class _Found:
    assets: set[AssetId]
    false: int
    operators: set[str]


class Contradictions:
    """Collects what rows show, one by one."""

    def __init__(self) -> None:
        self._proofs: Counter[AssetId] = Counter()
        self._found: dict[tuple[Scope, bool], _Found] = {}

    def add(self, asset: AssetId, row: Outcome | BalanceBasis, count: int = 1) -> None:
        """What became of a row, or of so many alike: where there is a proof it may contradict somebody."""
        if isinstance(row, Gap):
            if row.shown is None:
                return
            shown = row.shown
            names, agreed = {name for name, word in row.said if denies(word, shown)}, False
        elif row.basis is Basis.PROVEN:
            names, agreed = {name for name, _ in row.dissent}, bool(row.operators)
        else:
            return
        self._proofs[asset] += count
        if names:
            certain = is_certain(asset)
            scope = asset.chain if certain or agreed else asset
            found = self._found.setdefault((scope, certain), _Found(set(), 0, set()))
            found.assets.add(asset)
            found.false += count
            found.operators |= names

    def dismissed(self, chain: Chain) -> frozenset[str]:
        """Whose words on the chain count for nothing."""
        return self._operators(chain, certain=True)

    def unsupported(self, asset: AssetId) -> frozenset[str]:
        """Whose words support no unproven balance of the asset, though they may dissent from one."""
        return self.unsupported_anywhere() | self._operators(asset, certain=False)

    def unsupported_anywhere(self) -> frozenset[str]:
        """Whose words support no balance of any asset. An operator that a chain's proofs contradict supports none on
        any chain: most of them have no proofs."""
        of_chains = (found.operators for (scope, _), found in self._found.items() if isinstance(scope, Chain))
        return frozenset().union(*of_chains)

    def _operators(self, scope: Scope, *, certain: bool) -> frozenset[str]:
        found = self._found.get((scope, certain))
        return frozenset() if found is None else frozenset(found.operators)

    def listed(self) -> tuple[Contradicted, ...]:
        """Where somebody counts for less, and why: sorted."""
        found = sorted(self._found.items(), key=lambda each: (str(each[0][0]), not each[0][1]))
        return tuple(
            Contradicted(
                scope,
                certain,
                sum(self._proofs[asset] for asset in each.assets),
                each.false,
                tuple(sorted(each.operators)),
            )
            for (scope, certain), each in found
        )


def shown_by_proof(outcome: Outcome) -> int | None:
    """The atoms that a proof shows, be they believed or not; None where there is no proof."""
    if isinstance(outcome, Gap):
        return outcome.shown
    return outcome.atoms if outcome.basis is Basis.PROVEN else None
