"""Each row of the evidence as it counts in a finding that was made of it: for those who list all that a finding only
counts.

Nothing is decided here: the rules are `row_rules`', and which asset shows another one's balances stands in the finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.core.evidence import Balance, Gap, Outcome
from scanner.core.evidence_row import EvidenceRow
from scanner.core.outcomes import BalanceBasis
from scanner.errors import Why
from scanner.weighing.claim import Asset
from scanner.weighing.coverage import disagrees
from scanner.weighing.finding import Finding
from scanner.weighing.matched import Matched
from scanner.weighing.row_rules import RowRules


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One row of the evidence, and what became of it."""

    number: int  # its place in the evidence, from 1
    asset: Asset
    row: EvidenceRow  # as it stands there
    outcome: Outcome  # as it counts: a Gap where its balance does not
    compared: int | None  # the atoms that its claimed amount is compared with; None where there is nothing to compare
    disagrees: bool  # these are not what is claimed

    @property
    def disputed(self) -> bool:
        """Whether its balance counts although an operator said otherwise."""
        return isinstance(self.outcome, Balance) and self.outcome.disputed


def counted_rows(finding: Finding, rows: Iterable[Matched]) -> Iterator[CountedRow]:
    """Every row, as they go by; `rows` are all those that the finding was made of, beside their holdings."""
    claim = finding.claim
    rules = {
        asset.id: RowRules(asset, finding.policy, finding.revision, claim.weighed_at(asset.id.chain)[1])
        for asset in claim.assets.values()
    }
    for each in rows:
        held, part = each.held, each.part
        asset, rule = claim.assets[part.asset], rules[part.asset]
        alias = finding.backing[part.asset].alias
        again = None if alias is None else Gap(Why.ALIAS, f"the same coins as {alias}")
        compared = rule.compared(held, part)
        for at, (row, found) in enumerate(zip(part, compared, strict=True)):
            outcome = row.outcome if isinstance(row.outcome, Gap) else again or _counted(rule, row, row.outcome)
            known = None if row.claimed is None else found
            differs = row.claimed is not None and known is not None and disagrees(row.claimed, known, row.tolerance)
            yield CountedRow(each.start + at + 1, asset, row, outcome, known, differs)


def _counted(rule: RowRules, row: EvidenceRow, balance: Balance) -> Outcome:
    ground = BalanceBasis(balance.basis, balance.operators, balance.dissent, balance.at_least)
    counted = rule.counted(ground, row.control)
    return counted if isinstance(counted, Gap) else balance
