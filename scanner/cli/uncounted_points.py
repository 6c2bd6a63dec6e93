"""What `scanner check` says of accounts that will be gaps whatever lies there: they can count for nothing, or are not
read by the name that the claim has of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import Final

from scanner.chains.accounts import account_text
from scanner.chains.registry import family
from scanner.cli.check_result import CheckResult, Grade
from scanner.core.ids import Chain
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
        listed = _listed(part.asset.chain, [(key, f"{gap.why}: {gap.detail}") for key, gap in found])
        yield CheckResult(
            Grade.NOTE,
            "claim",
            f"{_holdings(found)} of {claim.assets[part.asset].label} that can count for nothing: {listed}",
            "They will be gaps, whatever lies there: nothing is counted for them, and the unit cannot be SHORT.",
            "Ask the exchange what it means by them, or take them out.",
        )


def second_names(claim: Claim) -> Iterator[CheckResult]:
    """A point for each asset with accounts that no node reads by the name that the claim has of them."""
    for part in claim.holdings.parts:
        of = family(part.asset.chain)
        if not of.has_second_names:
            continue
        found = [(key, why) for key in part.accounts if (why := of.second_name(part.asset, key)) is not None]
        if found:
            listed = _listed(part.asset.chain, found)
            yield CheckResult(
                Grade.NOTE,
                "claim",
                f"{_holdings(found)} of {claim.assets[part.asset].label} not read by this name: {listed}",
                "They will be gaps (UNSUPPORTED): nothing is counted for them, and the unit cannot be SHORT.",
                "Name each account by its other address, which the chain's explorers show.",
            )


def _listed(chain: Chain, found: Sequence[tuple[bytes, str]]) -> str:
    """The first of them with the reason, and how many more there are."""
    named = [f"{account_text(chain, key)} ({why})" for key, why in found[:_NAMED]]
    return "; ".join(named) + (f"; and {len(found) - _NAMED:,} more" if len(found) > _NAMED else "")


def _holdings(found: Sized) -> str:
    return "1 holding" if len(found) == 1 else f"{len(found):,} holdings"
