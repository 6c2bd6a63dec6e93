"""What a scan will ask of each operator, found out before anything is read: the scan's own code puts its questions to
nodes that are not there (`chains.rehearsal`), for each asset of each chain, and what they were asked is added up.

Healthy nodes are assumed, which agree, and accounts that all hold something, so unequally that samples are as large as
they may be. What depends on what nodes will answer is not in it: questions asked again, the histories of Bitcoin
accounts, and what proofs of tokens take whose code reads more than one word for a balance.
A claim that lists very many accounts of an asset is rehearsed with some of them, and the rest follows from these.

Not in here: what operators charge or allow (`sources.presets`), and how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.chains.interface import Node
from scanner.chains.proving import has_proofs
from scanner.chains.rehearsal import AskedOfNode, Scene, account, has_server, newest, rehearsed, time_of
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.scanning.block import BlockRun
from scanner.scanning.count import Count
from scanner.scanning.events import ignore
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import AssetRows, BlockHoldings, HeldAsset, Holdings
from scanner.weighing.instrument import Instrument

MOST_ROWS: Final = 10_000  # of one asset that are rehearsed: whole batches, more than any way of asking takes at once
_NEAR, _DEPTH = -1, 20_000  # a block of a rehearsal that every chain calls final, by its distance from the newest
MOST_HEIGHTS: Final = 8  # at which amounts are compared, that are rehearsed

Ways = Mapping[tuple[Chain, str], tuple[str, ...]]
"""In which ways an operator's node answers, best first; those that nothing is known of, in all of their kind's."""


class Step(StrEnum):
    """What is asked for."""

    OPENING = "opening, and the block"
    READING = "balances"
    SECOND = "tokens' balances a second time"
    COMPARING = "amounts at rows' own blocks"
    OWNERS = "owners of contracts"
    PROVE_ALL = "proofs of all"
    PROVE_SAMPLE = "proofs of a sample"
    MOMENT = "the block of a further moment"  # of a series, each


@dataclass(frozen=True, slots=True)
class OperatorPlan:
    """What the nodes of one operator will be asked about one chain."""

    operator: str
    kind: str
    nodes: int  # which share the questions
    at_once: int  # requests
    ways: tuple[str, ...]
    steps: Mapping[Step, AskedOfNode]

    def total(self, proving: int | None, sample: int) -> AskedOfNode:
        """All together. `proving`: how many of each asset are proven, None for all; a sample is of size `sample`."""
        return self._sum(proving, sample, {})

    def of_series(self, moments: int, searches: int, proving: int | None, sample: int) -> AskedOfNode:
        """The same of so many moments, of which each but the first has its block searched for, and of so many searches
        beside: opening and comparing is done once."""
        once = (Step.OPENING, Step.COMPARING)
        times: dict[Step, int] = {step: moments for step in Step if step not in once}
        times[Step.MOMENT] = moments - 1 + searches
        return self._sum(proving, sample, times)

    def _sum(self, proving: int | None, sample: int, times: Mapping[Step, int]) -> AskedOfNode:
        """All steps, those named so many times; each is taken once, and a further moment not at all, unless named."""
        left_out = {Step.PROVE_ALL, Step.PROVE_SAMPLE}
        if proving is None:
            left_out = {Step.PROVE_SAMPLE}
        elif proving == sample:
            left_out = {Step.PROVE_ALL}
        total = AskedOfNode()
        for step, asked in self.steps.items():
            if step not in left_out:
                total = total.plus(asked, times.get(step, int(step is not Step.MOMENT)))
        return total


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """What is asked about one chain."""

    chain: Chain
    rows: int
    compared: int  # rows that are read a second time at blocks of their own
    heights: int  # how many blocks these are
    operators: tuple[OperatorPlan, ...]
    unknown: tuple[AssetId, ...] = ()  # of whose proofs it is not known beforehand how many questions they take


async def plan(
    claim: Claim,
    instrument: Instrument,
    chains: Collection[Chain],
    *,
    ways: Ways,
    sample: int,
    most_calls: Callable[[str], int | None],
    series: bool = False,
) -> list[ChainPlan]:
    """By chain. `most_calls`: how many calls an operator takes in one request, where that is known; `series`: whether
    it is to be known too what a series takes."""
    plans = []
    for chain in sorted(chains):
        nodes = instrument.for_chain(chain)
        if not nodes:
            continue
        of_chain = {asset: count for asset, count in claim.holdings.counts().items() if asset.chain == chain}
        elsewhere = [_counts(rows) for (on, _), rows in claim.compared_elsewhere().items() if on == chain]
        scenes = {
            node.operator: Scene(
                ways=ways.get((chain, node.operator), ()),
                most_calls=most_calls(node.operator),
                least_height=claim.weighed_at(chain)[1] or 0,
                decimals={asset.id: asset.decimals for asset in claim.assets.values() if asset.id.chain == chain},
            )
            for node in nodes
        }
        rehearsal = _Rehearsal(claim, instrument, chain, nodes, scenes, sample, series)
        steps = await rehearsal.steps(of_chain, elsewhere, _contracts(claim, chain))
        plans.append(
            ChainPlan(
                chain=chain,
                rows=sum(of_chain.values()),
                compared=sum(sum(each.values()) for each in elsewhere),
                heights=len(elsewhere),
                operators=tuple(_operators(nodes, scenes, steps)),
                unknown=tuple(sorted(rehearsal.unknown)),
            )
        )
    return plans


def _counts(rows: BlockHoldings) -> dict[AssetId, int]:
    return {share.held.asset: len(share) for share in rows.shares}


def _contracts(claim: Claim, chain: Chain) -> int:
    """How many accounts may have to be asked for their owners, at most: those of which owners were published."""
    owned = (held for _, held in claim.holdings.proofs() if held.ownership is not None and held.ownership.owners)
    return len({held.account for held in owned if held.asset.chain == chain})


def _operators(
    nodes: Sequence[NodeSettings], scenes: Mapping[str, Scene], steps: Mapping[str, Mapping[Step, AskedOfNode]]
) -> list[OperatorPlan]:
    by_operator: dict[str, list[NodeSettings]] = {}
    for node in nodes:
        by_operator.setdefault(node.operator, []).append(node)
    return [
        OperatorPlan(
            operator=operator,
            kind=" and ".join(sorted({node.kind for node in of_operator})),
            nodes=len(of_operator),
            at_once=sum(node.max_in_flight for node in of_operator),
            ways=scenes[operator].ways,
            steps=steps[operator],
        )
        for operator, of_operator in sorted(by_operator.items())
    ]


_ByOperator = dict[str, AskedOfNode]


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """The questions of a scan about one chain, put to nodes that are not there."""

    claim: Claim
    instrument: Instrument
    chain: Chain
    nodes: Sequence[NodeSettings]
    scenes: Mapping[str, Scene]
    sample: int
    series: bool
    unknown: set[AssetId] = field(default_factory=set)  # what is not known beforehand: how many questions proofs take

    async def steps(
        self, counts: Mapping[AssetId, int], elsewhere: Sequence[Mapping[AssetId, int]], contracts: int
    ) -> dict[str, dict[Step, AskedOfNode]]:
        """By operator. `counts`: rows of each asset; `elsewhere`: of what is compared at each further block."""
        found: dict[str, dict[Step, AskedOfNode]] = {node.operator: {} for node in self.nodes}

        def add(step: Step, asked: _ByOperator, of: int = 1, to: int = 1) -> None:
            for operator, more in asked.items():
                found[operator][step] = found[operator].get(step, AskedOfNode()).plus(more.scaled(of, to))

        _, height = self.claim.weighed_at(self.chain)
        add(Step.OPENING, await self._run({}, height=height))
        if self.series:
            add(Step.MOMENT, await self._run({}, height=None))
        opening = await self._run({})
        begun: dict[int | None, _ByOperator] = {}  # what proofs of all, and of a sample, take before the first of them
        proofs_counted = has_proofs(self.chain) and all(has_server(node.kind) for node in self.nodes)
        if has_proofs(self.chain) and not proofs_counted:
            self.unknown.update(counts)
        for prove, step in ((None, Step.PROVE_ALL), (self.sample, Step.PROVE_SAMPLE)):
            if counts and proofs_counted:
                begun[prove] = _less(await self._run({}, prove=prove), opening)
                add(step, begun[prove])
        for asset, count in counts.items():
            rows = {asset: min(count, MOST_ROWS)}
            scale = rows[asset], count
            read = await self._run(rows)
            once = read if asset.native else await self._run(rows, second_reading=False)
            add(Step.READING, _less(once, opening), *scale)
            if not asset.native:
                add(Step.SECOND, _less(read, once), *scale)
            if proofs_counted:
                proofs = _less(_less(await self._run(rows, prove=None), read), begun[None])
                add(Step.PROVE_ALL, proofs, *scale)
                if count > self.sample:
                    proofs = _less(_less(await self._run(rows, prove=self.sample), read), begun[self.sample])
                add(Step.PROVE_SAMPLE, proofs)
        if elsewhere:
            tried = elsewhere[:MOST_HEIGHTS]
            add(Step.COMPARING, _less(await self._run({}, elsewhere=tried), opening), len(tried), len(elsewhere))
        if contracts:
            some = min(contracts, MOST_ROWS)
            add(Step.OWNERS, _less(await self._run({}, contracts=some), opening), some, contracts)
        return {name: {step: asked[step] for step in Step if step in asked} for name, asked in found.items()}

    async def _run(
        self,
        rows: Mapping[AssetId, int],
        *,
        prove: int | None = 0,
        second_reading: bool = True,
        elsewhere: Sequence[Mapping[AssetId, int]] = (),
        contracts: int = 0,
        height: int | None = _NEAR,
    ) -> _ByOperator:
        """What each operator is asked, for so many rows of these assets. Unless another `height` is named, at a block
        that is found at once: how long it is searched for is a matter of `Step.OPENING` alone."""
        asked: dict[str, AskedOfNode] = {node.operator: AskedOfNode() for node in self.nodes}

        def connect(settings: NodeSettings) -> Node:
            scene = replace(self.scenes[settings.operator], second_reading=second_reading, asset=next(iter(rows), None))
            return rehearsed(settings, scene, asked[settings.operator])

        declared = _declared(rows)
        claim = replace(self.claim, holdings=Holdings(share.held for share in declared.shares))
        instrument = replace(self.instrument, prove=prove)
        newest_block = max(map(newest, self.scenes.values()))
        group = await NodeGroup.open(self.chain, self.nodes, connect, ignore)
        try:
            count = Count(self.chain, len(declared), ignore)
            run = BlockRun(claim, instrument, group, None, ignore, count, lambda: time_of(newest_block + 1))
            if reads_only_tip(self.chain):  # as a scan: at no other block, and not at all for a moment long past
                _, height = self.claim.weighed_at(self.chain)
            elif height == _NEAR:
                height = newest_block - _DEPTH
            await run.scan(height, declared, {account(number) for number in range(contracts)})
            for at, of_block in enumerate(elsewhere):
                await run.compare(newest_block - _DEPTH - 1 - at, _declared(of_block))
        finally:
            await group.close()
        return asked


def _declared(rows: Mapping[AssetId, int]) -> BlockHoldings:
    """So many accounts of each asset."""
    held = [HeldAsset(asset) for asset in rows]
    for part in held:
        for number in range(rows[part.asset]):
            part.add(account(number), None, 0, None, None)
    return BlockHoldings(tuple(AssetRows(part, range(len(part))) for part in held))


def _less(asked: _ByOperator, without: _ByOperator) -> _ByOperator:
    return {operator: each.plus(without[operator], -1) for operator, each in asked.items()}
