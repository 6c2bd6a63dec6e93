"""One row of the evidence: what was established about one holding, by whichever way.

Not in here: what is read of nodes, and what is believed of it (`evidence`); rows by the thousand (`evidence_part`).
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.core.control import ChainsWord, Control
from scanner.core.evidence import Outcome
from scanner.core.ids import AssetId
from scanner.core.two_passes import TwoPasses


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One holding with what was established about it: a line of the evidence file."""

    asset: AssetId
    account: bytes
    block: str  # hash of the snapshot; "" where the chain could not be pinned
    outcome: Outcome
    claimed: int | None  # atoms
    control: Control = Control.ABSENT  # what the proof published for the account shows
    owners: ChainsWord | None = None  # which owners the account names, or where it moved; where the chain was asked
    elsewhere: Elsewhere | None = None  # where the amount is claimed at another height than that of `block`
    tolerance: int = 0  # atoms by which `claimed` may be off for the way it is written
    height: int | None = None  # of which a published row says that its amount is
    passes: TwoPasses | None = None  # where the chain's accounts were read twice: both readings


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What an account held at the block at which the claim's amount is said to be of: for comparison alone."""

    block: str = ""  # hash; "" where it could not be pinned
    found: int | None = None  # atoms; None where they could not be established
