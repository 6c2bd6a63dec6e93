"""All accounts of a chain that can be read only as it is now, in two passes one after the other.

Where operators do not answer everything at one block, each question is answered at a block of its own, and a coin that
moves meanwhile could be met twice. So everything is read, and read again at blocks that are all later than those of the
first pass: `core.two_passes` says what of it counts, and why. Questions are asked a few at a time, so that operators
who are not equally fast stay beside each other.

A run that goes on from an earlier one reads such a chain anew: one pass of then and one of now would be days apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.core.evidence import Balance, Gap, Snapshot
from scanner.core.outcomes import Outcomes
from scanner.core.two_passes import BlockReading, TwoPasses
from scanner.errors import Why
from scanner.scanning.heard_answers import Asking, Heard, asked_of, votes_at
from scanner.scanning.meeting import PAUSE, ROUNDS
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import unserved
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Operator, basis_of, settle

_TOGETHER: Final = 4  # questions that are asked at once of each operator
_LONGEST_WAIT: Final = 600  # pauses while the first pass's last block is the newest


@dataclass(frozen=True, slots=True)
class BothPasses:
    """What was read of a chain in two passes."""

    turn: Snapshot  # the last block of the first pass: all of the second are later
    operators: tuple[str, ...]  # who named it, sorted
    earliest: Snapshot  # of all blocks that were read at
    latest: Snapshot
    outcomes: Outcomes  # of all questions' accounts, in their order
    passes: dict[int, TwoPasses]  # by the position of each balance in `outcomes`


@dataclass(frozen=True, slots=True)
class _Met:
    """One question's answers, at the block at which operators met."""

    block: Snapshot
    operators: tuple[str, ...]  # who named it, sorted
    outcomes: Outcomes


_Pass = list["_Met | Gap"]
"""What came of each question."""


async def read_twice(group: NodeGroup, questions: Sequence[Asking], policy: Policy) -> BothPasses | Gap:
    """The questions' answers in two passes; or why nothing is believed in either."""
    if (gap := unserved(group)) is not None:
        return gap
    first = await _pass(group, questions, policy, -1)
    last = max((each for each in first if isinstance(each, _Met)), key=lambda met: met.block.height, default=None)
    if last is None:
        return next((each for each in first if isinstance(each, Gap)), Gap(Why.NO_QUORUM, "nothing was asked"))
    if not await _passed(group, last.block.height, policy):
        return Gap(Why.NOT_FINAL, f"no block after {last.block.height} became final in the time that is waited")
    second = await _pass(group, questions, policy, last.block.height)
    outcomes, passes = Outcomes(), dict[int, TwoPasses]()
    for question, one, other in zip(questions, first, second, strict=True):
        start, count = len(outcomes), len(question.accounts)
        missing = one if isinstance(one, Gap) else other if isinstance(other, Gap) else None
        if missing is not None or isinstance(one, Gap) or isinstance(other, Gap):
            outcomes.join(Outcomes.missing(count, missing or Gap(Why.NO_QUORUM)))
            continue
        for at, (before, after) in enumerate(zip(one.outcomes, other.outcomes, strict=True), start):
            if isinstance(before, Balance) and isinstance(after, Balance):
                passes[at] = TwoPasses(_reading(one.block, before), _reading(other.block, after))
                outcomes.append(passes[at].balance)
            else:
                outcomes.append(before if isinstance(before, Gap) else after)
    blocks = sorted((each.block for each in [*first, *second] if isinstance(each, _Met)), key=lambda each: each.height)
    return BothPasses(last.block, last.operators, blocks[0], blocks[-1], outcomes, passes)


def _reading(block: Snapshot, balance: Balance) -> BlockReading:
    return BlockReading(block.height, block.hash, balance)


async def _pass(group: NodeGroup, questions: Sequence[Asking], policy: Policy, above: int) -> _Pass:
    """What came of each question, at blocks above a height."""
    found: _Pass = []
    for start in range(0, len(questions), _TOGETHER):
        found += await _few(group, questions[start : start + _TOGETHER], policy, above)
    return found


async def _few(group: NodeGroup, questions: Sequence[Asking], policy: Policy, above: int) -> _Pass:
    heard = Heard(group.chain, questions, policy, above)
    failures: dict[Operator, Gap] = {}
    answering: set[Operator] = set()
    for number in range(ROUNDS):
        if number:
            await asyncio.sleep(PAUSE)
        answers = await group.ask_each(
            lambda node: asked_of(node, questions), lambda said: heard.with_more(said).all_met
        )
        for operator, answer in answers:
            if isinstance(answer, Gap):
                failures[operator] = answer
            else:
                answering.add(operator)
                heard.add(operator, answer)
        if heard.all_met or (number and len(answering) < policy.quorum):
            break
    return [_met(group, heard, number, failures) for number in range(len(questions))]


def _met(group: NodeGroup, heard: Heard, number: int, failures: dict[Operator, Gap]) -> _Met | Gap:
    block = heard.block_of(number)
    if block is None:
        failure = next(iter(failures.values()), None) if not heard.operators else None
        return failure or Gap(Why.NO_QUORUM, f"operators have not answered at one block: {heard.summary}")
    found = votes_at(group, heard, block, failures, [number])
    if isinstance(found, Gap):
        return found
    agreed, (votes,) = found
    outcomes = settle(votes, len(heard.questions[number].accounts), heard.policy)
    return _Met(agreed.value, tuple(sorted(agreed.operators)), outcomes)


async def _passed(group: NodeGroup, height: int, policy: Policy) -> bool:
    """Waits until a quorum, or the auditor's own node, has final blocks above the height. False if that takes too
    long, or if too few answer."""
    for _ in range(_LONGEST_WAIT):
        said = await group.ask_each(lambda node: node.final_height(), lambda _: False)
        if basis_of([operator for operator, final in said if _above(final, height)], policy) is not None:
            return True
        if basis_of([operator for operator, final in said if not isinstance(final, Gap)], policy) is None:
            return False
        await asyncio.sleep(PAUSE)
    return False


def _above(final: int | Gap, height: int) -> bool:
    return not isinstance(final, Gap) and final > height
