"""START READING HERE. The run: from a claim and an instrument to evidence and a finding.

Open the nodes of every chain; check what was published to show control of the accounts; then, all chains and a few
heights of each side by side, read every holding at its block (`block.py`), going on from the journal of an earlier run
where there is one. The evidence has one row for each holding of the claim, whatever failed, and the finding follows.

Nothing here prints, signs, or knows what a chain is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from scanner.chains.backends import open_node
from scanner.chains.interface import Node
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.core.sampling import Sample
from scanner.errors import ScannerError
from scanner.proofs.witness import Witness
from scanner.scanning.block import BlockRun, BlockScan
from scanner.scanning.clock import Clock, require_past, system_clock
from scanner.scanning.cluster import on_cluster
from scanner.scanning.control import asked_contracts, check_proofs
from scanner.scanning.count import Count
from scanner.scanning.events import Observer, ignore
from scanner.scanning.journal import Journal
from scanner.scanning.movements import MovementAsker, Movements
from scanner.scanning.node_group import NodeGroup, opened
from scanner.scanning.proven_block import judge_words, own_operators
from scanner.scanning.rows import Evidence
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.validators import WithdrawalAccounts, is_validator_chain
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import BlockHoldings, ChainHeight
from scanner.weighing.instrument import Instrument
from scanner.weighing.matched import matched
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import Weighing
from scanner.weighing.uncounted import Uncounted

if TYPE_CHECKING:
    from distributed import Client

_HEIGHTS_AT_ONCE: Final = 4  # of one chain: each takes some round trips one after another, whatever is read there


@dataclass(frozen=True, slots=True)
class Scan:
    """What a run brought home."""

    finding: Finding
    rows: Collection[EvidenceRow]  # one for each of the claim's holdings, in their order
    operators: dict[Chain, tuple[str, ...]]  # which operators each chain was asked of
    own: tuple[str, ...]  # which operators are the auditor, sorted
    witness: Witness  # what the proofs of all chains rest on; empty where nothing was proven
    notes: tuple[str, ...] = ()  # what an attestation has to say of the nodes
    workers: Sequence[Mapping[Chain, tuple[str, ...]]] | None = None  # of a cluster: for which operators each spoke
    controls: Controls | None = None  # what was published for the claim's accounts shows, without the chain
    gaps: int = 0  # holdings of which nothing could be established; the policy may count more as gaps


async def scan(
    claim: Claim,
    instrument: Instrument,
    *,
    observe: Observer = ignore,
    connect: Callable[[NodeSettings], Node] = open_node,
    journal: Journal | None = None,
    cluster: str | Client | None = None,
    cluster_plaintext: bool = False,
    clock: Clock = system_clock,
) -> Scan:
    """Read every holding of the claim and weigh what is held against what is owed.

    Nodes that fail make Gaps, they do not raise. Raises InputError, before anything is read, for a claim of a moment to
    come by `clock`; and at any time where a block is of the future by it, or the journal cannot be written. `connect`
    makes a node of its settings, for embedders with backends of their own; `observe` is called with how the run goes
    on; `journal`, an open one, makes of a run that was killed one that goes on where it was; `cluster`, a Dask
    scheduler's address or a client of one, has the nodes asked by its workers, to which `connect` then goes by its
    name; `cluster_plaintext` allows one on another machine to be spoken to unencrypted. InputError is raised where the
    cluster cannot be used, or is lost.
    """
    require_past(claim.as_of, clock())
    if journal is not None:
        journal.begin(plan(claim, instrument), configured(instrument), observe)
    async with (
        on_cluster(cluster, connect, observe, plaintext=cluster_plaintext) as (nodes, workers),
        opened(claim, instrument, observe=observe, connect=nodes) as groups,
    ):
        movements = MovementAsker(groups, instrument.policy, clock, observe)
        run = ClaimRun(instrument, groups, await controls_of(claim, observe), journal, observe, clock, movements)
        found = await run.weighed(claim, await run.blocks(claim))
    if journal is not None and found.gaps:
        journal.end_round()
    return found if workers is None else replace(found, workers=workers.by_worker())


async def controls_of(claim: Claim, observe: Observer) -> Controls:
    """What was published to show control of the claim's accounts shows, without the chain."""
    verdicts = await check_proofs(claim.holdings, claim.challenge, claim.revision, observe=observe)
    return Controls.of(claim.holdings, verdicts)


