"""What several operators said to what is believed: the same rule for blocks and for balances.

The rule: operators that answered must all say the same, and there must be as many of them as the policy's quorum, or
one whose node is the auditor's own. Anything else is a Gap. Several nodes of one operator are one voice; making one
answer of theirs is the caller's part. Nothing here knows how an answer came to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading
from scanner.core.policy import Policy
from scanner.errors import Why

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Operator:
    """An independent party that runs nodes."""

    name: str
    own: bool = False  # it is the auditor himself


@dataclass(frozen=True, slots=True)
class Agreement(Generic[T]):
    """What all operators that answered said, believed."""

    value: T
    basis: Basis
    operators: tuple[str, ...]  # sorted


@dataclass(frozen=True, slots=True)
class Vote:
    """One operator's reading of a batch."""

    operator: Operator
    reading: Reading


def agree(said: Sequence[tuple[Operator, T | Gap]], policy: Policy) -> Agreement[T] | Gap:
    """What these operators' answers to one question amount to. Each operator may answer once (ValueError)."""
    _check_distinct([operator for operator, _ in said])
    return _agree(said, policy)


def settle(votes: Sequence[Vote], count: int, policy: Policy) -> list[Outcome]:
    """One outcome for each of a batch's `count` holdings, in order.

    Raises ValueError where two votes come from one operator, or a vote is not `count` long: such votes would let one
    operator make a quorum, or balances slip to other accounts.
    """
    _check_distinct([vote.operator for vote in votes])
    for vote in votes:
        if len(vote.reading) != count:
            raise ValueError(f"{vote.operator.name} answered for {len(vote.reading)} holdings of {count}")
    if votes and not any(vote.reading.gaps for vote in votes) and len({vote.reading.column for vote in votes}) == 1:
        return _unanimous(votes, policy)
    return [_outcome(votes, position, policy) for position in range(count)]


def basis_of(operators: Sequence[Operator], policy: Policy) -> Basis | None:
    """On which basis the word of these operators, all alike, is believed; None if it is not."""
    if len(operators) >= policy.quorum:
        return Basis.QUORUM
    return Basis.OWN if any(operator.own for operator in operators) else None


def _check_distinct(operators: Sequence[Operator]) -> None:
    names = [operator.name for operator in operators]
    if len(set(names)) != len(names):
        raise ValueError(f"an operator has two votes: {', '.join(sorted(names))}")


def _agree(said: Sequence[tuple[Operator, T | Gap]], policy: Policy) -> Agreement[T] | Gap:
    answered = sorted(((operator, value) for operator, value in said if not isinstance(value, Gap)), key=_by_name)
    if any(value != answered[0][1] for _, value in answered):
        return Gap(Why.DISAGREEMENT, "; ".join(f"{operator.name} says {value}" for operator, value in answered))
    operators = [operator for operator, _ in answered]
    basis = basis_of(operators, policy)
    if basis is not None:
        return Agreement(answered[0][1], basis, tuple(operator.name for operator in operators))
    failed = sorted(((operator, value) for operator, value in said if isinstance(value, Gap)), key=_by_name)
    return _too_few(operators, failed, policy)


def _by_name(answer: tuple[Operator, object]) -> str:
    return answer[0].name


def _unanimous(votes: Sequence[Vote], policy: Policy) -> list[Outcome]:
    """The common case, judged once for the whole batch: no gap anywhere, and every column alike."""
    reading, operators = votes[0].reading, sorted(vote.operator for vote in votes)
    basis, names = basis_of(operators, policy), tuple(operator.name for operator in operators)
    if basis is None:
        return [_too_few(operators, [], policy)] * len(reading)
    return [Balance(atoms, basis, names) for atoms in reading.amounts()]


def _outcome(votes: Sequence[Vote], position: int, policy: Policy) -> Outcome:
    agreed = _agree([(vote.operator, vote.reading[position]) for vote in votes], policy)
    return agreed if isinstance(agreed, Gap) else Balance(agreed.value, agreed.basis, agreed.operators)


def _too_few(answered: Sequence[Operator], failed: Sequence[tuple[Operator, Gap]], policy: Policy) -> Gap:
    """Names the cause itself where all that failed did so for one reason; otherwise that the quorum was missed."""
    reasons = {gap.why for _, gap in failed}
    told = [f"{len(answered)} of {policy.quorum} operators answered"]
    told += [f"{operator.name}: {gap.why}{f', {gap.detail}' if gap.detail else ''}" for operator, gap in failed]
    return Gap(reasons.pop() if len(reasons) == 1 else Why.NO_QUORUM, "; ".join(told))
