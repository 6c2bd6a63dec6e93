"""A balance that was read twice, at two blocks, of a chain whose accounts cannot all be read at one.

All accounts are read in a first pass, and then in a second one, every block of which is later than all of the first.
What an account held at both its blocks counts: the lower of the two balances, and where they differ as a lower bound. A
coin that moves once is then counted at most once: counted where it comes from it was still there in the second pass,
counted where it goes to it was there in the first, and no moment is both. Where no balance differs none has moved
between accounts that were read, so that what is exact twice is exact. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.core.evidence import Balance, Snapshot
from scanner.core.lower_bound import implies


@dataclass(frozen=True, slots=True)
class BlockReading:
    """What is believed of one account at one block."""

    height: int
    block: str  # its hash
    balance: Balance


@dataclass(frozen=True, slots=True)
class TwoPasses:
    """What is believed of one account at a block of either pass."""

    first: BlockReading
    second: BlockReading

    @property
    def moved(self) -> bool:
        """Whether the two balances differ."""
        return self.first.balance.atoms != self.second.balance.atoms

    @property
    def balance(self) -> Balance:
        """What counts: so much was there both times.

        The operators are those of the reading on the weaker basis, of two alike of the lower one, of two equal ones of
        the second; who else of that reading said as much stands beside them.
        """
        one, other = self.first.balance, self.second.balance
        atoms = min(one.atoms, other.atoms)
        at_least = self.moved or one.at_least or other.at_least
        if one.basis is not other.basis:
            ground = other if one.basis.satisfies(other.basis) else one
        else:
            ground = one if one.atoms < other.atoms else other
        counted = Balance(atoms, ground.basis, (), (), at_least)
        agreeing = {name for name, word in ground.dissent if implies(word, counted.word)}
        return Balance(
            atoms,
            ground.basis,
            tuple(sorted({*ground.operators, *agreeing})),
            tuple(each for each in ground.dissent if each[0] not in agreeing),
            at_least,
        )


@dataclass(frozen=True, slots=True)
class Between:
    """The blocks between which a chain was read in two passes, both included."""

    earliest: Snapshot
    latest: Snapshot
