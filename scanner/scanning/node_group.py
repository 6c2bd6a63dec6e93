"""A node group: the nodes of one chain, grouped by the operators who answer for them.

One question to the group gets one answer an operator, all operators asked side by side. Several nodes of one operator
share the work and stand in for each other (`share`): they make it faster and more reliable, and never more than one
voice. An operator that does not answer is waited for as long as the others are not enough, and a while longer
(`patience`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from scanner.chains.boundary import Bug, guarded
from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Gap, Reading
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError, Mistake, NodeError, Why
from scanner.scanning.events import Event, NodeMetBug, NodeOpened, NodeRefused, Observer, OperatorOutpaced, ignore
from scanner.scanning.failover import FailoverGroup
from scanner.scanning.limit_reports import LimitReports
from scanner.scanning.patience import Patience
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Operator, Vote, agree, may_add, settle

T = TypeVar("T")

_NOT_HEARD = Gap(Why.UNREACHABLE, "no answer in the time that is waited once a quorum has answered")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long operators are waited for on one chain, whose answers make enough under `policy`."""

    patience: Patience
    policy: Policy


@dataclass(frozen=True, slots=True)
class FailedNode:
    """A node that could not be opened, or found not to be asked, and why."""

    operator: Operator
    gap: Gap
    line: int = 0  # of the nodes' file; 0 where the node stands in none


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Open nodes by operator, and why others could not be opened. Without `waiting` everyone is waited for."""

    chain: Chain
    nodes: Mapping[Operator, tuple[Node, ...]]
    failures: tuple[FailedNode, ...]  # those that could not be opened
    observe: Observer = ignore
    waiting: Waiting | None = None
    _shares: Mapping[Operator, FailoverGroup] = field(init=False, repr=False, compare=False)
    _limit_reports: LimitReports = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shares = {
            operator: FailoverGroup(nodes, partial(self._left_out, operator)) for operator, nodes in self.nodes.items()
        }
        object.__setattr__(self, "_shares", shares)
        object.__setattr__(self, "_limit_reports", LimitReports(self.chain, self.nodes, self.observe))

    @classmethod
    async def open(
        cls,
        chain: Chain,
        settings: Iterable[NodeSettings],
        connect: Callable[[NodeSettings], Node],
        observe: Observer,
        waiting: Waiting | None = None,
    ) -> NodeGroup:
        """Opens all nodes at once. A node that fails is reported and left out; this never raises for one."""
        tell = _telling_once(chain, observe)
        nodes = [guarded(connect(each), partial(tell, each.operator)) for each in settings]
        gaps = await asyncio.gather(*(_open(node) for node in nodes))
        opened: dict[Operator, tuple[Node, ...]] = {}
        failures: list[FailedNode] = []
        for node, gap in zip(nodes, gaps, strict=True):
            operator = Operator(node.settings.operator, node.settings.own)
            if gap is None:
                opened[operator] = (*opened.get(operator, ()), node)
                limits = node.capabilities.limits
                observe(NodeOpened(chain, operator.name, () if limits is None else limits.ways))
            else:
                failures.append(FailedNode(operator, gap, node.settings.line))
                observe(NodeRefused(chain, operator.name, gap))
        return cls(chain, opened, tuple(failures), observe, waiting)

    @property
    def silent(self) -> Mapping[Operator, Gap]:
        """The operators none of whose nodes could be opened, and why."""
        return {failed.operator: failed.gap for failed in self.failures if failed.operator not in self.nodes}

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators that can be asked, sorted by name."""
        return tuple(sorted(operator.name for operator in self.nodes))

    async def ask(self, question: Callable[[Node], Awaitable[T | Gap]]) -> list[tuple[Operator, T | Gap]]:
        """Every operator's answer, side by side. A silent one answers with the gap that says why."""

        def enough(answers: Sequence[T | Gap | None], policy: Policy) -> bool:
            said, others = self._so_far(answers)
            if not isinstance(agree(said, policy), Gap):
                return True
            return not may_add([answer for _, answer in said], others, policy)

        answers = await self._heard([share.answer(question) for share in self._shares.values()], enough)
        said = [_NOT_HEARD if answer is None else answer for answer in answers]
        return [*zip(self.nodes, said, strict=True), *self.silent.items()]

    async def ask_each(
        self,
        question: Callable[[Node], Awaitable[T | Gap]],
        enough: Callable[[Sequence[tuple[Operator, T | Gap]]], bool],
    ) -> list[tuple[Operator, T | Gap]]:
        """The same, where not one answer is looked for that several share: `enough` says of those who have answered
        whether the others need not be waited for."""

        def so_far(answers: Sequence[T | Gap | None], _: Policy) -> bool:
            return enough([(who, each) for who, each in zip(self.nodes, answers, strict=True) if each is not None])

        answers = await self._heard([share.answer(question) for share in self._shares.values()], so_far)
        said = [_NOT_HEARD if answer is None else answer for answer in answers]
        return [*zip(self.nodes, said, strict=True), *self.silent.items()]

    async def read(self, batch: Batch) -> list[Vote]:
        """Every operator's reading of the batch, side by side."""
        count = len(batch.accounts)

        def enough(readings: Sequence[Reading | None], policy: Policy) -> bool:
            said, others = self._so_far(readings)
            open_yet = settle([Vote(*each) for each in said], count, policy).gap_positions()
            rows = ([reading[position] for _, reading in said] for position in open_yet)
            return not any(may_add(row, others, policy) for row in rows)

        readings = await self._heard([share.read(batch) for share in self._shares.values()], enough)
        self._limit_reports.tell()
        votes = [
            Vote(operator, Reading.missing(count, _NOT_HEARD) if reading is None else reading)
            for operator, reading in zip(self.nodes, readings, strict=True)
        ]
        absent = [Vote(operator, Reading.missing(count, gap)) for operator, gap in self.silent.items()]
        return votes + absent

    def _so_far(self, answers: Sequence[T | None]) -> tuple[list[tuple[Operator, T]], list[Operator]]:
        """Who has answered what, and who has not."""
        pairs = list(zip(self.nodes, answers, strict=True))
        return [(who, each) for who, each in pairs if each is not None], [who for who, each in pairs if each is None]

    async def _heard(
        self, asked: Sequence[Awaitable[T]], enough: Callable[[Sequence[T | None], Policy], bool]
    ) -> Sequence[T | None]:
        """What each operator comes to, in their order; None for one that was not waited for any longer."""
        if self.waiting is None:
            return await asyncio.gather(*asked)
        policy = self.waiting.policy
        answers = await self.waiting.patience.gather(asked, lambda answers: enough(answers, policy))
        for operator, answer in zip(self.nodes, answers, strict=True):
            if answer is None:
                self.observe(OperatorOutpaced(self.chain, operator.name))
        return answers

    def _left_out(self, operator: Operator, gap: Gap) -> None:
        self.observe(NodeRefused(self.chain, operator.name, gap))

    async def close(self) -> None:
        self._limit_reports.tell(all_of_it=True)
        await asyncio.gather(*(node.close() for nodes in self.nodes.values() for node in nodes))


