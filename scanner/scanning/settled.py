"""One batch, settled: what is believed of it, and everything a run needs to go on from there as if it had just read it.

Values only. The journal keeps these; `block` and `prove` make them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scanner.core.outcomes import Outcomes
from scanner.core.proving import Unproven


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the search for a token's storage layout had come when the batch had its turn."""

    layout: str | None = None  # the one found, by its name in proofs.slots
    unproven: Unproven | None = None  # why balances of this batch went without proofs
    observed: tuple[tuple[int, bytes], ...] = ()  # atoms and holder: what a layout was, or will be, tried on


@dataclass(frozen=True, slots=True)
class Settled:
    """A batch's outcomes, with what they rest on."""

    outcomes: Outcomes
    mark: Mark = field(default_factory=Mark)
    records: Mapping[bytes, bytes] = field(
        default_factory=dict
    )  # of the witness, by hash: all that the batch's proofs rest on

    def amended(self, positions: Sequence[int], again: Settled) -> Settled:
        """The same, after the rows at `positions` were asked for again."""
        outcomes = self.outcomes[:]
        for position, outcome in zip(positions, again.outcomes, strict=True):
            outcomes[position] = outcome
        mark = replace(again.mark, unproven=weightier(self.mark.unproven, again.mark.unproven))
        return Settled(outcomes, mark, {**self.records, **again.records})


def weightier(one: Unproven | None, other: Unproven | None) -> Unproven | None:
    """Where batches of an asset went without proofs for several reasons, the one that Unproven lists first is told:
    whichever batch ends last, it is the same."""
    told = [why for why in Unproven if why in (one, other)]
    return told[0] if told else None
