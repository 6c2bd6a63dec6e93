"""What was established about many holdings, in columns: an Outcome for each, made when somebody looks at it.

Balances differ from row to row, what stands behind them hardly ever: the amounts are a column of numbers, and on which
basis each is believed, or why there is none, a column of few values. Nothing here decides which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import eq
from typing import overload

from scanner.core.columns import Coded, Words
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.lower_bound import Word


@dataclass(frozen=True, slots=True)
class BalanceBasis:
    """Why a balance is believed: a Balance without its amount."""

    basis: Basis
    operators: tuple[str, ...]
    dissent: tuple[tuple[str, Word], ...] = ()
    at_least: bool = False


class Outcomes(Sequence[Outcome]):
    """Balances and Gaps, in a row. Grows at its end."""

    __slots__ = ("amounts", "grounds")

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self.amounts = Words()  # at a gap's position filler, so amounts are taken by indexing the whole
        self.grounds: Coded[BalanceBasis | Gap] = Coded()
        for outcome in outcomes:
            self.append(outcome)

    @classmethod
    def agreed(cls, column: bytes, ground: BalanceBasis) -> Outcomes:
        """Balances that are all believed on the same ground: 32 bytes each, big-endian."""
        outcomes = cls()
        outcomes.amounts.extend(column)
        outcomes.grounds.extend(ground, len(outcomes.amounts))
        return outcomes

    @classmethod
    def missing(cls, count: int, gap: Gap) -> Outcomes:
        """`count` times the same gap."""
        outcomes = cls()
        outcomes.amounts.extend(bytes(32 * count))
        outcomes.grounds.extend(gap, count)
        return outcomes

    def append(self, outcome: Outcome) -> None:
        atoms, ground = _parts(outcome)
        self.amounts.append(atoms)
        self.grounds.append(ground)

    def join(self, other: Outcomes) -> None:
        """All of `other`'s outcomes."""
        self.amounts.join(other.amounts)
        self.grounds.join(other.grounds)

    @property
    def gaps(self) -> int:
        """How many of them are gaps."""
        return sum(count for ground, count in self.grounds.distinct.items() if isinstance(ground, Gap))

    @property
    def lower_bounds(self) -> int:
        """How many of them are balances of which there may be more."""
        return sum(count for basis, count in self.grounds.distinct.items() if _is_bound(basis))

    def bound_positions(self) -> list[int]:
        return self.grounds.where(_is_bound)

    def gap_positions(self) -> list[int]:
        return self.grounds.where(lambda ground: isinstance(ground, Gap))

    def __len__(self) -> int:
        return len(self.grounds)

    @overload
    def __getitem__(self, at: int) -> Outcome: ...
    @overload
    def __getitem__(self, at: slice) -> Outcomes: ...
    def __getitem__(self, at: int | slice) -> Outcome | Outcomes:
        if isinstance(at, slice):
            part = Outcomes()
            part.amounts, part.grounds = self.amounts[at], self.grounds[at]
            return part
        return _outcome(self.amounts[at], self.grounds[at])

    def __setitem__(self, at: int, outcome: Outcome) -> None:
        self.amounts[at], self.grounds[at] = _parts(outcome)

    def __iter__(self) -> Iterator[Outcome]:
        return map(_outcome, self.amounts, self.grounds)

    def __eq__(self, other: object) -> bool:
        """Whether these are the same outcomes, in whichever sequence they stand."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Outcomes({list(self)!r})"


def _outcome(atoms: int | None, ground: BalanceBasis | Gap) -> Outcome:
    if isinstance(ground, Gap) or atoms is None:
        return ground if isinstance(ground, Gap) else _lost()
    return Balance(atoms, ground.basis, ground.operators, ground.dissent, ground.at_least)


def _is_bound(basis: BalanceBasis | Gap) -> bool:
    return isinstance(basis, BalanceBasis) and basis.at_least


def _lost() -> Outcome:
    raise ValueError("a balance that is believed has no amount")


def _parts(outcome: Outcome) -> tuple[int, BalanceBasis | Gap]:
    if isinstance(outcome, Gap):
        return 0, outcome
    return outcome.atoms, BalanceBasis(outcome.basis, outcome.operators, outcome.dissent, outcome.at_least)