@contextlib.asynccontextmanager
async def opened(
    claim: Claim, instrument: Instrument, *, observe: Observer, connect: Callable[[NodeSettings], Node]
) -> AsyncIterator[list[NodeGroup]]:
    """A node group for each chain of the claim, all opened side by side, closed at the end.

    A chain without a single node has one too, an empty one. A node that serves another chain than its settings say
    is left out. Raises InputError naming it where no other node serves that chain: that is a fault of the settings, and
    no later run would go better.
    """
    tell = _telling_once_of_each(observe)
    opening = (
        NodeGroup.open(
            chain,
            instrument.for_chain(chain),
            connect,
            tell,
            Waiting(Patience(instrument.patience), instrument.policy),
        )
        for chain in claim.chains
    )
    groups = await asyncio.gather(*opening)
    try:
        misplaced = [
            Mistake(f"node of {failed.operator.name} for {group.chain}", failed.gap.detail)
            for group in groups
            for failed in group.failures
            if failed.gap.why is Why.WRONG_CHAIN and not group.nodes
        ]
        if misplaced:
            raise InputError(misplaced)
        yield groups
    finally:
        await asyncio.gather(*(group.close() for group in groups))


def _telling_once_of_each(observe: Observer) -> Observer:
    """Tells once of each operator that is not waited for, however many questions it leaves open."""
    reported: set[OperatorOutpaced] = set()

    def tell(event: Event) -> None:
        if isinstance(event, OperatorOutpaced):
            if event in reported:
                return
            reported.add(event)
        observe(event)

    return tell


def _telling_once(chain: Chain, observe: Observer) -> Callable[[str, Bug], None]:
    """Tells of each bug once for each operator, however many answers meet it."""
    reported: set[tuple[str, Bug]] = set()

    def tell(operator: str, bug: Bug) -> None:
        if (operator, bug) not in reported:
            reported.add((operator, bug))
            observe(NodeMetBug(chain, operator, bug))

    return tell


async def _open(node: Node) -> Gap | None:
    try:
        await node.open()
    except NodeError as error:
        await node.close()
        return Gap(error.why, error.detail)
    except BaseException:
        await node.close()
        raise
    return None