@dataclass(frozen=True, slots=True)
class ClaimRun:
    """A claim's holdings read by nodes that are open, at the moment of that claim; and what they come to."""

    instrument: Instrument
    groups: Sequence[NodeGroup]
    controls: Controls
    journal: Journal | None
    observe: Observer
    clock: Clock
    movements: MovementAsker

    async def blocks(self, claim: Claim) -> dict[ChainHeight, BlockScan]:
        """All chains, and a few heights of each, side by side. Raises as `scan` does."""
        contracts, declared = asked_contracts(claim, self.controls), claim.by_place()
        elsewhere = claim.compared_elsewhere()

        async def read_chain(group: NodeGroup) -> dict[ChainHeight, BlockScan]:
            of_chain = {place: rows for place, rows in declared.items() if place[0] == group.chain}
            count = Count(group.chain, sum(map(len, of_chain.values())), self.observe)
            run = BlockRun(claim, self.instrument, group, self.journal, self.observe, count, self.clock)
            room = asyncio.Semaphore(_HEIGHTS_AT_ONCE)

            async def weighed(place: ChainHeight, rows: BlockHoldings) -> dict[ChainHeight, BlockScan]:
                async with room:
                    return {place: await run.scan(place[1], rows, contracts.get(place, ()))}

            async def compared(height: int, rows: BlockHoldings) -> dict[ChainHeight, BlockScan]:
                async with room:
                    return {(group.chain, height): await run.compare(height, rows)}

            return await _side_by_side(
                [
                    *(weighed(place, rows) for place, rows in of_chain.items()),
                    *(
                        compared(height, rows)
                        for (chain, height), rows in elsewhere.items()
                        if chain == group.chain and height is not None
                    ),
                ]
            )

        return await _side_by_side([read_chain(group) for group in self.groups])

    async def weighed(self, claim: Claim, scans: Mapping[ChainHeight, BlockScan]) -> Scan:
        """What was read comes to this finding. Accounts' movements are asked for here: the nodes have to be open."""
        moved = await self.movements.shown(claim, self.controls)
        instrument, declared = self.instrument, claim.by_place()
        unproven = judge_words(
            instrument,
            [
                (rows, scans[place].outcomes, scans[place].proofs, scans[place].passes)
                for place, rows in declared.items()
            ],
        )
        snapshots = {place: scanned.snapshot for place, scanned in scans.items() if scanned.snapshot is not None}
        between = {place[0]: scanned.between for place, scanned in scans.items() if scanned.between is not None}
        rows = _evidence(claim, scans, moved)
        proving = Proving.together(
            (scanned.proofs.proving for scanned in scans.values()), unproven, _sample(instrument, scans)
        )
        return Scan(
            finding=(await _weighed(claim, rows, instrument.policy)).finding(snapshots, proving, between),
            rows=rows,
            operators={group.chain: _heard(group, scans) for group in self.groups if group.chain in claim.chains},
            own=tuple(sorted(own_operators(instrument))),
            witness=Witness.together([*(scanned.proofs.witness for scanned in scans.values()), moved.witness]),
            notes=instrument.notes(claim.chains),
            controls=self.controls,
            gaps=sum(scans[place].outcomes.gaps for place in declared),
        )


async def _weighed(claim: Claim, rows: Evidence, policy: Policy) -> Weighing:
    """All rows weighed; other work that waits meanwhile, an interruption too, has its turn."""
    weighing = Weighing(claim, policy)
    for each in matched(claim.holdings, rows.parts()):
        weighing.add(each)
        await asyncio.sleep(0)
    for _ in weighing.drop_aliases():
        await asyncio.sleep(0)
    return weighing


