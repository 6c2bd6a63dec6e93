"""What accounts moved that were instructed to: the blocks agreed on, and records that lead to the transactions in them.

That a block is the chain's is the word of the operators, as of every snapshot; which of them hands out a record does
not matter, since it is walked here as it will be for who verifies. A block is settled before anything is asked of it.

Not in here: which amount it had to be, and when (`weighing.control.movements`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scanner.chains.interface import ServesMovements
from scanner.core.control import Control, MovedIn
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256
from scanner.errors import NodeError, Why
from scanner.proofs.control import NamedTransaction, Verdict
from scanner.proofs.witness import MAX_RECORD, Witness
from scanner.scanning.clock import Clock, require_dated_by
from scanner.scanning.events import MovementJudged, Observer
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import pin
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls, control, why
from scanner.weighing.control.movements import instruction, walked
from scanner.weighing.holdings import Holding
from scanner.weighing.policy import Policy


@dataclass(frozen=True, slots=True)
class Movements:
    """What the chains show of the movements of a claim's accounts, by the holdings' positions."""

    controls: Controls
    moved: Mapping[int, MovedIn] = field(default_factory=dict)
    witness: Witness = field(default_factory=Witness)


class MovementAsker:
    """Asks for movements, once for each transaction in a run: all holdings of an account may name the same."""

    def __init__(self, groups: Sequence[NodeGroup], policy: Policy, clock: Clock, observe: Observer) -> None:
        self._groups = {group.chain: group for group in groups}
        self._policy = policy
        self._clock = clock
        self._observe = observe
        self._blocks: dict[tuple[Chain, int], Snapshot | Gap] = {}
        self._records: dict[tuple[Chain, NamedTransaction, bytes, str], tuple[MovedIn, bytes] | Gap] = {}

    async def shown(self, claim: Claim, controls: Controls) -> Movements:
        """What is shown of each account of `controls.moving`. Raises InputError where the clock is behind a block."""
        answers: dict[int, Verdict | Gap] = {}
        moved: dict[int, MovedIn] = {}
        witness = Witness()
        for position in sorted(controls.moving):
            holding = claim.holdings[position]
            found = await self._found(claim, holding)
            if isinstance(found, Gap):
                self._tell(holding, Control.UNVERIFIABLE, f"{found.why} {found.detail}".rstrip())
                answers[position] = found
                continue
            moved[position], record = found
            verdict = answers[position] = walked(claim, holding, *found)[1]
            self._tell(holding, control(verdict), why(verdict))
            witness.add(record)
        return Movements(controls.with_movements(answers), moved, witness) if controls.moving else Movements(controls)

    def _tell(self, holding: Holding, word: Control, reason: str) -> None:
        named = None if holding.ownership is None else holding.ownership.moved
        transaction = "" if named is None else named.hash
        self._observe(MovementJudged(holding.asset.chain, holding.account, transaction, word, reason))

    async def _found(self, claim: Claim, holding: Holding) -> tuple[MovedIn, bytes] | Gap:
        """The block and the record of the transaction that the holding's account names."""
        named = None if holding.ownership is None else holding.ownership.moved
        if named is None or instruction(claim, holding) is None:
            return Gap(Why.UNSUPPORTED, "the claim has no challenge, or does not say when it was issued")
        chain = holding.asset.chain
        key = chain, named, holding.account, holding.asset.reference
        if key not in self._records:
            block = await self._block(chain, named.height)
            self._records[key] = block if isinstance(block, Gap) else await self._record(claim, holding, named, block)
        return self._records[key]

    async def _block(self, chain: Chain, height: int) -> Snapshot | Gap:
        """The block at this height, final, as the operators agree on it."""
        if (chain, height) not in self._blocks:
            pinned = await pin(self._groups[chain], height, self._clock(), self._policy)
            self._blocks[chain, height] = pinned if isinstance(pinned, Gap) else pinned.value
        block = self._blocks[chain, height]
        if isinstance(block, Snapshot):
            require_dated_by(block, self._clock())
        return block

    async def _record(
        self, claim: Claim, holding: Holding, named: NamedTransaction, block: Snapshot
    ) -> tuple[MovedIn, bytes] | Gap:
        """The first record that leads to the transaction; why there is none."""
        gap = Gap(Why.UNSUPPORTED, "no node of this chain shows a transaction in its block")
        for node in (node for nodes in self._groups[block.chain].nodes.values() for node in nodes):
            source = node.capabilities.movements
            if source is None:
                continue
            try:
                record = await _record_of(source, block, named)
                found = MovedIn(block.height, block.hash, keccak256(record))
                shown, _ = walked(claim, holding, found, record)
            except NodeError as error:
                gap = Gap(error.why, error.detail)
            except ValueError as error:  # a ProofError, or a block that is none of an account's movement
                gap = Gap(Why.FORGED, str(error))
            else:
                if shown.block == block:
                    return found, record
                gap = Gap(Why.WRONG_BLOCK, f"the header of {block} has another parent or time")
        return gap


async def _record_of(source: ServesMovements, block: Snapshot, named: NamedTransaction) -> bytes:
    """What one node hands out. Raises NodeError, also for more than a witness takes."""
    record = await source.movement_record(block, named.hash)
    if len(record) > MAX_RECORD:
        raise NodeError(Why.UNSUPPORTED, f"what shows it takes {len(record):,} bytes, at most {MAX_RECORD:,} are kept")
    return record
