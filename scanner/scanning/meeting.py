"""One block at which operators have answered, of a chain that can be read only as it is now (`History.TIP`).

Nobody can name the block beforehand: each answer names the one that it belongs to. So the operators are asked again and
again, and what each has said at each block is kept, until a quorum has answered everything at one and the same block. A
node that is always some blocks behind meets the others at a block that they answered at before. It ends after a number
of rounds, at the block at which most was answered; an operator that has not answered there is missing there, and one
that has answered differently there from one round to the next supports nothing (`repeated_answers`).

Not in here: what the words at that block amount to (`weighing.quorum`), and whether the block is of the claim's moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.interface import Node
from scanner.core.evidence import Gap, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.errors import NodeError, Why
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import unserved
from scanner.scanning.repeated_answers import Repeated
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator, Vote, agree, basis_of

ROUNDS: Final = 12  # in which each operator is asked everything once
_NAMED: Final = 3  # operators in a message
_ELSEWHERE: Final = Gap(Why.WRONG_BLOCK, "it did not answer at the block at which others did")

Answer = tuple[Snapshot, Reading] | Gap
"""To one question; the block is the one that the answer itself names."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a node at once."""

    asset: AssetId
    accounts: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Meeting:
    """What operators have answered at one block."""

    snapshot: Snapshot
    operators: tuple[str, ...]  # who named it, sorted
    votes: tuple[tuple[Vote, ...], ...]  # of all operators, for each question


async def meet(panel: NodeGroup, questions: Sequence[Question], policy: Policy) -> Meeting | Gap:
    """The questions' answers at one block of the panel's chain; or why there is none at which anything is believed."""
    if (gap := unserved(panel)) is not None:
        return gap
    heard = _Heard(panel.chain, questions, policy)
    failures: dict[Operator, Gap] = {}
    for number in range(ROUNDS):
        answers = await panel.ask_each(lambda node: _asked(node, questions), heard.would_do)
        for operator, answer in answers:
            if isinstance(answer, Gap):
                failures[operator] = answer
            else:
                heard.add(operator, answer)
        if heard.complete or (number and len(heard.operators) < policy.quorum):
            break
    best = heard.best
    if best is not None:
        return _meeting(panel, heard, best, failures, policy)
    if not heard.operators:
        found: Agreement[object] | Gap = agree([*failures.items()], policy)
        return found if isinstance(found, Gap) else Gap(Why.NO_QUORUM, "nobody answered")
    return Gap(Why.NO_QUORUM, f"operators have not answered at one block: {heard.told}")


async def _asked(node: Node, questions: Sequence[Question]) -> tuple[Answer, ...] | Gap:
    """This node's answers, or why it has none at all."""
    now = node.capabilities.now
    if now is None:
        return Gap(Why.UNSUPPORTED, "nodes of this kind cannot be asked for balances as they are now")

    async def answer(question: Question) -> Answer:
        try:
            snapshot, reading = await now.read_now(question.asset, question.accounts)
        except NodeError as error:
            return Gap(error.why, error.detail)
        if snapshot.chain != question.asset.chain:
            return Gap(Why.WRONG_CHAIN, f"the answer is of {snapshot.chain}")
        if len(reading) != len(question.accounts):
            return Gap(Why.MALFORMED, f"{len(reading)} answers for {len(question.accounts)} accounts")
        return snapshot, reading

    answers = await asyncio.gather(*map(answer, questions))
    gaps = [each for each in answers if isinstance(each, Gap)]
    return gaps[0] if len(gaps) == len(answers) and gaps else tuple(answers)


