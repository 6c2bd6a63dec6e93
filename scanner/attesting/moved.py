"""Accounts that moved what they were instructed to: their transactions walked again, through the witness.

Taken on trust is that the blocks are the chains', which is the signers' word as of every snapshot. All else is walked:
which transaction it is, who made it, what it moved, and when its block was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from scanner.attesting.blocks import check_block, check_one_chain
from scanner.core.control import Control, MovedIn
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.marks import Marks
from scanner.proofs.witness import Witness
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import control
from scanner.weighing.control.movements import walked
from scanner.weighing.moments import dated_ahead


class MovedAccounts:
    """What the witness shows of movements. The records that they rest on are added to `reached`."""

    def __init__(self, claim: Claim, witness: Witness, reached: Marks, scanned_at: datetime) -> None:
        self._claim = claim
        self._witness = witness
        self._reached = reached
        self._scanned_at = scanned_at
        self._blocks: dict[tuple[Chain, str], Snapshot] = {}

    def control(self, position: int, moved: MovedIn) -> Control:
        """The word for one of the claim's holdings. Raises ValueError where nothing is shown of it."""
        record = self._witness.get(moved.record)
        if record is None:
            raise ValueError("is said to have moved what it was instructed to, and the witness has no such record")
        found, verdict = walked(self._claim, self._claim.holdings[position], moved, record)
        check_block(found.block)
        if found.block.time - self._scanned_at > dated_ahead(found.block.chain):
            raise ValueError(f"the block {moved.block}, in which it moved, is dated after the scan")
        self._reached.update((moved.record,))
        self._blocks[found.block.chain, moved.block] = found.block
        return control(verdict)

    def end(self, stated: Iterable[Snapshot]) -> None:
        """That the blocks of movements do not contradict each other, or those that are `stated`. Raises ValueError."""
        by_chain: dict[Chain, list[Snapshot]] = {chain: [] for chain, _ in self._blocks}
        for block in (*stated, *self._blocks.values()):
            by_chain.get(block.chain, []).append(block)
        for chain, blocks in by_chain.items():
            check_one_chain(chain, sorted(blocks, key=lambda block: block.height))
