"""What a proof makes of what operators said of a balance: confirmed, outvoted, contradicted, or not enough.

A proof outvotes a dissenter. One that rests on an assumption about a contract, as a token's does (its layout, or that
its code is executed as its nodes do), is a balance only where somebody has read the same from the contract, and
outvotes no operator whose word would be believed without it: where the two differ, the assumption may be wrong.

Nothing here walks a proof. What becomes of other balances where a proof contradicts an operator is
`weighing.contradiction`'s part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from scanner.core.evidence import Balance, Basis, Gap, Outcome, said_of
from scanner.core.lower_bound import Word, denies, opposed
from scanner.errors import Why
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import believed_alone, stated


def with_proof(outcome: Outcome, atoms: int, policy: Policy, own: Collection[str], *, certain: bool) -> Outcome:
    """What `outcome`, which follows from words alone, becomes where a proof shows `atoms`.

    `own`: the operators that are the auditor; `certain`: the proof assumes nothing about a contract. A proof outvotes a
    dissenter. It does not outvote everybody: then one of the two is not what it seems.
    """
    said = said_of(outcome)
    agreeing, dissent = _sides(said, atoms)
    if not certain and not (agreeing or dissent):  # one who said that there is at least so much has read less
        detail = outcome.detail if isinstance(outcome, Gap) else ""
        why = outcome.why if isinstance(outcome, Gap) else Why.NO_QUORUM
        return Gap(
            why, f"the proof shows {atoms}, and no operator has read it from the contract; {detail}", said, atoms
        )
    if dissent and not (agreeing and (certain or not _believed(dissent, atoms, policy, own))):
        return Gap(Why.DISAGREEMENT, f"the proof shows {atoms}; {stated(said)}", said, atoms)
    return Balance(atoms, Basis.PROVEN, agreeing, dissent)


def without_proof(balance: Balance, own: Collection[str]) -> Outcome:
    """The balance where an asset's proofs are incomplete: a Gap, UNPROVEN, unless the auditor's own node stands behind
    it. One who hands out proofs could else hold back those that would contradict."""
    if any(name in own for name in balance.operators):
        return balance
    detail = f"{stated(said_of(balance))}; some balances of this asset were proven, and not all that were drawn"
    return Gap(Why.UNPROVEN, detail, said_of(balance))


def _sides(said: Iterable[tuple[str, Word]], atoms: int) -> tuple[tuple[str, ...], tuple[tuple[str, Word], ...]]:
    """Who read what a proof shows, and those whose word it contradicts. A lower bound that leaves room is neither."""
    said = tuple(said)
    return tuple(name for name, word in said if word == atoms), tuple(each for each in said if denies(each[1], atoms))


def _believed(contrary: Iterable[tuple[str, Word]], atoms: int, policy: Policy, own: Collection[str]) -> bool:
    """Whether those who say one and the same of these would be believed if nothing were proven."""
    return any(believed_alone(names, policy, own) for names in opposed(contrary, atoms))
