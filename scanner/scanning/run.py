"""START READING HERE. The run: from a claim and an instrument to evidence and a finding.

Open the nodes of every chain; check what was published to show control of the accounts; then, all chains side by side,
read every holding at its block (`block.py`). The evidence has one row for each holding of the claim, whatever failed,
and the finding follows from it.

Nothing here prints, signs, or knows what a chain is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scanner.chains import open_node
from scanner.chains.interface import Node
from scanner.core.claim import Claim, Place
from scanner.core.control import ContractOwners
from scanner.core.evidence import EvidenceRow, Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import Instrument, NodeSettings
from scanner.core.proving import Proving
from scanner.core.ratio import Finding, weigh
from scanner.proofs.ownership.controls import Controls
from scanner.proofs.ownership.validators import Payees, stakes
from scanner.proofs.witness import Witness
from scanner.scanning.block import BlockRun, BlockScan
from scanner.scanning.control import check_proofs
from scanner.scanning.events import Observer, ignore
from scanner.scanning.panel import Panel, opened


@dataclass(frozen=True, slots=True)
class Scan:
    """What a run brought home."""

    finding: Finding
    rows: tuple[EvidenceRow, ...]  # one for each of the claim's holdings, in their order
    operators: dict[Chain, tuple[str, ...]]  # whom each chain was asked of
    witness: Witness  # what the proofs of all chains rest on; empty where nothing was proven


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
        controls = Controls.of(claim.holdings, await check_proofs(claim.holdings, claim.challenge, observe=observe))
        contracts, declared = _contracts(claim, controls), claim.by_place()

        async def of_chain(panel: Panel) -> dict[Place, BlockScan]:
            run = BlockRun(claim, instrument, panel, observe)
            scans: dict[Place, BlockScan] = {}
            layouts: dict[AssetId, str] = {}  # by which tokens were proven at the blocks before
            for place, holdings in declared.items():
                chain, height = place
                if chain == panel.chain:
                    scans[place] = await run.scan(height, holdings, contracts.get(place, ()), layouts)
                    layouts |= scans[place].proving.layouts
            return scans

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(of_chain(panel)) for panel in panels]
    scans = {place: scanned for task in tasks for place, scanned in task.result().items()}
    snapshots = {place: scanned.snapshot for place, scanned in scans.items() if scanned.snapshot is not None}
    rows = tuple(_rows(claim, scans, controls))
    provings = [scanned.proving for scanned in scans.values()]
    return Scan(
        finding=weigh(claim, snapshots, rows, instrument.policy, Proving.together(provings, instrument.prove)),
        rows=rows,
        operators={panel.chain: panel.operators for panel in panels},
        witness=Witness.together(scanned.witness for scanned in scans.values()),
    )


def _contracts(claim: Claim, controls: Controls) -> dict[Place, set[bytes]]:
    """The accounts of which only the chain can say who controls them, by where it is to be asked."""
    contracts: dict[Place, set[bytes]] = {}
    for position in controls.waiting:
        holding = claim.holdings[position]
        contracts.setdefault(claim.place_of(holding), set()).add(holding.account)
    return contracts


def _rows(claim: Claim, scans: Mapping[Place, BlockScan], controls: Controls) -> Iterator[EvidenceRow]:
    """One row for each holding, in the claim's order."""
    places = [claim.place_of(holding) for holding in claim.holdings]
    answers: dict[int, ContractOwners | Gap] = {}
    for position in controls.waiting:
        owners = scans[places[position]].owners.get(claim.holdings[position].account)
        if owners is not None:
            answers[position] = owners
    words = controls.with_owners(answers).words
    payees = Payees(claim.holdings, claim.challenge) if any(stakes(chain) for chain in claim.chains) else None
    outcomes = {place: iter(scanned.outcomes) for place, scanned in scans.items()}
    for position, (holding, place) in enumerate(zip(claim.holdings, places, strict=True)):
        snapshot, named, control = scans[place].snapshot, answers.get(position), words[position]
        if payees is not None and stakes(holding.asset.chain):
            named = scans[place].owners.get(holding.account)
            control = payees.control(holding.asset.chain, named if isinstance(named, ContractOwners) else None)
        yield EvidenceRow(
            asset=holding.asset,
            account=holding.account,
            block="" if snapshot is None else snapshot.hash,
            outcome=next(outcomes[place]),
            claimed=holding.claimed,
            control=control,
            owners=named if isinstance(named, ContractOwners) else None,
        )
