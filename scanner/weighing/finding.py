"""What a claim comes to: a Finding, which is all its Reserves, each one unit weighed. `ratio` makes them of evidence.

Values, and what follows from one alone. Not in here: how a verdict is come to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from scanner.core.control import Control
from scanner.core.evidence import Basis, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.owed import OwedBasis
from scanner.errors import Why
from scanner.weighing.claim import Claim, StatedRatio
from scanner.weighing.contracts import Known
from scanner.weighing.contradiction import Contradicted
from scanner.weighing.coverage import Coverage, Difference
from scanner.weighing.declared import DeclaredAccounts
from scanner.weighing.forms import written
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.moments import Span
from scanner.weighing.passes import ReadTwice
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.withheld import Withheld


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
    dissents: int  # holdings that are believed although an operator said otherwise
    by_basis: Mapping[Basis, Fraction]
    by_control: Mapping[Control, Fraction]  # of what is held: what is shown of who controls it
    claimed: Fraction | None  # what the exchange says the holdings amount to; None where it gives no amounts
    custody: Fraction  # said to be held by third parties; never part of `held`
    stated: StatedRatio | None
    complete: bool  # the claim lists every account that the exchange declares
    by_movement: Fraction = Fraction(0)  # of what is SHOWN by control: on accounts that moved an amount
    owed_earlier: bool = False  # `owed` was stated of another moment than the one at which is weighed
    moved: int = 0  # of the lower bounds: those that differed between two passes
    lasting_gaps: int = 0  # of the gaps: those that asking the same nodes again cannot fill
    at_least: int = 0  # holdings of which there may be more than counts: lower bounds
    span: Span | None = None  # of the blocks at which it is weighed; None where there is none
    withheld: Mapping[Withheld, str] = field(default_factory=dict)  # why no verdict is given; in words
    owed_basis: OwedBasis | None = None  # what `owed` rests on; None where that was not published
    missed: Mapping[int, Fraction] = field(default_factory=dict)  # by percent of `held`: as `weighing.unnoticed` has it

    @property
    def ratio(self) -> Fraction | None:
        return self.held / self.owed if self.owed else None

    @property
    def ratio_with_custody(self) -> Fraction | None:
        """As it would be if third parties held what they are said to hold; None where they are said to hold nothing."""
        return (self.held + self.custody) / self.owed if self.owed and self.custody else None

    @property
    def stated_agrees(self) -> bool | None:
        """Whether the printed ratio is a rounding of the computed one, with or without what third parties are said to
        hold; None where holdings are missing, unread or known from below only, or no verdict is given."""
        if self.stated is None or self.ratio is None or self.withheld:
            return None
        if self.gaps or self.at_least or not self.holdings or not self.complete:
            return None
        ratios = [ratio for ratio in (self.ratio, self.ratio_with_custody) if ratio is not None]
        return any(map(self.stated.is_rounding_of, ratios))


@dataclass(frozen=True, slots=True)
class Backing:
    """One asset's part in what is held."""

    known: Known | None  # how it is known to be its unit's own; where it is not, no balance of it counts
    alias: AssetId | None  # whose balances it shows again; then no balance of it counts either
    held: int  # atoms: of its balances, those that count


@dataclass(frozen=True, slots=True)
class Finding:
    """All Reserves of a claim, under a stated policy."""

    claim: Claim
    policy: Policy
    accounts: DeclaredAccounts
    snapshots: Mapping[ChainHeight, Snapshot]
    reserves: tuple[Reserve, ...]  # sorted by unit
    gaps: tuple[EvidenceRow, ...]  # the first LISTED of them; each row's outcome is the Gap it was counted as
    gap_counts: Mapping[Why, int]
    dissents: tuple[EvidenceRow, ...]  # the first LISTED of them
    proving: Proving
    contradicted: tuple[Contradicted, ...]  # where proofs contradict operators, and which
    coverage: tuple[Coverage, ...]  # of each asset with holdings, sorted by it
    backing: Mapping[AssetId, Backing]  # of the same assets
    differences: tuple[Difference, ...]  # between claimed and found, the largest
    passes: tuple[ReadTwice, ...] = ()  # of each chain that was read in two passes, sorted by it

    @property
    def revision(self) -> int:
        """Of the tables (`chains.facts_revision`) that it follows from: the one by which the claim was read."""
        return self.claim.revision

    @property
    def verdict(self) -> Verdict:
        """SHORT if any unit is; COVERED if all units are, and there is one; else UNKNOWN."""
        verdicts = {reserve.verdict for reserve in self.reserves}
        if Verdict.SHORT in verdicts:
            return Verdict.SHORT
        return Verdict.COVERED if verdicts == {Verdict.COVERED} else Verdict.UNKNOWN

    def to_dict(self) -> dict[str, Any]:
        """The finding as it stands in a statement of the newest format (docs/predicate.md): values for JSON. Raises
        ValueError where something cannot be written, such as a time without a zone."""
        return dict(written(self, "predicate"))

    def _repr_html_(self) -> str:
        """The finding's units as a table, as notebooks show it: unit, held, owed, ratio, verdict."""
        return str(written(self, "table"))
