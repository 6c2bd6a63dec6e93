"""From verdicts to words: who controls each holding of a claim, in the claim's order.

A run and a verifier come to the same `Controls` from the claim, its challenge and what contracts named as their owners:
`Controls.of(holdings, verdicts).with_owners(answers)`. No signature is looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanner.chains.registry import family
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap
from scanner.proofs.control import NotPublished, NotShown, NotVerifiable, Replayable, Shown, Unbound, Verdict
from scanner.weighing.control.contract_owners import with_owners
from scanner.weighing.holdings import Holding


@dataclass(frozen=True, slots=True)
class Controls:
    """One word for each holding, in their order."""

    words: Coded[Control]
    reasons: Mapping[int, str]  # by position: why control is UNSHOWN or UNVERIFIABLE, for people
    waiting: Mapping[int, Unbound]  # by position: contract accounts whose owners signed, if the chain says so too

    @classmethod
    def of(cls, holdings: Sequence[Holding], verdicts: Coded[Verdict]) -> Controls:
        """Raises ValueError unless there are as many verdicts as holdings."""
        if len(holdings) != len(verdicts):
            raise ValueError(f"{len(verdicts)} verdicts for {len(holdings)} holdings")
        reasons: dict[int, str] = {}
        waiting: dict[int, Unbound] = {}
        for position in verdicts.where(lambda verdict: bool(why(verdict))):
            verdict = verdicts[position]
            reasons[position] = why(verdict)
            if isinstance(verdict, Unbound):
                holding = holdings[position]
                chain = holding.asset.chain
                if family(chain).may_be_contract(chain, holding.account):
                    waiting[position] = verdict
        return cls(verdicts.mapped(control), reasons, waiting)

    def with_owners(self, answers: Mapping[int, ContractOwners | Gap]) -> Controls:
        """The same with what the contracts of `waiting` named, by position; one left out stays UNVERIFIABLE.

        Raises KeyError for an answer that nothing waits for.
        """
        words, reasons, waiting = self.words[:], dict(self.reasons), dict(self.waiting)
        for position, owners in answers.items():
            if isinstance(owners, Gap):
                reasons[position] = f"the contract's owners could not be established: {owners.why}"
                continue
            verdict = with_owners(waiting.pop(position), owners)
            words[position] = control(verdict)
            del reasons[position]
            if reason := why(verdict):
                reasons[position] = reason
        return Controls(words, reasons, waiting)

    def where_named(self, position: int, owners: ContractOwners) -> Control:
        """The word of one row of `waiting`, of which is known which owners its contract named."""
        return control(with_owners(self.waiting[position], owners))


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
