"""What is made of single rows of one asset: whether a balance counts under the policy, and what its claimed amount is
compared with.

What follows from many rows together is not here: sums (`tally`), and assets that show another one's balances
(`aliases`).
"""

from __future__ import annotations

from scanner.chains.facts_revision import REVISION
from scanner.core.control import Control
from scanner.core.evidence import Gap
from scanner.core.evidence_part import EvidencePart
from scanner.core.outcomes import BalanceBasis
from scanner.errors import Why
from scanner.weighing.claim import Asset
from scanner.weighing.contracts import known_as, unknown_contract
from scanner.weighing.holdings import HeldAsset
from scanner.weighing.policy import Policy


class RowRules:
    """The rules for the rows of one asset, which is weighed at `height` (None is the claim's moment)."""

    def __init__(self, asset: Asset, policy: Policy, revision: int = REVISION, height: int | None = None) -> None:
        self.known = known_as(asset, policy, revision)
        self._unit = asset.backs
        self._policy = policy
        self._height = height
        self._unknown = unknown_contract(asset, revision) if self.known is None else None

    def counted(self, ground: BalanceBasis | Gap, control: Control) -> BalanceBasis | Gap:
        """What stands behind a row, or a gap where nothing is known of the asset, or the policy asks for more."""
        if isinstance(ground, Gap):
            return ground
        if self._unknown is not None:
            return self._unknown
        required, policy = self._policy.required(self._unit), self._policy
        if not ground.basis.satisfies(required):
            why, reasons = Why.WEAK_BASIS, [f"{ground.basis}, where the policy requires {required}"]
        elif not policy.accepts(control):
            why, reasons = Why.NO_CONTROL, [f"control {control}, where the policy requires {policy.require_ownership}"]
        else:
            return ground
        return Gap(why, "; ".join(reasons + [f"{operator} says {word}" for operator, word in ground.dissent]))

    def compared(self, held: HeldAsset, part: EvidencePart) -> list[int | None]:
        """The atoms with which the claimed amounts are to be compared; None where they are not known, or only
        from below."""
        found = list(part.outcomes.amounts)
        for at in (*part.outcomes.gap_positions(), *part.outcomes.bound_positions()):
            found[at] = None
        if held.heights.distinct.keys() - {None, self._height}:
            for at, height in enumerate(held.heights):
                if height is not None and height != self._height:
                    there = part.elsewhere.get(at)
                    found[at] = None if there is None else there.found
        return found
