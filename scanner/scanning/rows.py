"""The evidence of a run: one row for each holding of the claim, made of columns when somebody looks at it.

All rows together are looked at two or three times (weighed, written, shown), and kept as objects they would take many
times the memory of everything else. Nothing here asks a node.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Elsewhere, EvidenceRow, Outcome
from scanner.core.ids import Chain
from scanner.core.outcomes import Outcomes
from scanner.weighing.holdings import ChainHeight, Holdings
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
    owners: Mapping[int, ContractOwners]  # by position: whom a contract, or a validator, names
    uncounted: Uncounted

    def __len__(self) -> int:
        return len(self.holdings)

    def __contains__(self, row: object) -> bool:
        return any(each == row for each in self)

    def __iter__(self) -> Iterator[EvidenceRow]:
        outcomes = {place: iter(found) for place, found in self.outcomes.items()}
        compared = {place: iter(found) for place, found in self.compared.items()}
        blocks = {place: self.blocks.get(place, "") for place in (*self.outcomes, *self.compared)}
        controls = iter(self.controls)
        position = -1
        for part in self.holdings.parts:
            place, uncountable = self.place_of(part.asset.chain), self.uncounted.of(part.asset)
            block, found = blocks[place], outcomes[place]
            stated = zip(part.accounts, part.claimed, part.tolerances, part.heights, strict=True)
            for account, claimed, tolerance, height in stated:
                position += 1
                read = next(found)
                outcome = uncountable(account) or read
                owners, elsewhere = self.owners.get(position), None
                if claimed is not None and height is not None and height != place[1]:
                    there = part.asset.chain, height
                    there_read = next(compared[there])
                    elsewhere = Elsewhere(blocks[there], _exact(there_read))
                named = part.asset, account, block, outcome, claimed
                yield EvidenceRow(*named, next(controls), owners, elsewhere, tolerance, height)


def _exact(outcome: Outcome) -> int | None:
    """The atoms; None where there may be more, or nothing is known."""
    return outcome.atoms if isinstance(outcome, Balance) and not outcome.at_least else None
