"""One asset's holdings added up: which of its balances count under the policy, and what they come to, in atoms.

What all assets of a unit come to, and what follows, is `weighing.ratio`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import chain
from operator import itemgetter
from typing import Final

from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, EvidenceRow, Gap
from scanner.core.ids import AssetId
from scanner.errors import FINDING_ONLY, Why
from scanner.weighing.aliases import Alias
from scanner.weighing.claim import Asset
from scanner.weighing.contracts import known_as, unknown_contract
from scanner.weighing.contradiction import shown_by_proof
from scanner.weighing.coverage import Coverage
from scanner.weighing.holdings import Holding
from scanner.weighing.policy import Policy

LISTED: Final = 100
"""A finding names this many gaps, and this many dissents; all of them stand in the evidence."""


@dataclass(slots=True)
class Tally:
    """Running sums over the holdings of one asset, in atoms."""

    holdings: int = 0
    gaps: int = 0
    dissents: int = 0
    bounds: int = 0  # balances that count, and are lower bounds
    held: Counter[Basis] = field(default_factory=Counter)
    controlled: Counter[Control] = field(default_factory=Counter)
    claimed: int | None = None

    @property
    def unproven(self) -> int:
        """What of it is believed without proof."""
        return self.held.total() - self.held[Basis.PROVEN]

    def add(self, row: EvidenceRow) -> None:
        self.holdings += 1
        if isinstance(row.outcome, Balance):
            self.held[row.outcome.basis] += row.outcome.atoms
            self.controlled[row.control] += row.outcome.atoms
            if row.outcome.dissent or row.outcome.at_least:
                self.dissents += row.outcome.disputed
                self.bounds += row.outcome.at_least
        else:
            self.gaps += 1
        if row.claimed is not None:
            self.claimed = (self.claimed or 0) + row.claimed

    def give_up(self) -> None:
        """Every holding is a gap."""
        self.gaps, self.dissents, self.bounds = self.holdings, 0, 0
        self.held.clear()
        self.controlled.clear()


NumberedRow = tuple[int, EvidenceRow]
"""A row, and its place in the evidence."""


class WeighedAsset:
    """Everything that is added up over the holdings of one asset, and what the policy asks of them."""

    def __init__(self, asset: Asset, policy: Policy, revision: int, height: int | None) -> None:
        self.asset = asset
        self.height = height  # at which it is weighed; None is the claim's moment
        self.known = known_as(asset, policy, revision)
        self.alias: AssetId | None = None  # whose balances it shows again
        self.coverage = Coverage(asset)
        self.tally = Tally()
        self.bases: set[Basis] = set()  # of all balances, those that do not count among them
        self.whys: Counter[Why] = Counter()  # of its gaps
        self.gaps: list[NumberedRow] = []  # the first LISTED, as they count
        self.dissents: list[NumberedRow] = []  # the first LISTED that are believed
        self._first: list[NumberedRow] = []  # the first LISTED of all, as they stand in the evidence
        self._unknown = unknown_contract(asset, revision) if self.known is None else None
        self._policy = policy
        self._counts = {basis for basis in Basis if basis.satisfies(policy.required(asset.backs))}
        self._accepted = {control for control in Control if policy.accepts(control)}

    def compared(self, holding: Holding, evidence: EvidenceRow) -> int | None:
        """The atoms with which the claimed amount is to be compared; None where they could not be established, or only
        from below."""
        if holding.height is not None and holding.height != self.height:
            return None if evidence.elsewhere is None else evidence.elsewhere.found
        outcome = evidence.outcome
        return outcome.atoms if isinstance(outcome, Balance) and not outcome.at_least else None

    def add(self, number: int, evidence: EvidenceRow) -> None:
        """Counts the row that stands at `number` in the evidence."""
        row, outcome = evidence, evidence.outcome
        if shown_by_proof(outcome) is not None:
            self.bases.add(Basis.PROVEN)
        if isinstance(outcome, Balance):
            self.bases.add(outcome.basis)
            if self._unknown is not None:
                row = replace(evidence, outcome=self._unknown)
            elif outcome.basis not in self._counts or evidence.control not in self._accepted:
                row = _as_it_counts(evidence, self._policy, self.asset.backs)
        self.tally.add(row)
        if isinstance(row.outcome, Gap):
            self.whys[row.outcome.why] += 1
            if len(self.gaps) < LISTED:
                self.gaps.append((number, row))
        elif row.outcome.dissent and len(self.dissents) < LISTED and row.outcome.disputed:
            self.dissents.append((number, row))
        if not self.asset.id.native and len(self._first) < LISTED:
            self._first.append((number, evidence))

    def drop(self, alias: Alias) -> None:
        """Counts nothing of it after all: each of its balances is a gap, whatever else might be said against it."""
        self.alias = alias.of
        unread = Counter({why: count for why, count in self.whys.items() if why not in FINDING_ONLY})
        self.whys = unread + Counter({Why.ALIAS: self.tally.holdings - unread.total()})
        self.gaps = [(number, _as_gap(row, alias.gap)) for number, row in self._first]
        self.dissents = []
        self.tally.give_up()


def _as_gap(row: EvidenceRow, gap: Gap) -> EvidenceRow:
    return replace(row, outcome=gap) if isinstance(row.outcome, Balance) else row


def first_of(lists: Iterable[list[NumberedRow]]) -> tuple[EvidenceRow, ...]:
    """The first LISTED of all rows, in the order of the evidence."""
    return tuple(row for _, row in nsmallest(LISTED, chain.from_iterable(lists), key=itemgetter(0)))


def _as_it_counts(row: EvidenceRow, policy: Policy, unit: str) -> EvidenceRow:
    """The row, or one with a gap where the policy asks for more than stands behind its balance."""
    if isinstance(row.outcome, Gap):
        return row
    required = policy.required(unit)
    if not row.outcome.basis.satisfies(required):
        why, told = Why.WEAK_BASIS, [f"{row.outcome.basis}, where the policy requires {required}"]
    elif not policy.accepts(row.control):
        why, told = Why.NO_CONTROL, [f"control {row.control}, where the policy requires {policy.require_ownership}"]
    else:
        return row
    told += [f"{operator} says {word}" for operator, word in row.outcome.dissent]
    return replace(row, outcome=Gap(why, "; ".join(told)))
