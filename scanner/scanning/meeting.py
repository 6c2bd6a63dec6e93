"""One block at which operators have answered, of a chain that can be read only as it is now (`History.TIP`).

No one can name the block beforehand: each answer names the one that it belongs to. So the operators are asked again and
again, and what each has said at each block is kept, until a quorum has answered everything at one and the same block. A
node that is always some blocks behind meets the others at a block that they answered at before. It ends after a number
of rounds, at the block at which most was answered; an operator that has not answered there is missing there, and one
that has answered differently there from one round to the next supports nothing (`repeated_answers`). Where that is not
everything, or where there is too much to ask for it, the chain is read in two passes (`two_passes`).

Not in here: what the words at that block amount to (`weighing.quorum`), and whether the block is of the claim's moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.core.evidence import Gap, Snapshot
from scanner.errors import Why
from scanner.scanning.heard_answers import Asking, Heard, asked_of, votes_at
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import unserved
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator, Vote, agree

ROUNDS: Final = 12  # in which each operator is asked everything once
PAUSE: Final = 0.5  # seconds between them: operators that are some blocks apart meet as blocks go by


@dataclass(frozen=True, slots=True)
class Meeting:
    """What operators have answered at one block."""

    snapshot: Snapshot
    operators: tuple[str, ...]  # who named it, sorted
    votes: tuple[tuple[Vote, ...], ...]  # of all operators, for each question
    whole: bool  # whether all that is believed at any block is believed at this one


async def meet(group: NodeGroup, questions: Sequence[Asking], policy: Policy) -> Meeting | Gap:
    """The questions' answers at one block of the group's chain; or why there is none at which anything is believed."""
    if (gap := unserved(group)) is not None:
        return gap
    heard = Heard(group.chain, questions, policy)
    failures: dict[Operator, Gap] = {}
    for number in range(ROUNDS):
        if number:
            await asyncio.sleep(PAUSE)
        answers = await group.ask_each(
            lambda node: asked_of(node, questions), lambda said: heard.with_more(said).complete
        )
        for operator, answer in answers:
            if isinstance(answer, Gap):
                failures[operator] = answer
            else:
                heard.add(operator, answer)
        if heard.complete or (number and len(heard.operators) < policy.quorum):
            break
    best = heard.best
    if best is not None:
        met = votes_at(group, heard, best, failures, range(len(questions)))
        if isinstance(met, Gap):
            return met
        agreed, votes = met
        return Meeting(agreed.value, tuple(sorted(agreed.operators)), votes, heard.whole)
    if not heard.operators:
        found: Agreement[object] | Gap = agree([*failures.items()], policy)
        return found if isinstance(found, Gap) else Gap(Why.NO_QUORUM, "no operator answered")
    return Gap(Why.NO_QUORUM, f"operators have not answered at one block: {heard.summary}")
