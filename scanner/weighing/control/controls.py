"""From verdicts to words: who controls each holding of a claim, in the claim's order.

A run and a verifier come to the same `Controls` from the claim, its challenge and what the chain was asked: which
owners contracts name (`with_owners`), and what is shown of accounts' movements (`with_movements`), both over
`Controls.of(holdings, verdicts)`. No signature is looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanner.chains.registry import family
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap
from scanner.proofs.control import (
    MOVEMENT,
    NotPublished,
    NotShown,
    NotVerifiable,
    Replayable,
    Shown,
    Unbound,
    Verdict,
)
from scanner.weighing.control.contract_owners import with_owners
from scanner.weighing.holdings import Holding, Holdings


@dataclass(frozen=True, slots=True)
class Controls:
    """One word for each holding, in their order."""

    words: Coded[Control]
    reasons: Mapping[int, str]  # by position: why control is UNSHOWN or UNVERIFIABLE, for people
    waiting: Mapping[int, Unbound]  # by position: what is shown if the chain names those who signed
    moving: frozenset[int] = frozenset()  # positions of accounts whose movements the chain has to show

    @classmethod
    def of(cls, holdings: Sequence[Holding], verdicts: Coded[Verdict]) -> Controls:
        """Raises ValueError unless there are as many verdicts as holdings."""
        if len(holdings) != len(verdicts):
            raise ValueError(f"{len(verdicts)} verdicts for {len(holdings)} holdings")
        reasons: dict[int, str] = {}
        waiting: dict[int, Unbound] = {}
        moving: set[int] = set()
        for position in verdicts.where(lambda verdict: bool(why(verdict))):
            verdict = verdicts[position]
            reasons[position] = why(verdict)
            if isinstance(verdict, Unbound) and verdict.scheme == MOVEMENT:
                moving.add(position)
            elif isinstance(verdict, Unbound):
                holding = holdings[position]
                chain = holding.asset.chain
                if family(chain).may_be_contract(chain, holding.account):
                    waiting[position] = verdict
        words = verdicts.mapped(control)
        for position in _of_own_keys(holdings, verdicts):
            asked = _while_unasked(verdicts[position], holdings[position].account)
            waiting[position], reasons[position], words[position] = asked, why(asked), control(asked)
        return cls(words, reasons, waiting, frozenset(moving))

    def with_movements(self, answers: Mapping[int, Verdict | Gap]) -> Controls:
        """The same with what is shown of the movements of `moving`, by position; one that could not be had, or is left
        out, stays UNVERIFIABLE."""
        words, reasons = self.words[:], dict(self.reasons)
        for position, answer in answers.items():
            verdict = (
                NotVerifiable(f"its movement could not be shown: {answer.why} {answer.detail}".rstrip())
                if (isinstance(answer, Gap))
                else answer
            )
            words[position] = control(verdict)
            reasons.pop(position, None)
            if reason := why(verdict):
                reasons[position] = reason
        return Controls(words, reasons, self.waiting, self.moving)

    def with_owners(self, answers: Mapping[int, ContractOwners | Gap]) -> Controls:
        """The same with what the contracts of `waiting` named, by position; one left out stays UNVERIFIABLE.

        Raises KeyError for an answer that nothing waits for.
        """
        words, reasons, waiting = self.words[:], dict(self.reasons), dict(self.waiting)
        for position, owners in answers.items():
            if isinstance(owners, Gap):
                reasons[position] = f"the account's owners or keys could not be established: {owners.why}"
                continue
            verdict = with_owners(waiting.pop(position), owners)
            words[position] = control(verdict)
            del reasons[position]
            if reason := why(verdict):
                reasons[position] = reason
        return Controls(words, reasons, waiting, self.moving)

    def where_named(self, position: int, owners: ContractOwners) -> Control:
        """The word of one row of `waiting`, of which is known which owners its contract named."""
        return control(with_owners(self.waiting[position], owners))


def _of_own_keys(holdings: Sequence[Holding], verdicts: Coded[Verdict]) -> list[int]:
    """Positions of accounts whose own keys signed, and which may obey others by now."""
    chains = {asset.chain for asset in holdings.counts()} if isinstance(holdings, Holdings) else None
    if chains is not None and not any(family(chain).keys_may_change for chain in chains):
        return []
    signed = verdicts.where(lambda verdict: isinstance(verdict, Shown | Replayable))
    return [position for position in signed if family(holdings[position].asset.chain).keys_may_change]


def _while_unasked(verdict: Verdict, account: bytes) -> Unbound:
    """What an account's own key shows, until the chain has said that the account still obeys it."""
    scheme = verdict.scheme if isinstance(verdict, Shown | Replayable) else ""
    question = "does the account still obey the key that its address follows from?"
    return Unbound(scheme, (account,), question, isinstance(verdict, Replayable))


def control(verdict: Verdict) -> Control:
    """The verdict in one word. Unbound is UNVERIFIABLE, until the chain has been asked."""
    match verdict:
        case Shown():
            return Control.SHOWN
        case Replayable():
            return Control.REPLAYABLE
        case NotPublished():
            return Control.ABSENT
        case NotVerifiable() | Unbound():
            return Control.UNVERIFIABLE
        case NotShown():
            return Control.UNSHOWN


def why(verdict: Verdict) -> str:
    """Why control is not shown although something was published; empty where it is shown, in whatever way."""
    match verdict:
        case NotPublished():
            return ""
        case NotShown(reason):
            return reason
        case Unbound(_, _, question, _):
            return f"only the chain can say: {question}"
        case _:
            return ""
