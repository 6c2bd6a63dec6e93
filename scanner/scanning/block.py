"""Everything that is read at one block: pinned, read in batches, proven, and found still to be the chain's at the end.

Whatever fails becomes a Gap at exactly the holdings it concerns. Which blocks there are to read is `run`'s part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scanner.chains.history import reads_only_tip
from scanner.chains.proving import has_proofs
from scanner.chains.registry import family
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Outcome, Snapshot
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.core.sampling import Sample
from scanner.core.two_passes import Between, TwoPasses
from scanner.errors import Why
from scanner.scanning.clock import Clock, require_dated_by, system_clock
from scanner.scanning.control import ask_owners, ask_withdrawal_addresses
from scanner.scanning.count import Count
from scanner.scanning.decimals import check_decimals
from scanner.scanning.events import ChainLost, ChainPinned, Observer
from scanner.scanning.heard_answers import Asking
from scanner.scanning.journal import Journal
from scanner.scanning.meeting import meet
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import later_final_block, newest_final, no_past, pin, still_pinned
from scanner.scanning.pool import in_order
from scanner.scanning.prove import Prover
from scanner.scanning.proven_block import BlockProofs, leave_out_uncounted, prove_block
from scanner.scanning.two_passes import BothPasses, read_twice
from scanner.scanning.watch import watched
from scanner.weighing.claim import Asset, Claim
from scanner.weighing.control.validators import is_validator_chain
from scanner.weighing.holdings import BlockHoldings
from scanner.weighing.instrument import Instrument
from scanner.weighing.quorum import settle
from scanner.weighing.uncounted import Uncounted

_BATCHES_AT_ONCE = 4
_NO_SERIES = Gap(Why.NO_PAST, "such a chain can be read only as it is now, so that there is no series of it")
_MOST_AT_ONE_BLOCK = 16  # questions: with more of them operators are hardly ever at one block all the while


@dataclass(frozen=True, slots=True)
class BlockScan:
    """What was read at one block."""

    snapshot: Snapshot | None
    outcomes: Outcomes  # in the order of the holdings that are read there
    owners: Mapping[bytes, ContractOwners | Gap] = field(default_factory=dict)  # by contract account, or validator
    proofs: BlockProofs = field(default_factory=BlockProofs)
    seed_block: Snapshot | None = None  # of which the seed for the sample was made
    passes: dict[int, TwoPasses] = field(default_factory=dict)  # by position in `outcomes`: how balances were read
    between: Between | None = None  # the blocks between which all is read, where that was done in two passes


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Everything that is read at one block."""

    claim: Claim
    instrument: Instrument
    group: NodeGroup
    journal: Journal | None
    observe: Observer
    count: Count
    clock: Clock = system_clock

    async def scan(
        self,
        height: int | None,
        declared: BlockHoldings,
        contracts: Collection[bytes],
    ) -> BlockScan:
        """Read what is `declared` at `height`; ask `contracts`, accounts among them, which owners they name.

        Raises InputError where the clock is behind the block.
        """
        policy = self.instrument.policy
        if reads_only_tip(self.group.chain):
            return await self._scan_now(height, declared, contracts)
        if height is None and self.claim.newest:
            pinned = await newest_final(self.group, policy)
        else:
            pinned = await pin(self.group, height, self.claim.as_of, policy)
        if isinstance(pinned, Gap):
            self.count.add(len(declared), len(declared))
            return self._lost(len(declared), pinned)
        snapshot = pinned.value
        require_dated_by(snapshot, self.clock())
        self.observe(ChainPinned(snapshot, pinned.operators))
        async with watched(self.group, self.observe):
            outcomes = await self._read(snapshot, declared)
        leave_out_uncounted(Uncounted(self.claim), declared, outcomes)
        prover = Prover(self.group, snapshot, self.journal)
        seed_block, seed = await self._seed(snapshot)
        proofs = await prove_block(self.instrument, prover, declared, outcomes, seed)
        owners = await ask_owners(self.group, snapshot, contracts, policy)
        payees = await self._payees(snapshot, declared)
        moved = await still_pinned(snapshot, self.group, policy)
        if moved is not None:
            return self._lost(len(declared), moved)
        named = {account: answer if isinstance(answer, Gap) else answer.value for account, answer in owners.items()}
        return BlockScan(snapshot, outcomes, named | payees, proofs, seed_block)

    async def _scan_now(self, height: int | None, declared: BlockHoldings, contracts: Collection[bytes]) -> BlockScan:
        """The same of a chain that can be read only as it is now: at whichever block the operators meet, or in two
        passes over many."""
        policy, as_of = self.instrument.policy, self.claim.as_of
        gap = no_past(height, as_of, self.clock(), policy) or (_NO_SERIES if self.claim.sampled else None)
        read = await self._read_now(list(_questions(declared))) if gap is None else gap
        if not isinstance(read, Gap):
            for block in (read.earliest, read.latest):
                require_dated_by(block, self.clock())
                gap = gap or no_past(height, as_of, block.time, policy)
            read = read if gap is None else gap
        if isinstance(read, Gap):
            self.count.add(len(declared), len(declared))
            return self._lost(len(declared), read)
        self.observe(ChainPinned(read.turn, read.operators))
        decimals = await check_decimals(self.group, read.turn, self._assets(declared), policy)
        outcomes, start = Outcomes(), 0
        for question in _questions(declared):
            count = len(question.accounts)
            wrong = decimals.wrong.get(question.asset)
            settled = Outcomes.missing(count, wrong) if wrong else read.outcomes[start : start + count]
            outcomes.join(settled if wrong else decimals.believed(question.asset, settled))
            self.count.add(count, settled.gaps)
            start += count
        leave_out_uncounted(Uncounted(self.claim), declared, outcomes)
        owners = await ask_owners(self.group, read.turn, contracts, policy)
        named = {account: answer if isinstance(answer, Gap) else answer.value for account, answer in owners.items()}
        passes = {at: both for at, both in read.passes.items() if outcomes[at] == both.balance}
        between = Between(read.earliest, read.latest) if read.passes else None
        return BlockScan(read.turn, outcomes, named, passes=passes, between=between)

    async def _read_now(self, questions: Sequence[Asking]) -> BothPasses | Gap:
        """What is read at one block, if that can be everything; else in two passes."""
        policy = self.instrument.policy
        if len(questions) > _MOST_AT_ONE_BLOCK:
            return await read_twice(self.group, questions, policy)
        met = await meet(self.group, questions, policy)
        if isinstance(met, Gap):
            return met
        if not met.whole:
            return await read_twice(self.group, questions, policy)
        outcomes = Outcomes()
        for question, votes in zip(questions, met.votes, strict=True):
            outcomes.join(settle(votes, len(question.accounts), policy))
        return BothPasses(met.snapshot, met.operators, met.snapshot, met.snapshot, outcomes, {})

    async def compare(self, height: int, declared: BlockHoldings) -> BlockScan:
        """What `declared` held at `height`, where its amounts are claimed. For comparison alone: nothing is proven and
        no account is asked for owners. Raises InputError where the clock is behind the block."""
        policy = self.instrument.policy
        if reads_only_tip(self.group.chain):
            gap = no_past(height, self.claim.as_of, self.clock(), policy)
            return BlockScan(None, Outcomes.missing(len(declared), gap or Gap(Why.NO_PAST)))
        pinned = await pin(self.group, height, self.claim.as_of, policy)
        if isinstance(pinned, Gap):
            return BlockScan(None, Outcomes.missing(len(declared), pinned))
        snapshot = pinned.value
        require_dated_by(snapshot, self.clock())
        decimals = await check_decimals(self.group, snapshot, self._assets(declared), policy)

        async def read(batch: Batch) -> Outcomes:
            if batch.asset in decimals.wrong:
                return Outcomes.missing(len(batch.accounts), decimals.wrong[batch.asset])
            return decimals.believed(batch.asset, await self._asked(batch))

        outcomes = Outcomes()
        async for settled in in_order(batches(snapshot, declared), read, _BATCHES_AT_ONCE):
            outcomes.join(settled)
        moved = await still_pinned(snapshot, self.group, policy)
        if moved is not None:
            return BlockScan(None, Outcomes.missing(len(declared), moved))
        return BlockScan(snapshot, outcomes)

    async def _seed(self, snapshot: Snapshot) -> tuple[Snapshot | None, bytes | None]:
        """The block that a sample's seed is made of, the same in every run that goes on from another; and the seed."""
        size = self.instrument.prove
        if not size or not has_proofs(snapshot.chain):
            return None, None
        block = None if self.journal is None else self.journal.seed_block(snapshot)
        if block is None:
            block = await later_final_block(self.group, snapshot, self.instrument.policy)
            if block is not None:
                require_dated_by(block, self.clock())
            if block is not None and self.journal is not None:
                self.journal.keep_seed_block(snapshot, block)
        blocks = {} if block is None else {snapshot.chain: block}
        return block, Sample(size, self.instrument.nonce, blocks).seed(self.claim.digest, snapshot.chain)

    async def _read(self, snapshot: Snapshot, declared: BlockHoldings) -> Outcomes:
        decimals = await check_decimals(self.group, snapshot, self._assets(declared), self.instrument.policy)

        async def read(batch: Batch) -> Outcomes:
            if batch.asset in decimals.wrong:
                settled, kept = Outcomes.missing(len(batch.accounts), decimals.wrong[batch.asset]), False
            else:
                read_or_kept, kept = await self._settled(batch)
                settled = decimals.believed(batch.asset, read_or_kept)
            self.count.add(len(settled), settled.gaps, kept=kept)
            return settled

        outcomes = Outcomes()
        async for settled in in_order(batches(snapshot, declared), read, _BATCHES_AT_ONCE):
            outcomes.join(settled)
        return outcomes

    def _assets(self, declared: BlockHoldings) -> list[Asset]:
        return [self.claim.assets[asset] for asset in declared.assets]

    async def _settled(self, batch: Batch) -> tuple[Outcomes, bool]:
        """What the batch comes to, and whether the journal had it already; what it had not is asked for, and added."""
        kept = None if self.journal is None else self.journal.find(batch)
        if kept is None:
            settled = await self._asked(batch)
        elif kept.again:
            settled = kept.outcomes[:]
            missing = [at for at in settled.gap_positions() if not _stands(settled[at])]
            if not missing:
                return kept.outcomes, True
            for position, outcome in zip(missing, await self._asked(batch.take(missing)), strict=True):
                settled[position] = outcome
        else:
            return kept.outcomes, True
        if self.journal is not None:
            self.journal.keep(batch, settled)
        return settled, False

    async def _asked(self, batch: Batch) -> Outcomes:
        return settle(await self.group.read(batch), len(batch.accounts), self.instrument.policy)

    async def _payees(self, snapshot: Snapshot, declared: BlockHoldings) -> dict[bytes, ContractOwners | Gap]:
        """By validator: the account that it pays out to."""
        payees: dict[bytes, ContractOwners | Gap] = {}
        if is_validator_chain(snapshot.chain):
            for batch in batches(snapshot, declared):
                payees |= await ask_withdrawal_addresses(self.group, batch, self.instrument.policy)
        return payees

    def _lost(self, holdings: int, gap: Gap) -> BlockScan:
        self.observe(ChainLost(self.group.chain, gap, holdings))
        return BlockScan(None, Outcomes.missing(holdings, gap))


def _stands(outcome: Outcome) -> bool:
    """Whether a gap is a finding of its own: a contract that distinguished callers is not asked until it does not."""
    return isinstance(outcome, Gap) and outcome.why is Why.CALLER_DEPENDENT


def batch_size(asset: AssetId) -> int:
    """Accounts of one question about this asset."""
    known = family(asset.chain)
    return known.batch if asset.native else known.token_batch or known.batch


def _questions(declared: BlockHoldings) -> Iterator[Asking]:
    """What is declared at one place, in its order, as questions of one asset each."""
    for share in declared.shares:
        size = batch_size(share.held.asset)
        for start in range(0, len(share), size):
            yield Asking(share.held.asset, share.held.accounts.take(share.positions[start : start + size]))


def batches(snapshot: Snapshot, declared: BlockHoldings) -> Iterator[Batch]:
    """What is declared at one place, in its order, as batches of one asset each.

    A batch is what a kill may cost, and what progress is reported by.
    """
    for question in _questions(declared):
        yield Batch(snapshot, question.asset, question.accounts)
