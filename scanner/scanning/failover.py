"""One operator's nodes share its work, and are one voice whichever of them was asked.

A batch goes to the node with the least work under way; for what it leaves as gaps the others are asked, each at most
once. A node that fails sits out some batches, twice as many each time in a row: meanwhile it is asked last, for what
no other node could answer.

Which node is asked follows from how fast they answer, and must not show in a finding. A balance is the same from every
node that follows the chain; and a gap that stays was tried at all of them, so the one reported is that of the node
which stands first in the settings. Not in here: how hard one node is driven (`clients.rate`), and what several
operators' words amount to (`weighing.quorum`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Gap, Reading
from scanner.errors import NodeError, Why

T = TypeVar("T")

_WORD = 32  # bytes of one amount in a reading's column
_MOST_REST = 64  # batches that a node sits out at most
_NO_NODE = Gap(Why.UNREACHABLE, "no node")
_OF_THE_ASSET = {Why.NO_TOKEN, Why.UNSUPPORTED, Why.CALLER_DEPENDENT}  # gaps for which the node is not to blame


@dataclass(slots=True)
class _Member:
    node: Node
    place: int  # in the settings
    under_way: int = 0  # accounts
    failures: int = 0  # whole batches, in a row
    rest: int = 0  # batches to sit out
    left_out: Gap | None = None  # why it is not asked any more


class FailoverGroup:
    """The open nodes of one operator."""

    def __init__(self, nodes: Sequence[Node], left_out: Callable[[Gap], object] = id) -> None:
        """`left_out` is called when a node turns out to serve another chain: it is asked no more."""
        self._left_out = left_out
        self._members = [_Member(node, place) for place, node in enumerate(nodes)]

    async def read(self, batch: Batch) -> Reading:
        """One outcome for each of the batch's accounts, in order, from as many nodes as it takes."""
        for member in self._members:
            member.rest = max(0, member.rest - 1)
        untried = self._asked()
        whole: _Whole | None = None
        while untried and (whole is None or whole.open):
            member = min(untried, key=lambda each: (each.rest > 0, each.under_way, each.place))
            untried.remove(member)
            if whole is None:
                whole = _Whole(member.place, await self._ask(member, batch))
            else:
                missing = whole.open
                whole.fill(missing, member.place, await self._ask(member, batch.take(missing)))
        return Reading.missing(len(batch.accounts), self._none_answers) if whole is None else whole.reading

    async def answer(self, question: Callable[[Node], Awaitable[T | Gap]]) -> T | Gap:
        """The answer of the first node that has one, nodes that sit out asked last; else the last one's gap."""
        gap = self._none_answers
        for member in sorted(self._asked(), key=lambda each: each.rest > 0):
            try:
                answer = await question(member.node)
            except NodeError as error:
                answer = Gap(error.why, error.detail)
            if not isinstance(answer, Gap):
                return answer
            gap = answer
            self._look_at(member, gap)
        return gap

    def _asked(self) -> list[_Member]:
        return [member for member in self._members if member.left_out is None]

    @property
    def _none_answers(self) -> Gap:
        """What is said where there is no node to ask."""
        return next((member.left_out for member in self._members if member.left_out is not None), _NO_NODE)

    def _look_at(self, member: _Member, gap: Gap) -> None:
        """A node that answers for another chain is left out from then on: what it serves is not for us to guess."""
        if gap.why is Why.WRONG_CHAIN and member.left_out is None:
            member.left_out = gap
            self._left_out(gap)

    async def _ask(self, member: _Member, batch: Batch) -> Reading:
        count = len(batch.accounts)
        member.under_way += count
        try:
            reading = await member.node.read(batch)
        finally:
            member.under_way -= count
        if len(reading.gaps) < count:
            member.failures = member.rest = 0
        elif any(gap.why not in _OF_THE_ASSET for gap in reading.gaps.values()):
            member.failures += 1
            member.rest = min(2**member.failures, _MOST_REST)
        for gap in reading.gaps.values():
            self._look_at(member, gap)
        return reading


class _Whole:
    """A reading that is being filled up, and whose word each of its gaps is."""

    def __init__(self, place: int, reading: Reading) -> None:
        self.reading = reading
        self._places = dict.fromkeys(reading.gaps, place)

    @property
    def open(self) -> list[int]:
        """Where another node may still answer. That a contract tells callers apart is no failure of the one that says
        so, and stands."""
        return sorted(at for at, gap in self.reading.gaps.items() if gap.why is not Why.CALLER_DEPENDENT)

    def fill(self, positions: Sequence[int], place: int, fresh: Reading) -> None:
        """Take what another node said of the accounts at `positions`, which are the gaps."""
        column, gaps, bounds = bytearray(self.reading.column), dict(self.reading.gaps), set(self.reading.bounds)
        for within, position in enumerate(positions):
            gap = fresh.gaps.get(within)
            if gap is None:
                column[position * _WORD : (position + 1) * _WORD] = fresh.column[within * _WORD : (within + 1) * _WORD]
                del gaps[position]
                bounds |= {position} if within in fresh.bounds else set()
            elif gap.why is Why.CALLER_DEPENDENT or place < self._places[position]:
                gaps[position], self._places[position] = gap, place
        self.reading = Reading(bytes(column), gaps, frozenset(bounds))
