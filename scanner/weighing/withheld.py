"""Why no verdict is given on a unit, whatever is held of it: of different moments, or a liability that is not shown.

The words are in the finding, each with a sentence. Not here: how far blocks lie apart (`moments`), and what a published
proof shows (`proofs.liabilities`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from scanner.core.shows import Shows
from scanner.weighing.claim import Liability
from scanner.weighing.moments import Weighed, apart
from scanner.weighing.policy import Policy


class Withheld(StrEnum):
    """The names are part of the attestation format."""

    MOMENTS_APART = "MOMENTS_APART"  # its blocks, or one of them and the claim's moment, lie too far apart
    OWED_CONTRADICTED = "OWED_CONTRADICTED"  # the published proof of what is owed contradicts the claim, or itself
    OWED_UNSHOWN = "OWED_UNSHOWN"  # less is shown of what is owed than the policy requires


def reasons_withheld(
    liability: Liability, blocks: Sequence[Weighed], as_of: datetime, policy: Policy
) -> dict[Withheld, str]:
    """Each reason in words; empty where a verdict may be given."""
    reasons = {
        Withheld.MOMENTS_APART: apart(blocks, as_of, policy.max_skew),
        Withheld.OWED_CONTRADICTED: liability.contradicted,
        Withheld.OWED_UNSHOWN: unshown(liability, policy.shown_of(liability.unit)),
    }
    return {why: reason for why, reason in reasons.items() if reason}


def is_decisive(withheld: Collection[Withheld], owed: Fraction) -> bool:
    """Whether no verdict may be given. Where nothing is owed it does not matter when what is held was held."""
    return bool(withheld if owed else set(withheld) - {Withheld.MOMENTS_APART})


def unshown(liability: Liability, required: Shows) -> str | None:
    """Why what is shown of the amount owed is less than what is required, if it is."""
    shown = liability.basis.shows
    if shown.strength >= required.strength:
        return None
    return f"what is owed is {shown}, and the policy requires {required}"
