"""Readings of several operators to what is believed: Balance or Gap, holding by holding.

The rule: operators that answered must all say the same, and there must be as many of them as the policy's quorum, or
one that the auditor runs himself. Anything else is a Gap. Several nodes of one operator are one voice; making one
reading of theirs is the caller's part. Nothing here knows how a reading came to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.core.evidence import Balance, Basis, Gap, Outcome, Reading
from scanner.core.policy import Policy
from scanner.errors import Why


@dataclass(frozen=True, slots=True)
class Vote:
    """One operator's reading of a batch."""

    operator: str
    own: bool  # the auditor declares the operator's node to be his own
    reading: Reading


def settle(votes: Sequence[Vote], count: int, policy: Policy) -> list[Outcome]:
    """One outcome for each of the batch's `count` holdings, in order.

    Raises ValueError where two votes come from one operator, or a vote is not `count` long: such votes would let one
    operator make a quorum, or balances slip to other accounts.
    """
    names = [vote.operator for vote in votes]
    if len(set(names)) != len(names):
        raise ValueError(f"two votes of one operator among {sorted(names)}")
    for vote in votes:
        if len(vote.reading) != count:
            raise ValueError(f"{vote.operator} answered for {len(vote.reading)} holdings of {count}")
    if votes and not any(vote.reading.gaps for vote in votes) and len({vote.reading.column for vote in votes}) == 1:
        return _unanimous(votes, count, policy)
    return [_settle_one([(vote, vote.reading[position]) for vote in votes], policy) for position in range(count)]


def _unanimous(votes: Sequence[Vote], count: int, policy: Policy) -> list[Outcome]:
    """The common case, judged once for the whole batch."""
    basis, operators = believed(votes, policy), tuple(sorted(vote.operator for vote in votes))
    if basis is None:
        return [_too_few(operators, policy)] * count
    column = votes[0].reading.column
    return [
        Balance(int.from_bytes(column[start : start + 32]), basis, operators) for start in range(0, len(column), 32)
    ]


def _settle_one(said: Sequence[tuple[Vote, int | Gap]], policy: Policy) -> Outcome:
    answered = [(vote, atoms) for vote, atoms in said if not isinstance(atoms, Gap)]
    amounts = {atoms for _, atoms in answered}
    if len(amounts) > 1:
        accounts = "; ".join(f"{vote.operator} says {atoms}" for vote, atoms in sorted_by_operator(answered))
        return Gap(Why.DISAGREEMENT, accounts)
    voters = [vote for vote, _ in answered]
    operators = tuple(sorted(vote.operator for vote in voters))
    basis = believed(voters, policy)
    if basis is not None:
        return Balance(amounts.pop(), basis, operators)
    failures = [(vote, gap) for vote, gap in said if isinstance(gap, Gap)]
    if not failures:
        return _too_few(operators, policy)
    return _unanswered(failures, operators, policy)


def believed(agreeing: Sequence[Vote], policy: Policy) -> Basis | None:
    """On which basis the word of these operators, all alike, is believed; None if it is not."""
    if len(agreeing) >= policy.quorum:
        return Basis.QUORUM
    return Basis.OWN if any(vote.own for vote in agreeing) else None


def sorted_by_operator(said: Sequence[tuple[Vote, int]]) -> list[tuple[Vote, int]]:
    return sorted(said, key=lambda pair: pair[0].operator)


def _too_few(operators: Sequence[str], policy: Policy) -> Gap:
    named = f" ({', '.join(operators)})" if operators else ""
    return Gap(Why.NO_QUORUM, f"{len(operators)} of {policy.quorum} operators answered{named}")


def _unanswered(failures: Sequence[tuple[Vote, Gap]], answered: Sequence[str], policy: Policy) -> Gap:
    """Names the cause itself where all that failed did so for one reason; otherwise that the quorum was missed."""
    reasons = {gap.why for _, gap in failures}
    why = reasons.pop() if len(reasons) == 1 else Why.NO_QUORUM
    told = sorted(f"{vote.operator}: {gap.why}{f', {gap.detail}' if gap.detail else ''}" for vote, gap in failures)
    return Gap(why, "; ".join([_too_few(answered, policy).detail, *told]))
