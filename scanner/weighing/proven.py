"""What a proof makes of what operators said of a balance: confirmed, outvoted, contradicted, or not enough.

A proof outvotes a dissenter. One that rests on an assumption about a contract, as a token's does, is a balance only
where somebody has read the same from the contract, and outvotes nobody whose word would be believed without it: where
the two differ, the assumption may be wrong. Where the assumption was found by trial, it is a balance only beside those
whose word would be believed without it: then a proof can contradict a quorum, and never stands in for one.

Nothing here walks a proof. What becomes of other balances where a proof contradicts an operator is
`weighing.contradiction`'s part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from scanner.core.evidence import Balance, Basis, Gap, Outcome, said_of
from scanner.core.lower_bound import Word, denies, opposed
from scanner.errors import Why
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import believed_alone, stated

_BY_THE_CONTRACT: Final = frozenset({Why.NO_TOKEN, Why.CALLER_DEPENDENT})


def with_proof(
    outcome: Outcome, atoms: int, policy: Policy, own: Collection[str], *, certain: bool, known: bool = False
) -> Outcome:
    """What `outcome`, which follows from words alone, becomes where a proof shows `atoms`.

    `own`: the operators that are the auditor; `certain`: the proof assumes nothing about a contract; `known`: what it
    assumes was not found by trial. A proof outvotes a dissenter. It does not outvote everybody: then one of the two is
    not what it seems. One whose assumption was found by trial needs those who would be believed without it to say the
    same, and makes no balance of what the contract refuses to anyone, or tells by who asks.
    """
    said = said_of(outcome)
    agreeing, dissent = _sides(said, atoms)
    if not certain and not (agreeing or dissent):  # whoever said that there is at least so much has read less
        told = outcome.detail if isinstance(outcome, Gap) else ""
        why = outcome.why if isinstance(outcome, Gap) else Why.NO_QUORUM
        return Gap(why, f"the proof shows {atoms}, and nobody has read it from the contract; {told}", said, atoms)
    if not (certain or known):
        return _guessed(outcome, atoms, policy, own)
    if dissent and not (agreeing and (certain or not _believed(dissent, atoms, policy, own))):
        return Gap(Why.DISAGREEMENT, f"the proof shows {atoms}; {stated(said)}", said, atoms)
    return Balance(atoms, Basis.PROVEN, agreeing, dissent)


def guess_judged_without(
    outcome: Outcome,
    atoms: int,
    dismissed: Collection[str],
    unsupported: Collection[str],
    policy: Policy,
    *,
    own: Collection[str],
) -> Outcome:
    """What `outcome`, where a proof whose assumption was found by trial shows `atoms`, is without the words of some
    operators, as `judged_without` has them: one whom a proof contradicts confirms no guess, and those whom native
    proofs contradict do not stand in its way, if nobody else does. (If somebody else did, this row would contradict
    that operator in its turn, and every other row would have to be judged again.)"""
    tainted = [name for name, _ in said_of(outcome) if name in dismissed or name in unsupported]
    if not tainted or (isinstance(outcome, Gap) and outcome.why in _BY_THE_CONTRACT):
        return outcome
    judged = _guessed(outcome, atoms, policy, own, dismissed=dismissed, tainted=tainted)
    in_its_way = isinstance(judged, Balance) and any(name not in dismissed for name, _ in judged.dissent)
    return outcome if isinstance(outcome, Gap) and in_its_way else judged


def without_proof(balance: Balance, own: Collection[str]) -> Outcome:
    """The balance where an asset's proofs are incomplete: a Gap, UNPROVEN, unless the auditor's own node stands behind
    it. Whoever hands out proofs could else hold back those that would contradict."""
    if any(name in own for name in balance.operators):
        return balance
    detail = f"{stated(said_of(balance))}; some balances of this asset were proven, and not all that were drawn"
    return Gap(Why.UNPROVEN, detail, said_of(balance))


def _guessed(
    outcome: Outcome,
    atoms: int,
    policy: Policy,
    own: Collection[str],
    *,
    dismissed: Collection[str] = (),
    tainted: Collection[str] = (),
) -> Outcome:
    said = said_of(outcome)
    agreeing, dissent = _sides(said, atoms)
    supporting = tuple(name for name in agreeing if name not in tainted)
    contrary = [(name, value) for name, value in dissent if name not in dismissed]
    refused = isinstance(outcome, Gap) and outcome.why in _BY_THE_CONTRACT
    if not refused and believed_alone(supporting, policy, own) and not _believed(contrary, atoms, policy, own):
        return Balance(atoms, Basis.PROVEN, supporting, dissent)
    if not refused and dissent:
        return Gap(Why.DISAGREEMENT, f"the proof shows {atoms}; {stated(said)}", said, atoms)
    if tainted:
        return Gap(Why.CONTRADICTED, f"{stated(said)}; proofs contradict {', '.join(tainted)}", said, atoms)
    why, told = (outcome.why, outcome.detail) if isinstance(outcome, Gap) else (Why.NO_QUORUM, stated(said))
    return Gap(why, f"the proof shows {atoms}; {told}", said, atoms)


def _sides(said: Iterable[tuple[str, Word]], atoms: int) -> tuple[tuple[str, ...], tuple[tuple[str, Word], ...]]:
    """Who read what a proof shows, and those whose word it contradicts. A lower bound that leaves room is neither."""
    said = tuple(said)
    return tuple(name for name, word in said if word == atoms), tuple(each for each in said if denies(each[1], atoms))


def _believed(contrary: Iterable[tuple[str, Word]], atoms: int, policy: Policy, own: Collection[str]) -> bool:
    """Whether those who say one and the same of these would be believed if nothing were proven."""
    return any(believed_alone(names, policy, own) for names in opposed(contrary, atoms))
