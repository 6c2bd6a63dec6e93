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

from scanner.core.columns import Words
from scanner.core.control import Control, MovedIn
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.outcomes import BalanceBasis
from scanner.errors import FINDING_ONLY, LASTING, Why
from scanner.weighing.aliases import Alias
from scanner.weighing.claim import Asset
from scanner.weighing.control.awaited import may_be_answered
from scanner.weighing.coverage import Coverage, Difference
from scanner.weighing.holdings import HeldAsset
from scanner.weighing.policy import Policy
from scanner.weighing.row_rules import RowRules

LISTED: Final = 100
"""A finding names this many gaps, and this many dissents; all of them stand in the evidence."""


@dataclass(slots=True)
class Tally:
    """Running sums over the holdings of one asset, in atoms."""

    holdings: int = 0
    gaps: int = 0
    dissents: int = 0
    bounds: int = 0  # balances that count, and are lower bounds
    moved: int = 0  # balances that differed between two passes
    held: Counter[Basis] = field(default_factory=Counter)
    controlled: Counter[Control] = field(default_factory=Counter)
    by_movement: int = 0  # of what is SHOWN by control: on accounts that moved what they were instructed to
    claimed: int | None = None

    @property
    def unproven(self) -> int:
        """What of it is believed without proof."""
        return self.held.total() - self.held[Basis.PROVEN]

    def add(self, ground: BalanceBasis | Gap, control: Control, atoms: Words) -> None:
        """Holdings that all count for the same reason; of gaps the atoms are none."""
        self.holdings += len(atoms)
        if isinstance(ground, Gap):
            self.gaps += len(atoms)
            return
        held = sum(filter(None, atoms))
        self.held[ground.basis] += held
        self.controlled[control] += held
        self.bounds += len(atoms) if ground.at_least else 0

    def give_up(self) -> None:
        """Every holding is a gap."""
        self.gaps, self.dissents, self.bounds, self.moved, self.by_movement = self.holdings, 0, 0, 0, 0
        self.held.clear()
        self.controlled.clear()


NumberedRow = tuple[int, EvidenceRow]
"""A row, and its place in the evidence."""


class WeighedAsset:
    """Everything that is added up over the holdings of one asset, and what the policy asks of them."""

    def __init__(self, asset: Asset, policy: Policy, revision: int, height: int | None) -> None:
        self.asset = asset
        self._rules = RowRules(asset, policy, revision, height)
        self._revision = revision
        self.known = self._rules.known
        self.alias: AssetId | None = None  # whose balances it shows again
        self.coverage = Coverage(asset)
        self.tally = Tally()
        self.bases: set[Basis] = set()  # of all balances, those that do not count among them
        self.whys: Counter[Why] = Counter()  # of its gaps
        self._control_unread = 0  # of the gaps for want of control: those whose proof a node may still help to judge
        self.gaps: list[NumberedRow] = []  # the first LISTED, as they count
        self.dissents: list[NumberedRow] = []  # the first LISTED that are believed
        self._first: list[NumberedRow] = []  # the first LISTED of all, as they stand in the evidence

    @property
    def lasting(self) -> int:
        """How many of its gaps asking the same nodes again cannot fill."""
        return sum(self.whys[why] for why in LASTING) - self._control_unread

    def add(self, number: int, held: HeldAsset, part: EvidencePart) -> list[Difference]:
        """Counts rows, the first of which stands at `number` in the evidence, and the holdings that they are of. Where
        something else is found than is claimed."""
        self._count(number, held, part)
        stated = [atoms for atoms in part.claimed if atoms is not None]
        if stated:
            self.tally.claimed = (self.tally.claimed or 0) + sum(stated)
        if not self.asset.id.native and len(self._first) < LISTED:
            rows = part[: LISTED - len(self._first)]
            self._first += enumerate(rows, number)
        return self.coverage.add(part, held.tolerances, self._rules.compared(held, part))

    def _count(self, number: int, held: HeldAsset, part: EvidencePart) -> None:
        self.tally.moved += sum(each.moved for each in part.passes.values())

        def unheard(at: int) -> bool:
            published, said = held.ownerships.get(at), part.owners.get(at)
            return may_be_answered(part.asset.chain, part.accounts[at], published, said, self._revision)

        moved = {at for at, said in part.owners.items() if isinstance(said, MovedIn)}
        gaps: dict[int, Gap] = {}
        dissents: list[int] = []
        for (ground, control), positions in part.outcomes.grounds.beside(part.controls).positions().items():
            if isinstance(ground, BalanceBasis):
                self.bases.add(ground.basis)
            elif ground.shown is not None:
                self.bases.add(Basis.PROVEN)
            counted = self._rules.counted(ground, control)
            self.tally.add(counted, control, part.outcomes.amounts.take(positions))
            if isinstance(counted, Gap):
                self.whys[counted.why] += len(positions)
                if counted.why is Why.NO_CONTROL and control is Control.UNVERIFIABLE:
                    self._control_unread += sum(map(unheard, positions))
                gaps |= dict.fromkeys(positions[:LISTED], counted)
                continue
            if control is Control.SHOWN and moved:
                self.tally.by_movement += sum(part.outcomes.amounts[at] or 0 for at in moved.intersection(positions))
            if counted.dissent:
                disputed = [at for at in positions if _is_disputed(part.outcomes[at])]
                self.tally.dissents += len(disputed)
                dissents += disputed[:LISTED]
        for at in sorted(gaps)[: LISTED - len(self.gaps)]:
            self.gaps.append((number + at, replace(part[at], outcome=gaps[at])))
        for at in sorted(dissents)[: LISTED - len(self.dissents)]:
            self.dissents.append((number + at, part[at]))

    def drop(self, alias: Alias) -> None:
        """Counts nothing of it after all: each of its balances is a gap, whatever else might be said against it."""
        self.alias = alias.of
        unread = Counter({why: count for why, count in self.whys.items() if why not in FINDING_ONLY})
        self.whys = unread + Counter({Why.ALIAS: self.tally.holdings - unread.total()})
        self.gaps = [(number, _as_gap(row, alias.gap)) for number, row in self._first]
        self.dissents = []
        self._control_unread = 0
        self.tally.give_up()


def _is_disputed(outcome: Outcome) -> bool:
    return isinstance(outcome, Balance) and outcome.disputed


def _as_gap(row: EvidenceRow, gap: Gap) -> EvidenceRow:
    return replace(row, outcome=gap) if isinstance(row.outcome, Balance) else row


def first_of(lists: Iterable[list[NumberedRow]]) -> tuple[EvidenceRow, ...]:
    """The first LISTED of all rows, in the order of the evidence."""
    return tuple(row for _, row in nsmallest(LISTED, chain.from_iterable(lists), key=itemgetter(0)))
