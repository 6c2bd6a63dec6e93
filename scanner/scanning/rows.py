"""The evidence of a run: one row for each holding of the claim, made of columns when somebody looks at it.

All rows together are looked at two or three times (weighed, written, shown), and kept as objects they would take many
times the memory of everything else. Nothing here asks a node.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from scanner.core.columns import Coded
from scanner.core.control import ChainsWord, Control
from scanner.core.evidence import Balance, Outcome
from scanner.core.evidence_part import AT_A_TIME, EvidencePart, stretch
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import Chain
from scanner.core.outcomes import Outcomes
from scanner.core.two_passes import TwoPasses
from scanner.weighing.holdings import ChainHeight, HeldAsset, Holdings
from scanner.weighing.uncounted import Uncounted


@dataclass(frozen=True, slots=True)
class Evidence(Collection[EvidenceRow]):
    """The rows, in the claim's order; may be gone through as often as wanted."""

    holdings: Holdings
    place_of: Callable[[Chain], ChainHeight]  # where everything on a chain is weighed
    blocks: Mapping[ChainHeight, str]  # hashes; none where the place could not be pinned
    outcomes: Mapping[ChainHeight, Outcomes]  # of the holdings that are weighed there, in the claim's order
    compared: Mapping[ChainHeight, Outcomes]  # of those whose amounts are claimed there, and that are weighed elsewhere
    controls: Coded[Control]
    owners: Mapping[int, ChainsWord]  # by position: what the chain was asked of who controls the account
    uncounted: Uncounted
    passes: Mapping[ChainHeight, Mapping[int, TwoPasses]] = field(default_factory=dict)  # as in `outcomes`

    def __len__(self) -> int:
        return len(self.holdings)

    def __contains__(self, row: object) -> bool:
        return any(each == row for each in self)

    def __iter__(self) -> Iterator[EvidenceRow]:
        for part in self.parts():
            yield from part

    def parts(self) -> Iterator[EvidencePart]:
        """The same rows, some thousands of one asset at a time."""
        start, done, compared = 0, dict.fromkeys(self.outcomes, 0), dict.fromkeys(self.compared, 0)
        for held in self.holdings.parts:
            place = self.place_of(held.asset.chain)
            block = self.blocks.get(place, "")
            for first in range(0, len(held), AT_A_TIME):
                rows = range(first, min(len(held), first + AT_A_TIME))
                read = done[place] + first
                outcomes = self.outcomes[place][read : read + len(rows)]
                accounts = held.accounts.take(rows)
                for at, gap in self.uncounted.among(held.asset, accounts).items():
                    outcomes[at] = gap
                elsewhere = self._elsewhere(held, rows, place, compared)
                places = range(start + rows.start, start + rows.stop)
                controls, owners = self.controls.take(places), stretch(self.owners, places)
                stated = held.claimed.take(rows), held.tolerances.take(rows), held.heights.take(rows)
                passes = stretch(self.passes.get(place, {}), range(read, read + len(rows)))
                yield EvidencePart(held.asset, block, accounts, outcomes, *stated, controls, owners, elsewhere, passes)
            start += len(held)
            done[place] += len(held)

    def _elsewhere(
        self, held: HeldAsset, rows: range, weighed: ChainHeight, done: dict[ChainHeight, int]
    ) -> dict[int, Elsewhere]:
        """What was found where amounts are claimed at other heights. `done`: how many of each place were reported."""
        heights = held.heights.take(rows)
        if not heights.distinct.keys() - {None, weighed[1]}:
            return {}
        elsewhere = {}
        for at, (height, claimed) in enumerate(zip(heights, held.claimed.take(rows), strict=True)):
            if claimed is not None and height is not None and height != weighed[1]:
                place = held.asset.chain, height
                found = self.compared[place][done[place]]
                done[place] += 1
                elsewhere[at] = Elsewhere(self.blocks.get(place, ""), _exact(found))
        return elsewhere


def _exact(outcome: Outcome) -> int | None:
    """The atoms; None where there may be more, or nothing is known."""
    return outcome.atoms if isinstance(outcome, Balance) and not outcome.at_least else None
