"""What operators answer of a chain that can be read only as it is now, by the block that each answer names.

Who answers twice at one block in different ways supports nothing there (`repeated_answers`). Not in here: how often
operators are asked, and until when (`meeting`, `two_passes`), and what their words amount to (`weighing.quorum`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.interface import Node
from scanner.core.evidence import Gap, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.errors import NodeError, Why
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.repeated_answers import Repeated
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator, Vote, agree, basis_of

_NAMED: Final = 3  # operators in a message
_ELSEWHERE: Final = Gap(Why.WRONG_BLOCK, "it did not answer at the block at which others did")

Answer = tuple[Snapshot, Reading] | Gap
"""To one question; the block is the one that the answer itself names."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a node at once."""

    asset: AssetId
    accounts: Sequence[bytes]


async def asked_of(node: Node, questions: Sequence[Asking]) -> tuple[Answer, ...] | Gap:
    """This node's answers, or why it has none at all."""
    now = node.capabilities.now
    if now is None:
        return Gap(Why.UNSUPPORTED, "nodes of this kind cannot be asked for balances as they are now")

    async def answer(question: Asking) -> Answer:
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
class Heard:
    """What was answered at which block, by which operators, in all rounds."""

    chain: Chain
    questions: Sequence[Asking]
    policy: Policy
    above: int = -1  # answers at blocks up to this height are left out
    _at: dict[Snapshot, dict[Operator, dict[int, Repeated]]] = field(default_factory=dict)

    def add(self, operator: Operator, answers: Sequence[Answer]) -> None:
        for number, answer in enumerate(answers):
            if not isinstance(answer, Gap):
                snapshot, reading = answer
                if snapshot.height <= self.above:
                    continue
                of_operator = self._at.setdefault(snapshot, {}).setdefault(operator, {})
                earlier = of_operator.get(number)
                of_operator[number] = Repeated(reading) if earlier is None else earlier.and_then(reading)

    def with_more(self, answers: Sequence[tuple[Operator, tuple[Answer, ...] | Gap]]) -> Heard:
        """The same, with what operators have answered in the round under way."""
        copied = {at: _copy(of) for at, of in self._at.items()}
        more = Heard(self.chain, self.questions, self.policy, self.above, copied)
        for operator, answer in answers:
            if not isinstance(answer, Gap):
                more.add(operator, answer)
        return more

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
    def whole(self) -> bool:
        """Whether at the best block all is answered that a quorum, or the auditor's own node, answered anywhere."""
        best = self.best
        return best is not None and all(
            basis_of(self._behind(best, number), self.policy) is not None
            for number in range(len(self.questions))
            if self.block_of(number) is not None
        )

    @property
    def all_met(self) -> bool:
        """Whether a quorum has answered each question at one block, each perhaps at its own."""
        return all(
            any(len(self._behind(snapshot, number)) >= self.policy.quorum for snapshot in self._at)
            for number in range(len(self.questions))
        )

    def block_of(self, number: int) -> Snapshot | None:
        """The latest block at which most operators stand behind an answer to the question, if it is believed there."""

        def worth(snapshot: Snapshot) -> tuple[bool, int, str]:
            operators = self._behind(snapshot, number)
            return len(operators) >= self.policy.quorum, snapshot.height, snapshot.hash

        believed = [each for each in self._at if basis_of(self._behind(each, number), self.policy) is not None]
        return max(believed, key=worth, default=None)

    @property
    def summary(self) -> str:
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


def votes_at(
    group: NodeGroup,
    heard: Heard,
    snapshot: Snapshot,
    failures: Mapping[Operator, Gap],
    numbers: Collection[int],
) -> tuple[Agreement[Snapshot], tuple[tuple[Vote, ...], ...]] | Gap:
    """What was said at `snapshot` by all operators, for each of the questions with these numbers; and the block, on
    which those who answered at its height have to agree as on any block."""
    agreed = agree(heard.named_at(snapshot.height), heard.policy)
    if isinstance(agreed, Gap):
        return agreed
    answers = heard.at(agreed.value)
    silent = {operator: failures.get(operator, _ELSEWHERE) for operator in [*group.nodes, *group.silent]}

    def vote(operator: Operator, number: int) -> Vote:
        answer = answers.get(operator, {}).get(number)
        if answer is None:
            return Vote(operator, Reading.missing(len(heard.questions[number].accounts), silent[operator]))
        others = [each[number] for other, each in answers.items() if other != operator and number in each]
        return Vote(operator, answer.vote(others))

    return agreed, tuple(tuple(vote(operator, number) for operator in silent) for number in numbers)
