"""Everything that is read at one block: pinned, read in batches, proven, and found still to be the chain's at the end.

Whatever fails becomes a Gap at exactly the holdings it concerns. Which blocks there are to read is `run`'s part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice

from scanner.chains.interface import Node
from scanner.core.claim import Claim, Holding
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Outcome, Snapshot
from scanner.core.ids import AssetId
from scanner.core.instrument import Instrument
from scanner.core.proving import Proving, drawn
from scanner.core.quorum import agree, settle
from scanner.errors import Why
from scanner.proofs.ownership.validators import stakes
from scanner.proofs.witness import Witness
from scanner.scanning.control import ask_owners, ask_payees
from scanner.scanning.events import ChainLost, ChainPinned, Observer, Progress
from scanner.scanning.panel import Panel
from scanner.scanning.pin import pin, still_pinned
from scanner.scanning.pool import in_turn
from scanner.scanning.prove import Prover
from scanner.scanning.watch import watched

# Holdings a batch. A Bitcoin node reads its whole UTXO set once a batch, however few scripts are asked for; an EVM node
# splits a batch into as many calls as it accepts.
_BATCH = {"bip122": 250_000}
_BATCH_ELSEWHERE = 20_000
_BATCHES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class BlockScan:
    """What was read at one block."""

    snapshot: Snapshot | None
    outcomes: list[Outcome]  # in the order of the holdings that are read there
    owners: Mapping[bytes, ContractOwners | Gap] = field(default_factory=dict)  # by contract account, or validator
    proving: Proving = field(default_factory=Proving)
    witness: Witness = field(default_factory=Witness)


@dataclass(frozen=True, slots=True)
class BlockRun:
    """Everything that is read at one block."""

    claim: Claim
    instrument: Instrument
    panel: Panel
    observe: Observer

    async def scan(
        self,
        height: int | None,
        holdings: Sequence[Holding],
        contracts: Collection[bytes],
        layouts: Mapping[AssetId, str],
    ) -> BlockScan:
        """Read `holdings` at `height`; ask `contracts`, accounts among them, whom they name as their owners.

        `layouts` are those that proofs at other blocks of the chain rest on.
        """
        policy = self.instrument.policy
        pinned = await pin(self.panel, height, self.claim.as_of, policy)
        if isinstance(pinned, Gap):
            return self._lost(len(holdings), pinned)
        snapshot = pinned.value
        self.observe(ChainPinned(snapshot, pinned.operators))
        chosen = drawn(holdings, snapshot, self.instrument.prove)
        prover = Prover(self.panel, snapshot, chosen, policy, layouts)
        await prover.open()
        async with watched(self.panel, self.observe):
            outcomes = await self._read(snapshot, holdings, prover)
        owners = await ask_owners(self.panel, snapshot, contracts, policy)
        payees = await self._payees(snapshot, holdings)
        moved = await still_pinned(snapshot, self.panel, policy)
        if moved is not None:
            return self._lost(len(holdings), moved)
        named = {account: answer if isinstance(answer, Gap) else answer.value for account, answer in owners.items()}
        return BlockScan(snapshot, outcomes, named | payees, prover.proving, prover.witness)

    async def _read(self, snapshot: Snapshot, holdings: Sequence[Holding], prover: Prover) -> list[Outcome]:
        wrong = await self._wrong_decimals(snapshot, {holding.asset for holding in holdings})

        async def read(batch: Batch) -> list[Outcome]:
            if batch.asset in wrong:
                return [wrong[batch.asset]] * len(batch.accounts)
            turn = prover.turn(batch.asset)
            votes = await self.panel.read(batch)
            proven = await prover.prove(batch, votes, turn)
            return settle(votes, len(batch.accounts), self.instrument.policy, proven, certain=batch.asset.native)

        outcomes: list[Outcome] = []
        gaps = 0
        async for settled in in_turn(batches(snapshot, holdings), read, _BATCHES_AT_ONCE):
            outcomes += settled
            gaps += sum(isinstance(outcome, Gap) for outcome in settled)
            self.observe(Progress(self.panel.chain, len(outcomes), len(holdings), gaps))
        return outcomes

    async def _payees(self, snapshot: Snapshot, holdings: Sequence[Holding]) -> dict[bytes, ContractOwners | Gap]:
        """By validator: the account that it pays out to."""
        payees: dict[bytes, ContractOwners | Gap] = {}
        if stakes(snapshot.chain):
            for batch in batches(snapshot, holdings):
                payees |= await ask_payees(self.panel, batch, self.instrument.policy)
        return payees

    async def _wrong_decimals(self, snapshot: Snapshot, assets: set[AssetId]) -> dict[AssetId, Gap]:
        """The assets whose contracts are agreed to count otherwise than the claim says: a claim of 18 decimals for a
        token with 6 makes a million millionth of every balance. A contract that does not say is taken at the claim's
        word, since ERC-20 leaves the choice."""
        wrong = {}
        for asset in sorted(asset for asset in assets if not asset.native):
            found = agree(await self.panel.ask(partial(_decimals, asset, snapshot)), self.instrument.policy)
            claimed = self.claim.assets[asset].decimals
            if not isinstance(found, Gap) and found.value != claimed:
                wrong[asset] = Gap(
                    Why.WRONG_DECIMALS, f"the contract has {found.value} decimals, the claim says {claimed}"
                )
        return wrong

    def _lost(self, holdings: int, gap: Gap) -> BlockScan:
        self.observe(ChainLost(self.panel.chain, gap, holdings))
        return BlockScan(None, [gap] * holdings)


def batches(snapshot: Snapshot, holdings: Iterable[Holding]) -> Iterator[Batch]:
    """The holdings of one chain, in their order, as batches of one asset each."""
    size = _BATCH.get(snapshot.chain.namespace, _BATCH_ELSEWHERE)
    for asset, of_asset in groupby(holdings, key=_asset):
        accounts = (holding.account for holding in of_asset)
        while batch := tuple(islice(accounts, size)):
            yield Batch(snapshot, asset, batch)


async def _decimals(asset: AssetId, snapshot: Snapshot, node: Node) -> int | Gap:
    return await node.decimals(asset, snapshot)


def _asset(holding: Holding) -> AssetId:
    return holding.asset
