"""What `scanner check` says of accounts that can count for nothing, whatever lies there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.chains.accounts import account_text
from scanner.cli.check_result import CheckResult, Grade
from scanner.weighing.claim import Claim
from scanner.weighing.uncounted import Uncounted

_NAMED: Final = 5


def points(claim: Claim) -> Iterator[CheckResult]:
    """A point for each asset with such accounts: how many, the first of them, and why."""
    uncounted = Uncounted(claim)
    for part in claim.holdings.parts:
        found = [(account, gap) for account in part.accounts if (gap := uncounted.of(part.asset)(account)) is not None]
        if not found:
            continue
        named = [f"{account_text(part.asset.chain, key)} ({gap.why}: {gap.detail})" for key, gap in found[:_NAMED]]
        more = f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        count = "1 holding" if len(found) == 1 else f"{len(found):,} holdings"
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"{count} of {claim.assets[part.asset].label} that can count for nothing: {'; '.join(named)}{more}",
            "They will be gaps, whatever lies there: nothing is counted for them, and the unit cannot be SHORT.",
            "Ask the exchange what it means by them, or take them out.",
        )
