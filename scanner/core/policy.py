"""What the auditor demands before a balance is believed and a unit called covered. Hashed into every finding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Policy:
    """Raises ValueError for a policy under which anything would pass."""

    quorum: int = 2  # independent operators that must agree
    threshold: Fraction = Fraction(1)  # least ratio that is COVERED

    def __post_init__(self) -> None:
        if self.quorum < 1:
            raise ValueError(f"quorum is {self.quorum}; at least 1 operator must be asked")
        if self.threshold <= 0:
            raise ValueError(f"threshold is {self.threshold}; a threshold must be above 0")

    def shortfalls(self, demanded: Policy) -> tuple[str, ...]:
        """In which points this policy is laxer than `demanded`: empty when it is at least as strict in all."""
        points = []
        if self.quorum < demanded.quorum:
            points.append(f"quorum {self.quorum}, demanded {demanded.quorum}")
        if self.threshold < demanded.threshold:
            points.append(f"threshold {self.threshold}, demanded {demanded.threshold}")
        return tuple(points)
