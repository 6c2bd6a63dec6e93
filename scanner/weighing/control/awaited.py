"""Which accounts a later run may still show to be controlled: those of which the chain was not heard, and is asked.

An account stays UNVERIFIABLE for one of two reasons. The chain has not said which keys or owners it obeys, or has not
shown what it moved: a node that answers next time may. Or what was published cannot be judged at all: it can no better
by asking again.
"""

from __future__ import annotations

from scanner.chains.facts_revision import REVISION
from scanner.chains.registry import family
from scanner.core.control import ChainsWord
from scanner.core.ids import Chain
from scanner.weighing.holdings import Ownership


def may_be_answered(
    chain: Chain, account: bytes, published: Ownership | None, owners: ChainsWord | None, revision: int = REVISION
) -> bool:
    """Of an account that is UNVERIFIABLE: whether the chain's answer is what is missing. `published` is what the claim
    has of it, `owners` what the chain said, `revision` that of the tables by which schemes are known."""
    of = family(chain)
    if owners is not None:
        return False
    if of.withdrawals is not None:
        return True  # what is published for a validator by itself is not looked at
    if published is not None and published.moved is not None:
        return of.movements(chain) is not None
    named = "" if published is None else published.scheme
    return of.may_be_contract(chain, account) and (not named or named in of.schemes_in(revision))
