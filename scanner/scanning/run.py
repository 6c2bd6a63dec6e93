"""START READING HERE. The run: from a claim and an instrument to evidence and a finding.

For each chain of the claim, all chains side by side: open the nodes, pin one block, read every holding at that block
from every operator, settle what they said, and make sure at the end that the block is still the chain's. Whatever fails
becomes a Gap at exactly the holdings it concerns, so that the evidence has one row for each holding of the claim.

Nothing here prints, signs, or knows what a chain is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice

from scanner.chains import open_node
from scanner.chains.interface import Node
from scanner.core.claim import Claim, Holding
from scanner.core.evidence import Batch, EvidenceRow, Gap, Outcome, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import Instrument, NodeSettings
from scanner.core.proving import Proving, drawn
from scanner.core.quorum import agree, settle
from scanner.core.ratio import Finding, weigh
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.scanning.events import ChainLost, ChainPinned, Observer, Progress, ignore
from scanner.scanning.panel import Panel, opened
from scanner.scanning.pin import pin, still_pinned
from scanner.scanning.pool import in_turn
from scanner.scanning.prove import Prover

# Holdings a batch. A Bitcoin node reads its whole UTXO set once a batch, however few scripts are asked for; an EVM node
# splits a batch into as many calls as it accepts.
_BATCH = {"bip122": 250_000}
_BATCH_ELSEWHERE = 20_000
_BATCHES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Scan:
    """What a run brought home."""

    finding: Finding
    rows: tuple[EvidenceRow, ...]  # one for each of the claim's holdings, in their order
    operators: dict[Chain, tuple[str, ...]]  # whom each chain was asked of
    witness: Witness  # what the proofs of all chains rest on; empty where nothing was proven


@dataclass(frozen=True, slots=True)
class _ChainScan:
    snapshot: Snapshot | None
    outcomes: list[Outcome]  # in the order of the chain's holdings
    proving: Proving = field(default_factory=Proving)
    witness: Witness = field(default_factory=Witness)


async def scan(
    claim: Claim,
    instrument: Instrument,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
) -> Scan:
    """Read every holding of the claim and weigh what is held against what is owed.

    Nodes that fail make Gaps, they do not raise. Raises InputError, before anything is read, for a node that serves
    another chain than its settings say. `connect` makes a node of its settings, for embedders with backends of their
    own; `observe` is told how the run goes on.
    """
    async with opened(claim, instrument, observe=observe, connect=connect) as panels:
        runs = [_ChainRun(claim, instrument, panel, observe) for panel in panels]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run.scan()) for run in runs]
    scans = {run.panel.chain: task.result() for run, task in zip(runs, tasks, strict=True)}
    outcomes = {chain: iter(chain_scan.outcomes) for chain, chain_scan in scans.items()}
    rows = tuple(_row(holding, scans[holding.asset.chain], outcomes[holding.asset.chain]) for holding in claim.holdings)
    snapshots = [chain_scan.snapshot for chain_scan in scans.values() if chain_scan.snapshot is not None]
    provings = [chain_scan.proving for chain_scan in scans.values()]
    return Scan(
        finding=weigh(claim, snapshots, rows, instrument.policy, Proving.together(provings, instrument.prove)),
        rows=rows,
        operators={run.panel.chain: run.panel.operators for run in runs},
        witness=Witness.together(chain_scan.witness for chain_scan in scans.values()),
    )


@dataclass(frozen=True, slots=True)
class _ChainRun:
    """Everything that is read on one chain."""

    claim: Claim
    instrument: Instrument
    panel: Panel
    observe: Observer

    async def scan(self) -> _ChainScan:
        holdings = [holding for holding in self.claim.holdings if holding.asset.chain == self.panel.chain]
        pinned = await pin(self.claim, self.panel, self.instrument.policy)
        if isinstance(pinned, Gap):
            return self._lost(len(holdings), pinned)
        snapshot = pinned.value
        self.observe(ChainPinned(snapshot, pinned.operators))
        chosen = drawn(holdings, snapshot, self.instrument.prove)
        prover = Prover(self.panel, snapshot, chosen, self.instrument.policy)
        await prover.open()
        outcomes = await self._read(snapshot, holdings, prover)
        moved = await still_pinned(snapshot, self.panel, self.instrument.policy)
        if moved is not None:
            return self._lost(len(holdings), moved)
        return _ChainScan(snapshot, outcomes, prover.proving, prover.witness)

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

    def _lost(self, holdings: int, gap: Gap) -> _ChainScan:
        self.observe(ChainLost(self.panel.chain, gap, holdings))
        return _ChainScan(None, [gap] * holdings)


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


def _row(holding: Holding, chain_scan: _ChainScan, outcomes: Iterator[Outcome]) -> EvidenceRow:
    block = chain_scan.snapshot.hash if chain_scan.snapshot else ""
    return EvidenceRow(holding.asset, holding.account, block, next(outcomes), holding.claimed)