def _sample(instrument: Instrument, scans: Mapping[ChainHeight, BlockScan]) -> Sample | None:
    """How the sample was drawn, as it is stated; None where everything was to be proven."""
    if instrument.prove is None:
        return None
    blocks = {chain: scanned.seed_block for (chain, _), scanned in scans.items() if scanned.seed_block is not None}
    return Sample(instrument.prove, instrument.nonce if instrument.prove else None, blocks)


def plan(claim: Claim, instrument: Instrument) -> dict[str, Any]:
    """What the batches of one run have in common, and those of another may not."""
    policy = instrument.policy
    return {
        "claim": claim.digest,
        "quorum": policy.quorum,
        "dissent": policy.dissent,
        "prove": instrument.prove,
        "nonce": instrument.nonce,
    }


def configured(instrument: Instrument) -> dict[Chain, list[tuple[str, bool]]]:
    operators: dict[Chain, set[tuple[str, bool]]] = {}
    for node in instrument.nodes:
        operators.setdefault(node.chain, set()).add((node.operator, node.own))
    return {chain: sorted(names) for chain, names in operators.items()}


async def _side_by_side(scans: list[Coroutine[Any, Any, dict[ChainHeight, BlockScan]]]) -> dict[ChainHeight, BlockScan]:
    """All of them together. Raises the first ScannerError of one, once the others are cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in scans]
    except BaseExceptionGroup as failed:
        ours = failed.subgroup(ScannerError)
        if ours is None:
            raise
        raise _first(ours) from None
    return {place: scanned for task in tasks for place, scanned in task.result().items()}


def _first(failed: BaseExceptionGroup[ScannerError]) -> ScannerError:
    """One error to tell, of a group that may hold groups."""
    error = failed.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _heard(group: NodeGroup, scans: Mapping[ChainHeight, BlockScan]) -> tuple[str, ...]:
    """The operators that the chain was asked of: in this run, and in those that it goes on from."""
    names = set(group.operators)
    for (chain, _), scanned in scans.items():
        if chain == group.chain:
            for ground in scanned.outcomes.grounds.distinct:
                if isinstance(ground, Gap):
                    names.update(name for name, _ in ground.said)
                else:
                    names.update(ground.operators, (name for name, _ in ground.dissent))
    return tuple(sorted(names))


def _evidence(claim: Claim, scans: Mapping[ChainHeight, BlockScan], moved: Movements) -> Evidence:
    """All rows, with what the chain was asked about who controls their accounts."""
    controls = moved.controls
    answers: dict[int, ContractOwners | Gap] = {}
    for position in controls.waiting:
        holding = claim.holdings[position]
        owners = scans[claim.place_of(holding)].owners.get(holding.account)
        if owners is not None:
            answers[position] = owners
    words = controls.with_owners(answers).words
    _judge_stakes(claim, scans, words, answers)
    return Evidence(
        holdings=claim.holdings,
        place_of=claim.weighed_at,
        blocks={place: scanned.snapshot.hash for place, scanned in scans.items() if scanned.snapshot is not None},
        outcomes={place: scans[place].outcomes for place in claim.by_place()},
        compared={place: scans[place].outcomes for place in claim.compared_elsewhere()},
        controls=words,
        owners={position: named for position, named in answers.items() if isinstance(named, ContractOwners)}
        | dict(moved.moved),
        uncounted=Uncounted(claim),
        passes={place: scanned.passes for place, scanned in scans.items() if scanned.passes},
    )


def _judge_stakes(
    claim: Claim,
    scans: Mapping[ChainHeight, BlockScan],
    words: Coded[Control],
    answers: dict[int, ContractOwners | Gap],
) -> None:
    """Who controls a stake follows from the account that its validator pays out to."""
    if not any(map(is_validator_chain, claim.chains)):
        return
    payees = WithdrawalAccounts(claim.holdings, claim.challenge, claim.revision)
    for position, holding in enumerate(claim.holdings):
        if is_validator_chain(holding.asset.chain):
            named = scans[claim.place_of(holding)].owners.get(holding.account)
            words[position] = payees.control(holding.asset.chain, named if isinstance(named, ContractOwners) else None)
            if named is not None:
                answers[position] = named
