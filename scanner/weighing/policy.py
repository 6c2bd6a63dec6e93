"""What the auditor demands before a balance is believed and a unit called covered. Hashed into every finding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from scanner.core.control import Control
from scanner.core.evidence import Basis
from scanner.core.ids import AssetId
from scanner.core.shows import Shows
from scanner.weighing.moments import MAX_SKEW, duration

MOST_VOUCHED: Final = 10_000
"""Contracts that one policy may name: as many as a claim has assets."""
MOST_DISTINCT: Final = 1_000
"""Pairs that one policy may name."""


class Dissent(StrEnum):
    """What becomes of a balance on which a quorum agrees and one operator does not."""

    GAP = "gap"  # it is not believed
    RECORD = "record"  # it is believed, and the dissent stands beside it


@dataclass(frozen=True, slots=True)
class Policy:
    """Raises ValueError for a policy under which anything would pass."""

    quorum: int = 2  # independent operators that must agree
    threshold: Fraction = Fraction(1)  # least ratio that is COVERED
    dissent: Dissent = Dissent.GAP
    require: Mapping[str, Basis] = field(default_factory=dict)  # by unit: the weakest basis on which a balance counts
    require_ownership: Control | None = None  # SHOWN or REPLAYABLE: what must be shown of an account for it to count
    contracts: frozenset[AssetId] = frozenset()  # whose coins the auditor vouches for as those of the units they back
    distinct: frozenset[frozenset[AssetId]] = frozenset()  # pairs that are two assets, however alike their balances are
    require_liabilities: Mapping[str, Shows] = field(default_factory=dict)  # by unit: what has to be shown of `owed`
    accept: frozenset[str] = frozenset()  # units whose UNKNOWN fails no run; it covers nothing
    max_skew: timedelta = MAX_SKEW  # between two blocks of one unit, and between a named block and the claim's moment

    def __post_init__(self) -> None:
        if self.quorum < 1:
            raise ValueError(f"quorum is {self.quorum}; at least 1 operator must be asked")
        if self.threshold <= 0:
            raise ValueError(f"threshold is {self.threshold}; a threshold must be above 0")
        if self.require_ownership not in (None, Control.SHOWN, Control.REPLAYABLE):
            raise ValueError(f"{self.require_ownership} is nothing that can be required of an account")
        if self.max_skew < timedelta(0) or self.max_skew % timedelta(seconds=1):
            raise ValueError(f"a skew of {self.max_skew}; expected whole seconds")
        if any(len(pair) != 2 for pair in self.distinct):
            raise ValueError("an asset is not distinct from itself; name pairs of two")

    def narrowed(self, units: Collection[str], assets: Collection[AssetId]) -> Policy:
        """The same without what it says of others: what it comes to for a claim that has these alone."""
        return replace(
            self,
            require={unit: basis for unit, basis in self.require.items() if unit in units},
            require_liabilities={unit: word for unit, word in self.require_liabilities.items() if unit in units},
            accept=self.accept.intersection(units),
            contracts=self.contracts.intersection(assets),
            distinct=frozenset(pair for pair in self.distinct if pair.issubset(assets)),
        )

    def required(self, unit: str) -> Basis:
        """The weakest basis on which a balance of this unit counts."""
        return self.require.get(unit, Basis.OWN)

    def shown_of(self, unit: str) -> Shows:
        """What has to be shown of the amount that is owed of this unit."""
        return self.require_liabilities.get(unit, Shows.STATED)

    def accepts(self, control: Control) -> bool:
        """Whether what is shown of an account's control is enough for its balance to count."""
        if self.require_ownership is None:
            return True
        return control is Control.SHOWN or control is self.require_ownership

    def shortfalls(self, demanded: Policy) -> tuple[str, ...]:
        """In which points this policy is laxer than `demanded`: empty when it is at least as strict in all."""
        points = []
        if self.quorum < demanded.quorum:
            points.append(f"quorum {self.quorum}, demanded {demanded.quorum}")
        if self.threshold < demanded.threshold:
            points.append(f"threshold {self.threshold}, demanded {demanded.threshold}")
        if self.dissent is Dissent.RECORD and demanded.dissent is Dissent.GAP:
            points.append("dissent record, demanded gap")
        if self.max_skew > demanded.max_skew:
            points.append(f"blocks up to {duration(self.max_skew)} apart, demanded {duration(demanded.max_skew)}")
        wanted = demanded.require_ownership
        if wanted is not None and self.require_ownership not in (wanted, Control.SHOWN):
            points.append(f"ownership {self.require_ownership or 'not'} required, demanded {wanted}")
        points += [
            f"{unit} requires {self.required(unit)}, demanded {basis}"
            for unit, basis in sorted(demanded.require.items())
            if not self.required(unit).satisfies(basis)
        ]
        points += [
            f"{unit} requires {self.shown_of(unit)} of what is owed, demanded {word}"
            for unit, word in sorted(demanded.require_liabilities.items())
            if self.shown_of(unit).strength < word.strength
        ]
        points += [f"vouches for {asset}" for asset in sorted(self.contracts - demanded.contracts)]
        points += [
            f"takes {one} and {other} for two assets"
            for one, other in sorted(map(sorted, self.distinct - demanded.distinct))
        ]
        return tuple(points)