@dataclass(slots=True)
class _Heard:
    """What was answered at which block, by whom, in all rounds."""

    chain: Chain
    questions: Sequence[Question]
    policy: Policy
    _at: dict[Snapshot, dict[Operator, dict[int, Repeated]]] = field(default_factory=dict)

    def add(self, operator: Operator, answers: Sequence[Answer]) -> None:
        for number, answer in enumerate(answers):
            if not isinstance(answer, Gap):
                snapshot, reading = answer
                of_operator = self._at.setdefault(snapshot, {}).setdefault(operator, {})
                earlier = of_operator.get(number)
                of_operator[number] = Repeated(reading) if earlier is None else earlier.and_then(reading)

    def would_do(self, answers: Sequence[tuple[Operator, tuple[Answer, ...] | Gap]]) -> bool:
        """Whether with these, of the round under way, nothing is missing."""
        tried = _Heard(self.chain, self.questions, self.policy, {at: _copy(of) for at, of in self._at.items()})
        for operator, answer in answers:
            if not isinstance(answer, Gap):
                tried.add(operator, answer)
        return tried.complete

    @property
    def operators(self) -> set[Operator]:
        return {operator for of_block in self._at.values() for operator in of_block}

    @property
    def complete(self) -> bool:
        """Whether a quorum has answered everything at one block."""
        return any(
            all(len(self._behind(snapshot, number)) >= self.policy.quorum for number in range(len(self.questions)))
            for snapshot in self._at
        )

    @property
    def best(self) -> Snapshot | None:
        """The block at which most questions have answers that may be believed, of several the one with the most
        answers, then the latest; None where there is no such answer."""

        def worth(snapshot: Snapshot) -> tuple[int, int, int, str]:
            behind = [self._behind(snapshot, number) for number in range(len(self.questions))]
            believed = sum(basis_of(operators, self.policy) is not None for operators in behind)
            return believed, sum(map(len, behind)), snapshot.height, snapshot.hash

        best = max(self._at, key=worth, default=None)
        return best if best is not None and worth(best)[0] else None

    @property
    def told(self) -> str:
        """At which blocks the first of the operators have answered last, and who did so in different ways."""
        last: dict[str, tuple[int, str]] = {}
        for snapshot, of_block in self._at.items():
            for operator, answers in of_block.items():
                steady = all(answer.steady for answer in answers.values())
                at = snapshot.height, f"{snapshot.height}{'' if steady else ', differently each time'}"
                last[operator.name] = max(at, last.get(operator.name, at))
        return ", ".join(f"{name} at {height}" for name, (_, height) in sorted(last.items())[:_NAMED])

    def named_at(self, height: int) -> list[tuple[Operator, Snapshot | Gap]]:
        """Which block each operator has named at a height. One who named two has named none."""
        named: dict[Operator, Snapshot | Gap] = {}
        for snapshot in (each for each in self._at if each.height == height):
            for operator in self._at[snapshot]:
                twice = operator in named
                named[operator] = Gap(Why.WRONG_BLOCK, f"two blocks at {height}") if twice else snapshot
        return [*named.items()]

    def at(self, snapshot: Snapshot) -> Mapping[Operator, Mapping[int, Repeated]]:
        return self._at[snapshot]

    def _behind(self, snapshot: Snapshot, number: int) -> list[Operator]:
        """Who has answered a question at this block, and not contradicted itself."""
        answers = {operator: of_operator.get(number) for operator, of_operator in self._at[snapshot].items()}
        return [operator for operator, answer in answers.items() if answer is not None and answer.steady]


def _copy(of_block: Mapping[Operator, Mapping[int, Repeated]]) -> dict[Operator, dict[int, Repeated]]:
    return {operator: dict(answers) for operator, answers in of_block.items()}


def _meeting(
    panel: NodeGroup, heard: _Heard, snapshot: Snapshot, failures: Mapping[Operator, Gap], policy: Policy
) -> Meeting | Gap:
    """What was said at `snapshot`, on which those who answered at its height have to agree as on any block."""
    agreed = agree(heard.named_at(snapshot.height), policy)
    if isinstance(agreed, Gap):
        return agreed
    answers = heard.at(agreed.value)
    silent = {operator: failures.get(operator, _ELSEWHERE) for operator in [*panel.nodes, *panel.silent]}

    def vote(operator: Operator, number: int, count: int) -> Vote:
        answer = answers.get(operator, {}).get(number)
        if answer is None:
            return Vote(operator, Reading.missing(count, silent[operator]))
        others = [each[number] for other, each in answers.items() if other != operator and number in each]
        return Vote(operator, answer.vote(others))

    votes = tuple(
        tuple(vote(operator, number, len(question.accounts)) for operator in silent)
        for number, question in enumerate(heard.questions)
    )
    return Meeting(agreed.value, tuple(sorted(agreed.operators)), votes)
