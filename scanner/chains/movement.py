"""What a family's movement prover is: how it is shown that an account made the transaction it was instructed to make.

Many custodians cannot sign a message, and can move an amount that others chose. A node hands out one record that leads
from the block's hash to the transaction (`interface.ServesMovements`): the prover walks it, so that anything
false in it has no place. It is pure, and the same for the scan that fetches the record and for the verifier.

Not here: which amount it is, and when it had to be moved (`weighing.control.movements`); which families have a prover
(`family`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scanner.core.control import MovedIn
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain


@dataclass(frozen=True, slots=True)
class Instruction:
    """What an account was instructed to move, and the transaction in which it is said to have done so."""

    asset: AssetId  # the account's; what is moved may be the chain's own coin all the same
    account: bytes
    atoms: int
    transaction: str  # its hash, as the chain's explorers write it


@dataclass(frozen=True, slots=True)
class Movement:
    """What is shown of the transaction that was named."""

    block: Snapshot
    fault: str  # why it is not the one that was asked for; empty if it is


class MovementProver(Protocol):
    """A family's prover of movements on one of its chains."""

    @property
    def least(self) -> int:
        """The smallest amount, in atoms, that an account is instructed to move: one that nodes pass on."""

    def block(self, chain: Chain, moved: MovedIn, record: bytes) -> Snapshot:
        """The block where the transaction is said to be, by its header in the record. Raises ProofError."""

    def walk(self, asked: Instruction, moved: MovedIn, record: bytes) -> Movement:
        """What the record shows of the transaction in the block where it is said to be. Raises ProofError for a record
        that does not lead from that block to that transaction."""
