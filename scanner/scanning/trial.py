"""What each node answers at the pinned block to what a scan will ask there: one balance, one token balance, one proof.

A node may open, name the block and yet keep no state of it: a full node where an archive is needed is the commonest
mistake there is. Proofs reach less far than balances, and plans of providers may exclude either. Only asking tells.

A node whose every reading takes minutes, as Bitcoin Core's walk through all coins, is not asked: one balance would
cost as much as all. Not in here: the block itself (`pin.py`), and what is said of it to people (`cli.trial_results`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word
from scanner.errors import Why
from scanner.scanning.events import Event, ProofMissing
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.prove import Prover
from scanner.weighing.holdings import BlockHoldings
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause
from scanner.weighing.quorum import Agreement, Operator, agree

# What a node's own records show where it is no answer of the node's: only a header of another hash was made up.
_FLAWED: Final[Mapping[Cause, Why]] = {Cause.HEADER_MISMATCH: Why.FORGED, Cause.INCOMPLETE: Why.MALFORMED}


class Question(StrEnum):
    """What is asked about one holding of the claim."""

    BALANCE = "balance"
    TOKEN = "token balance"  # noqa: S105 - no password
    PROOF = "proof"


Answers = Mapping[Question, Word | Gap]


@dataclass(frozen=True, slots=True)
class NodeTrial:
    """What one node answered: atoms, or why not. Without answers it was not asked."""

    operator: Operator
    line: int  # of the nodes' file; 0 where the node stands in none
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trials:
    """What the nodes of one chain answered at one block, and what that amounts to under the policy."""

    nodes: Sequence[NodeTrial] = ()
    agreed: Mapping[Question, Agreement[Word] | Gap] = field(default_factory=dict)
    """Of balances, not of proofs; nothing where a node was not asked, whose word might be enough."""
    proven: frozenset[Question] = frozenset()  # of balances: those that a scan proves, whatever operators agree on

    @property
    def lost(self) -> Sequence[Question]:
        """What holdings are asked for so would be gaps."""
        return [each for each, agreed in self.agreed.items() if isinstance(agreed, Gap) and each not in self.proven]


Samples = Mapping[Question, tuple[AssetId, bytes]]
"""Whose balance each question is about."""


def samples(holdings: BlockHoldings, *, prove: bool) -> Samples:
    """The first holding of the chain's own coin, and of another asset; and one account to prove."""
    found: dict[Question, tuple[AssetId, bytes]] = {}
    for share in holdings.shares:
        question = Question.BALANCE if share.held.asset.native else Question.TOKEN
        if question not in found and len(share):
            (account,) = share.held.accounts.take(share.positions[:1])
            found[question] = (share.held.asset, account)
    if prove and Question.BALANCE in found:
        found[Question.PROOF] = found[Question.BALANCE]
    elif prove and Question.TOKEN in found:
        token, _ = found[Question.TOKEN]
        found[Question.PROOF] = found[Question.TOKEN]
        if token.kind == "erc20":  # its layout may not be known: the account of its contract has a place in the state
            found[Question.PROOF] = (AssetId(token.chain, "slip44", "0"), token.contract)
    return found


async def try_nodes(
    group: NodeGroup, snapshot: Snapshot, holdings: BlockHoldings, policy: Policy, *, prove: int | None
) -> Trials:
    """Ask all nodes side by side. `prove`: how many holdings a scan would prove of each asset; None for all."""
    wanted = samples(holdings, prove=prove != 0)
    each = [(operator, node) for operator, nodes in group.nodes.items() for node in nodes]
    answers = await asyncio.gather(*(_answers(operator, node, snapshot, wanted) for operator, node in each))
    trials = [
        NodeTrial(operator, node.settings.line, found) for (operator, node), found in zip(each, answers, strict=True)
    ]
    if not all(trial.answers for trial in trials):
        return Trials(trials)
    asked = sorted({question for trial in trials for question in trial.answers} - {Question.PROOF})
    agreed = {question: _agreed(question, trials, group, policy) for question in asked}
    return Trials(trials, agreed, frozenset() if prove is not None else _proven_without_quorum(trials))


async def _answers(
    operator: Operator, node: Node, snapshot: Snapshot, wanted: Samples
) -> Mapping[Question, Word | Gap]:
    if node.capabilities.progress is not None:
        return {}
    answers: dict[Question, Word | Gap] = {}
    seconds = node.settings.timeout
    for question, holding in wanted.items():
        try:
            async with asyncio.timeout(seconds):
                answers[question] = await _answer(question, holding, operator, node, snapshot)
        except TimeoutError:
            answers[question] = Gap(Why.UNREACHABLE, f"no answer within {seconds:g} s; a scan would ask on")
    shown, said = answers.get(Question.PROOF), answers.get(Question.BALANCE)
    if isinstance(shown, int) and isinstance(said, int) and shown != said:
        answers[Question.BALANCE] = Gap(Why.DISAGREEMENT, f"its own proof shows {shown}, and it says {said}")
    return answers


async def _answer(
    question: Question, holding: tuple[AssetId, bytes], operator: Operator, node: Node, snapshot: Snapshot
) -> Word | Gap:
    asset, account = holding
    if question is not Question.PROOF:
        return (await node.read(Batch(snapshot, asset, (account,))))[0]
    if node.capabilities.proofs is None:
        return Gap(Why.UNSUPPORTED, "nodes of this kind give no proofs")
    return await _proven(operator, node, snapshot, asset, account)


async def _proven(operator: Operator, node: Node, snapshot: Snapshot, asset: AssetId, account: bytes) -> int | Gap:
    """What this node's own proof shows of the account."""
    missing: list[ProofMissing] = []

    def observe(event: Event) -> None:
        if isinstance(event, ProofMissing):
            missing.append(event)

    prover = Prover(NodeGroup(snapshot.chain, {operator: (node,)}, (), observe), snapshot, None)
    await prover.open()
    async for _, atoms in prover.proven(asset, (account,)):
        return atoms
    if not missing:
        return Gap(Why.UNSUPPORTED, "it gives no proof")
    cause, detail = missing[0].cause, missing[0].detail
    if cause.value in Why.__members__:
        return Gap(Why(cause.value), detail)
    return Gap(_FLAWED.get(cause, Why.UNSUPPORTED), f"{cause}: {detail}")


def _proven_without_quorum(trials: Sequence[NodeTrial]) -> frozenset[Question]:
    """What one node's proofs settle: the chain's own coin; and a token, once one has read it."""
    given = {question for trial in trials for question, answer in trial.answers.items() if not isinstance(answer, Gap)}
    if Question.PROOF not in given:
        return frozenset()
    return frozenset({Question.BALANCE} | ({Question.TOKEN} & given))


def _agreed(question: Question, trials: Sequence[NodeTrial], group: NodeGroup, policy: Policy) -> Agreement[Word] | Gap:
    """What the operators' answers come to; of an operator's nodes, one that answers stands in for the rest."""
    by_operator: dict[Operator, Word | Gap] = dict(group.silent)
    for trial in trials:
        answer = trial.answers.get(question)
        before = by_operator.get(trial.operator)
        if answer is not None and (before is None or isinstance(before, Gap)):
            by_operator[trial.operator] = answer
    return agree(list(by_operator.items()), policy)
