"""Whether a row that can count for nothing says so, and no other does (`weighing.uncounted`).

It follows from the claim alone, so that what any node said, or did not, makes no difference to it.
"""

from __future__ import annotations

from scanner.core.evidence import Gap
from scanner.core.evidence_part import EvidencePart
from scanner.errors import CLAIM_ONLY
from scanner.weighing.claim import Claim
from scanner.weighing.uncounted import Uncounted

Fault = tuple[int, str]
"""The position of a row, and why it cannot be as it says."""


class Counted:
    """Of one claim, by the revision of the tables by which it was read."""

    def __init__(self, claim: Claim) -> None:
        self._uncounted = Uncounted(claim)

    def fault(self, part: EvidencePart) -> Fault | None:
        """The first row that cannot be what it says; None if all can."""
        gaps = self._uncounted.among(part.asset, part.accounts)
        said = part.outcomes.grounds.where(lambda ground: isinstance(ground, Gap) and ground.why in CLAIM_ONLY)
        for at in sorted({*gaps, *said}):
            outcome, gap = part.outcomes[at], gaps.get(at)
            if gap is None and isinstance(outcome, Gap):
                return at, f"{outcome.why} does not follow from the claim"
            if gap is not None and outcome != gap:
                return at, f"can count for nothing: {gap.why}, {gap.detail}"
        return None
