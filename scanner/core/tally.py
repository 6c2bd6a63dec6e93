"""One asset's holdings added up: which of its balances count under the policy, and what they come to, in atoms.

What all assets of a unit come to, and what follows, is `core.ratio`'s.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from scanner.core.claim import Asset
from scanner.core.contracts import known_as, unknown_contract
from scanner.core.control import Control
from scanner.core.coverage import Coverage
from scanner.core.evidence import Balance, Basis, EvidenceRow, Gap
from scanner.core.holdings import Holding
from scanner.core.policy import Policy
from scanner.errors import Why


@dataclass(slots=True)
class Tally:
    """Running sums over the holdings of one asset, in atoms."""

    holdings: int = 0
    gaps: int = 0
    dissents: int = 0
    held: Counter[Basis] = field(default_factory=Counter)
    controlled: Counter[Control] = field(default_factory=Counter)
    claimed: int | None = None

    def add(self, row: EvidenceRow) -> None:
        self.holdings += 1
        if isinstance(row.outcome, Balance):
            self.held[row.outcome.basis] += row.outcome.atoms
            self.controlled[row.control] += row.outcome.atoms
            self.dissents += bool(row.outcome.dissent)
        else:
            self.gaps += 1
        if row.claimed is not None:
            self.claimed = (self.claimed or 0) + row.claimed


class WeighedAsset:
    """Everything that is added up over the holdings of one asset, and what the policy asks of them."""

    def __init__(self, asset: Asset, policy: Policy, revision: int, height: int | None) -> None:
        self.asset = asset
        self.height = height  # at which it is weighed; None is the claim's moment
        self.known = known_as(asset, policy, revision)
        self.coverage = Coverage(asset)
        self.tally = Tally()
        self.bases: set[Basis] = set()  # of all balances, those that do not count among them
        self._unknown = unknown_contract(asset, revision) if self.known is None else None
        self._policy = policy
        self._counts = {basis for basis in Basis if basis.satisfies(policy.required(asset.backs))}
        self._accepted = {control for control in Control if policy.accepts(control)}

    def compared(self, holding: Holding, evidence: EvidenceRow) -> int | None:
        """The atoms with which the claimed amount is to be compared; None where they could not be established."""
        if holding.height is not None and holding.height != self.height:
            return None
        return evidence.outcome.atoms if isinstance(evidence.outcome, Balance) else None

    def add(self, evidence: EvidenceRow) -> EvidenceRow:
        """Counts the row; the row as it counts."""
        row, outcome = evidence, evidence.outcome
        if isinstance(outcome, Balance):
            self.bases.add(outcome.basis)
            if self._unknown is not None:
                row = replace(evidence, outcome=self._unknown)
            elif outcome.basis not in self._counts or evidence.control not in self._accepted:
                row = _as_it_counts(evidence, self._policy, self.asset.backs)
        self.tally.add(row)
        return row


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
    told += [f"{operator} says {atoms}" for operator, atoms in row.outcome.dissent]
    return replace(row, outcome=Gap(why, "; ".join(told)))
