"""Step 7 and 8 for chains that were read in two passes: that one came after the other, and what follows from both.

The statement names the last block of the first pass, which it calls the one that the chain is weighed at, and the first
and the last of all blocks. Each balance has its two readings in the evidence: one at a block up to the first of these,
one at a later one, each believed for itself, and what counts is what both bear out (`core.two_passes`). That operators
were asked at these blocks is the signers' word, as every reading is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from scanner.attesting.believed import Believed
from scanner.attesting.blocks import check_block
from scanner.attesting.counted import Fault
from scanner.chains.history import reads_only_tip
from scanner.core.evidence import Snapshot
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.two_passes import Between, TwoPasses
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight
from scanner.weighing.moments import dated_ahead


class Passes:
    """Judges every row of the evidence, as they go by."""

    def __init__(
        self,
        between: Mapping[Chain, Between],
        snapshots: Mapping[ChainHeight, Snapshot],
        claim: Claim,
        scanned_at: datetime,
    ) -> None:
        """`between` and `snapshots` as they are stated. Raises ValueError for blocks that cannot be those of a chain
        that was read in two passes."""
        self._turns: dict[Chain, Snapshot] = {}
        self._between = between
        self._hashes: dict[Chain, dict[int, str]] = {}
        for chain, ends in between.items():
            turn = snapshots.get(claim.weighed_at(chain))
            if turn is None or not reads_only_tip(chain):
                raise ValueError(f"{chain} is said to be read in two passes, and was read at one block, or at none")
            self._turns[chain] = turn
            known = self._hashes[chain] = {}
            for block in (turn, ends.earliest, ends.latest):
                check_block(block)
                if known.setdefault(block.height, block.hash) != block.hash:
                    raise ValueError(f"two blocks of {chain} are stated at height {block.height}")
                if block.time - scanned_at > dated_ahead(chain):
                    raise ValueError(f"block {block.height} of {chain} is later than the scan")
            if not ends.earliest.height <= turn.height < ends.latest.height:
                raise ValueError(f"the passes over {chain} are not one after the other")

    def first_fault(self, part: EvidencePart, believed: Believed) -> Fault | None:
        """The first row that was not read in as many passes as its chain, or does not follow from them."""
        chain = part.asset.chain
        if chain not in self._between:
            return (min(part.passes), "was read in two passes, where its chain was not") if part.passes else None
        gaps = frozenset(part.outcomes.gap_positions())
        for at in range(len(part)):
            passes = part.passes.get(at)
            if passes is None:
                if at not in gaps:
                    return at, "was not read in two passes, as its chain was"
                continue
            if fault := self._fault(part[at], passes, believed):
                return at, fault
        return None

    def _fault(self, row: EvidenceRow, passes: TwoPasses, believed: Believed) -> str | None:
        chain, turn = row.asset.chain, self._turns[row.asset.chain].height
        ends, known = self._between[chain], self._hashes[chain]
        if not ends.earliest.height <= passes.first.height <= turn < passes.second.height <= ends.latest.height:
            return f"was read at {passes.first.height} and {passes.second.height}, which are not in its chain's passes"
        for reading in (passes.first, passes.second):
            if known.setdefault(reading.height, reading.block) != reading.block:
                return f"was read at another block {reading.height} than others of its chain"
            if fault := believed.fault_of_words(replace(row, outcome=reading.balance)):
                return f"at {reading.height} {fault}"
        if row.outcome != passes.balance:
            return "is not what both passes bear out"
        return None
