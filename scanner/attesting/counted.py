"""Whether a row that can count for nothing says so, and no other does (`weighing.uncounted`).

It follows from the claim alone, so that what any node said, or did not, makes no difference to it.
"""

from __future__ import annotations

from scanner.core.evidence import EvidenceRow, Gap
from scanner.errors import CLAIM_ONLY
from scanner.weighing.claim import Claim
from scanner.weighing.uncounted import Uncounted


class Counted:
    """Of one claim, by the revision of the tables that its statement names."""

    def __init__(self, claim: Claim, revision: int) -> None:
        self._uncounted = Uncounted(claim, revision)

    def fault(self, row: EvidenceRow) -> str | None:
        """Why the row cannot be what it says; None if it can."""
        gap = self._uncounted.of(row.asset)(row.account)
        if gap is not None:
            return None if row.outcome == gap else f"can count for nothing: {gap.why}, {gap.detail}"
        if isinstance(row.outcome, Gap) and row.outcome.why in CLAIM_ONLY:
            return f"{row.outcome.why} does not follow from the claim"
        return None
