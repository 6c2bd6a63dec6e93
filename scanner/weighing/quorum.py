"""What several operators said to what is believed: the same rule for blocks and for balances.

The rule: operators that answered must all say the same, and there must be as many of them as the policy's quorum, or
one whose node is the auditor's own. A policy that says `dissent: record` outvotes a dissenter; so does a proof, which
is `weighing.proven`'s part. A contract that refuses to one operator what it gives to others is a dissent. Anything
else is a Gap, and so is a balance of which one operator found that its contract tells it by who asks, whatever others
read and whatever the policy says of dissent. Several nodes of one operator are one voice; making one answer of theirs
is the caller's part. Nothing here knows how an answer came to be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from scanner.core.columns import WORD
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading, said_of
from scanner.core.lower_bound import AtLeast, Word, atoms_of, implies
from scanner.core.outcomes import BalanceBasis, Outcomes
from scanner.errors import Why
from scanner.weighing.bounded import at_odds, most_believed
from scanner.weighing.policy import Dissent, Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Operator:
    """An independent party that runs nodes."""

    name: str
    own: bool = False  # it is the auditor


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


def settle(votes: Sequence[Vote], count: int, policy: Policy) -> Outcomes:
    """One outcome for each of a batch's `count` holdings, in order, as far as it follows from these words alone.

    Raises ValueError where two votes come from one operator, or a vote is not `count` long: such votes would let one
    operator make a quorum, or balances slip to other accounts.
    """
    _check_distinct([vote.operator for vote in votes])
    for vote in votes:
        if len(vote.reading) != count:
            raise ValueError(f"{vote.operator.name} answered for {len(vote.reading)} holdings of {count}")
    outcomes, in_question = _unanimous(votes, count, policy)
    alike = dict[tuple[Word | Gap, ...], Outcome]()  # many rows share one gap, and what follows from it
    for position in sorted(in_question):
        said = [(vote.operator, vote.reading[position]) for vote in votes]
        values = tuple(value for _, value in said)
        if values not in alike:
            alike.clear()
            alike[values] = _outcome(said, policy)
        outcomes[position] = alike[values]
    return outcomes


def judged_without(
    outcome: Outcome, dismissed: Collection[str], unsupported: Collection[str], policy: Policy, own: Collection[str]
) -> Outcome:
    """What `outcome`, which follows from words alone, is without those of some operators.

    The words of `dismissed` count for nothing; those of `unsupported` support no balance, and still dissent from one.
    """
    said = said_of(outcome)
    tainted = [name for name, _ in said if name in dismissed or name in unsupported]
    if not tainted or (isinstance(outcome, Gap) and outcome.why is not Why.DISAGREEMENT):
        return outcome
    answered = [(Operator(name, name in own), word) for name, word in said if name not in dismissed]
    agreed: Agreement[Word] | Gap = _agree(answered, policy, unsupported)
    if isinstance(agreed, Gap):
        if agreed.why is Why.DISAGREEMENT:
            return Gap(Why.DISAGREEMENT, stated(said), said)
        contradicted = ", ".join(tainted)
        return Gap(Why.CONTRADICTED, f"{stated(said)}; proofs contradict {contradicted}", said)
    return _balance(replace(agreed, dissent=tuple(each for each in said if not implies(each[1], agreed.value))))


def standing(said: Iterable[tuple[str, Word]], quorum: int, own: Collection[str]) -> int:
    """The largest amount behind which a quorum stands, or an operator that is the auditor; 0 where there is none."""
    behind: dict[int, list[str]] = {}
    for name, word in said:
        behind.setdefault(atoms_of(word), []).append(name)
    return max((a for a, names in behind.items() if len(names) >= quorum or any(n in own for n in names)), default=0)


def may_add(said: Sequence[T | Gap], others: Sequence[Operator], policy: Policy) -> bool:
    """Whether a gap that `said` amounts to can become more than that by what the `others` may say."""
    values = [value for value in said if not isinstance(value, Gap)]
    if any(isinstance(value, AtLeast) for value in values):
        return True  # one more word may be what a bound lacks
    divided = any(value != values[0] for value in values)
    if divided and policy.dissent is Dissent.GAP:
        return False
    alike = max((values.count(value) for value in values), default=0)
    return alike + len(others) >= policy.quorum or (not divided and any(operator.own for operator in others))


def basis_of(operators: Sequence[Operator], policy: Policy) -> Basis | None:
    """On which basis the word of these operators, all alike, is believed; None if it is not."""
    if len(operators) >= policy.quorum:
        return Basis.QUORUM
    return Basis.OWN if any(operator.own for operator in operators) else None


def _check_distinct(operators: Sequence[Operator]) -> None:
    names = [operator.name for operator in operators]
    if len(set(names)) != len(names):
        raise ValueError(f"an operator has two votes: {', '.join(sorted(names))}")


def _agree(
    said: Sequence[tuple[Operator, T | Gap]], policy: Policy, unsupported: Collection[str] = ()
) -> Agreement[T] | Gap:
    answered = sorted(((operator, value) for operator, value in said if not isinstance(value, Gap)), key=_by_name)
    failed = sorted(((operator, value) for operator, value in said if isinstance(value, Gap)), key=_by_name)
    for operator, gap in failed:
        if gap.why is Why.CALLER_DEPENDENT:  # so what others read alike may be what it tells such as we are
            return Gap(Why.CALLER_DEPENDENT, f"{operator.name}: {gap.detail}")
    if any(isinstance(value, AtLeast) for _, value in answered):
        words = cast("list[tuple[Operator, Any]]", answered)
        return cast("Agreement[T] | Gap", _bounded(words, failed, policy, unsupported))
    if any(value != answered[0][1] for _, value in answered):
        return _divided(answered, policy, unsupported)
    operators = [operator for operator, _ in answered if operator.name not in unsupported]
    basis = basis_of(operators, policy)
    if basis is not None:
        return Agreement(answered[0][1], basis, tuple(operator.name for operator in operators))
    return _too_few(operators, failed, policy)


def _bounded(
    answered: Sequence[tuple[Operator, Word]],
    failed: Sequence[tuple[Operator, Gap]],
    policy: Policy,
    unsupported: Collection[str],
) -> Agreement[Word] | Gap:
    """Some only bound the balance from below."""
    named, operators = [(operator.name, word) for operator, word in answered], {each.name: each for each, _ in answered}
    found = most_believed(
        named, lambda names: basis_of([operators[name] for name in names], policy), policy, unsupported
    )
    if found is not None:
        word, basis, names = found
        return Agreement(word, basis, names, tuple(pair for pair in named if not implies(pair[1], word)))
    if at_odds([word for _, word in named]):
        return Gap(Why.DISAGREEMENT, stated(named))
    return _too_few([each for each in operators.values() if each.name not in unsupported], failed, policy)


def _divided(
    answered: Sequence[tuple[Operator, T]], policy: Policy, unsupported: Collection[str]
) -> Agreement[T] | Gap:
    """Operators disagree. Where dissent is only recorded, the one value that a quorum stands behind is believed."""
    named = [(operator.name, value) for operator, value in answered]
    if policy.dissent is Dissent.RECORD:
        sizes = [sum(value == other for _, other in answered) for _, value in answered]
        behind_a_quorum = [value for (_, value), size in zip(answered, sizes, strict=True) if size >= policy.quorum]
        if behind_a_quorum and all(value == behind_a_quorum[0] for value in behind_a_quorum):
            agreeing, dissent = sides(named, behind_a_quorum[0])
            supporting = tuple(name for name in agreeing if name not in unsupported)
            if len(supporting) >= policy.quorum:
                return Agreement(behind_a_quorum[0], Basis.QUORUM, supporting, dissent)
    return Gap(Why.DISAGREEMENT, stated(named))


def sides(said: Iterable[tuple[str, T]], value: T) -> tuple[tuple[str, ...], tuple[tuple[str, T], ...]]:
    """Who said `value`, and what the others said."""
    said = tuple(said)
    return tuple(name for name, each in said if each == value), tuple(pair for pair in said if pair[1] != value)


def stated(said: Iterable[tuple[str, object]]) -> str:
    return "; ".join(f"{name} says {value}" for name, value in said)


def _by_name(answer: tuple[Operator, object]) -> str:
    return answer[0].name


def _unanimous(votes: Sequence[Vote], count: int, policy: Policy) -> tuple[Outcomes, Collection[int]]:
    """What follows where everybody answered, and alike, judged once for the whole batch; and where that is not so, or
    not enough."""
    operators = sorted(vote.operator for vote in votes)
    basis = basis_of(operators, policy)
    if basis is None:
        return Outcomes.missing(count, _too_few(operators, [], policy)), range(count) if votes else ()
    ground = BalanceBasis(basis, tuple(operator.name for operator in operators))
    return Outcomes.agreed(votes[0].reading.column, ground), _in_question(votes)


def _in_question(votes: Sequence[Vote]) -> set[int]:
    """Where somebody did not answer, or not as the others did, or only from below."""
    positions: set[int] = set()
    for vote in votes:
        positions |= vote.reading.gaps.keys() | vote.reading.bounds
        one, other = vote.reading.column, votes[0].reading.column
        if one != other:
            starts = range(0, len(one), WORD)
            positions |= {at // WORD for at in starts if one[at : at + WORD] != other[at : at + WORD]}
    return positions


def _outcome(said: Sequence[tuple[Operator, Word | Gap]], policy: Policy) -> Outcome:
    agreed: Agreement[Word] | Gap = _refused(said, policy) or _agree(said, policy)
    if isinstance(agreed, Gap):
        answered = sorted((operator.name, value) for operator, value in said if not isinstance(value, Gap))
        return replace(agreed, said=tuple(answered))
    return _balance(agreed)


def _balance(agreed: Agreement[Word]) -> Balance:
    bound = isinstance(agreed.value, AtLeast)
    return Balance(atoms_of(agreed.value), agreed.basis, agreed.operators, agreed.dissent, at_least=bound)


def _refused(said: Sequence[tuple[Operator, Word | Gap]], policy: Policy) -> Gap | None:
    """The gap where the chain gave a balance to some and refused it to others, which dissents like another amount. None
    where that is not so, or the policy passes over so few."""
    refused = sorted((operator.name, each) for operator, each in said if _is_refusal(each))
    read = sorted((operator.name, each) for operator, each in said if not isinstance(each, Gap))
    if not refused or not read:
        return None
    if policy.dissent is Dissent.RECORD and len(refused) < policy.quorum <= len(read):
        return None
    return Gap(Why.NO_TOKEN, f"{stated(read)}; {stated((name, 'there is none') for name, _ in refused)}")


def _is_refusal(answer: Word | Gap) -> bool:
    return isinstance(answer, Gap) and answer.why is Why.NO_TOKEN


def believed_alone(names: Collection[str], policy: Policy, own: Collection[str]) -> bool:
    """Whether these, all alike, would be believed if nothing were proven."""
    return basis_of([Operator(name, name in own) for name in names], policy) is not None


def _too_few(answered: Sequence[Operator], failed: Sequence[tuple[Operator, Gap]], policy: Policy) -> Gap:
    """Names the cause itself where all that failed did so for one reason; otherwise that the quorum was missed."""
    words = [f"{len(answered)} of {policy.quorum} operators answered"]
    words += [f"{operator.name}: {gap.why}{f', {gap.detail}' if gap.detail else ''}" for operator, gap in failed]
    reasons = {gap.why for _, gap in failed}
    return Gap(reasons.pop() if len(reasons) == 1 else Why.NO_QUORUM, "; ".join(words))
