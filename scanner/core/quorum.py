"""What several operators said to what is believed: the same rule for blocks and for balances.

The rule: operators that answered must all say the same, and there must be as many of them as the policy's quorum, or
one whose node is the auditor's own. Two things outvote a dissenter: a proof, and a policy that says `dissent: record`.
A proof that rests on an assumption about a contract, as a token's does, outvotes nobody whose word would be believed
without it: where the two differ, the assumption may be wrong. Anything else is a Gap. Several nodes of one operator are
one voice; making one answer of theirs is the caller's part. Nothing here knows how an answer or a proof came to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from scanner.core.columns import WORD
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading
from scanner.core.outcomes import Ground, Outcomes
from scanner.core.policy import Dissent, Policy
from scanner.errors import Why

T = TypeVar("T")
NOTHING_PROVEN: Final[Mapping[int, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Operator:
    """An independent party that runs nodes."""

    name: str
    own: bool = False  # it is the auditor himself


@dataclass(frozen=True, slots=True)
class Agreement(Generic[T]):
    """What is believed, who said so, and what others said instead."""

    value: T
    basis: Basis
    operators: tuple[str, ...]  # sorted
    dissent: tuple[tuple[str, T], ...] = ()  # sorted by operator


@dataclass(frozen=True, slots=True)
class Vote:
    """One operator's reading of a batch."""

    operator: Operator
    reading: Reading


def agree(said: Sequence[tuple[Operator, T | Gap]], policy: Policy) -> Agreement[T] | Gap:
    """What these operators' answers to one question amount to. Each operator may answer once (ValueError)."""
    _check_distinct([operator for operator, _ in said])
    return _agree(said, policy)


def settle(
    votes: Sequence[Vote],
    count: int,
    policy: Policy,
    proven: Mapping[int, int] = NOTHING_PROVEN,
    *,
    certain: bool = True,
) -> Outcomes:
    """One outcome for each of a batch's `count` holdings, in order. `proven`: the atoms that proofs show, by position;
    `certain`: the proofs assume nothing about a contract.

    Raises ValueError where two votes come from one operator, or a vote is not `count` long: such votes would let one
    operator make a quorum, or balances slip to other accounts.
    """
    _check_distinct([vote.operator for vote in votes])
    for vote in votes:
        if len(vote.reading) != count:
            raise ValueError(f"{vote.operator.name} answered for {len(vote.reading)} holdings of {count}")
    outcomes = _unanimous(votes, count, policy)
    alike = dict[tuple[int | Gap, ...], Outcome]()  # many rows share one gap, and what follows from it
    for position in sorted(_in_question(votes) | proven.keys()):
        said = [(vote.operator, vote.reading[position]) for vote in votes]
        if position in proven:
            outcomes[position] = _proven(proven[position], said, policy, certain)
            continue
        values = tuple(value for _, value in said)
        if values not in alike:
            alike.clear()
            alike[values] = _outcome(said, policy)
        outcomes[position] = alike[values]
    return outcomes


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
        return _divided(answered, policy)
    operators = [operator for operator, _ in answered]
    basis = basis_of(operators, policy)
    if basis is not None:
        return Agreement(answered[0][1], basis, tuple(operator.name for operator in operators))
    failed = sorted(((operator, value) for operator, value in said if isinstance(value, Gap)), key=_by_name)
    return _too_few(operators, failed, policy)


def _divided(answered: Sequence[tuple[Operator, T]], policy: Policy) -> Agreement[T] | Gap:
    """Operators disagree. Where dissent is only recorded, the one value that a quorum stands behind is believed."""
    if policy.dissent is Dissent.RECORD:
        sizes = [sum(value == other for _, other in answered) for _, value in answered]
        behind_a_quorum = [value for (_, value), size in zip(answered, sizes, strict=True) if size >= policy.quorum]
        if behind_a_quorum and all(value == behind_a_quorum[0] for value in behind_a_quorum):
            return Agreement(behind_a_quorum[0], Basis.QUORUM, *_sides(answered, behind_a_quorum[0]))
    return Gap(Why.DISAGREEMENT, _told(answered))


def _sides(answered: Sequence[tuple[Operator, T]], value: T) -> tuple[tuple[str, ...], tuple[tuple[str, T], ...]]:
    """Who said `value`, and what the others said."""
    agreeing = tuple(operator.name for operator, said in answered if said == value)
    return agreeing, tuple((operator.name, said) for operator, said in answered if said != value)


def _told(answered: Sequence[tuple[Operator, T]]) -> str:
    return "; ".join(f"{operator.name} says {value}" for operator, value in answered)


def _by_name(answer: tuple[Operator, object]) -> str:
    return answer[0].name


def _unanimous(votes: Sequence[Vote], count: int, policy: Policy) -> Outcomes:
    """What follows where everybody answered, and alike: judged once for the whole batch."""
    operators = sorted(vote.operator for vote in votes)
    basis = basis_of(operators, policy)
    if basis is None:
        return Outcomes.missing(count, _too_few(operators, [], policy))
    return Outcomes.agreed(votes[0].reading.column, Ground(basis, tuple(operator.name for operator in operators)))


def _in_question(votes: Sequence[Vote]) -> set[int]:
    """Where somebody did not answer, or not as the others did."""
    positions: set[int] = set()
    for vote in votes:
        positions |= vote.reading.gaps.keys()
        one, other = vote.reading.column, votes[0].reading.column
        if one != other:
            starts = range(0, len(one), WORD)
            positions |= {at // WORD for at in starts if one[at : at + WORD] != other[at : at + WORD]}
    return positions


def _outcome(said: Sequence[tuple[Operator, int | Gap]], policy: Policy) -> Outcome:
    agreed = _agree(said, policy)
    if isinstance(agreed, Gap):
        return agreed
    return Balance(agreed.value, agreed.basis, agreed.operators, agreed.dissent)


def _proven(atoms: int, said: Sequence[tuple[Operator, int | Gap]], policy: Policy, certain: bool) -> Outcome:
    """A proof outvotes a dissenter. It does not outvote everybody: then one of the two is not what it seems."""
    answered = sorted(((operator, value) for operator, value in said if not isinstance(value, Gap)), key=_by_name)
    agreeing, dissent = _sides(answered, atoms)
    if dissent and not (agreeing and (certain or not _believed_otherwise(atoms, answered, policy))):
        return Gap(Why.DISAGREEMENT, f"the proof shows {atoms}; {_told(answered)}")
    return Balance(atoms, Basis.PROVEN, agreeing, dissent)


def _believed_otherwise(atoms: int, answered: Sequence[tuple[Operator, int]], policy: Policy) -> bool:
    """Whether those who say one other thing would be believed if nothing were proven."""
    others: dict[int, list[Operator]] = {}
    for operator, value in answered:
        if value != atoms:
            others.setdefault(value, []).append(operator)
    return any(basis_of(operators, policy) for operators in others.values())


def _too_few(answered: Sequence[Operator], failed: Sequence[tuple[Operator, Gap]], policy: Policy) -> Gap:
    """Names the cause itself where all that failed did so for one reason; otherwise that the quorum was missed."""
    reasons = {gap.why for _, gap in failed}
    told = [f"{len(answered)} of {policy.quorum} operators answered"]
    told += [f"{operator.name}: {gap.why}{f', {gap.detail}' if gap.detail else ''}" for operator, gap in failed]
    return Gap(reasons.pop() if len(reasons) == 1 else Why.NO_QUORUM, "; ".join(told))
