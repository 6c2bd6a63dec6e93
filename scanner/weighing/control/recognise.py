"""From a holding to a verdict, where the file names no scheme: which schemes may apply, and what the best of them says.

A scheme is recognised by the chain and the form of the signatures, never by what is convenient: a text that fits no
form known on its chain is NotVerifiable. Trying several is safe, because each binds the signing key to the account: a
signature under one digest recovers some stranger's key under another. No digest and no address is known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from scanner.chains.control import verify
from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.registry import family
from scanner.core.columns import Coded
from scanner.proofs.control import (
    MAX_SIGNATURES,
    MAX_TEXT,
    NotPublished,
    NotShown,
    NotVerifiable,
    Proof,
    Unbound,
    Verdict,
)
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.movements import named_movement
from scanner.weighing.holdings import Holding, Ownership

NOTHING_PUBLISHED: Final = NotPublished("no signature was published")


def control_of(holding: Holding, challenge: str | None, revision: int = REVISION) -> Verdict:
    """What was published shows of who controls the holding's account. Never raises for anything published.

    `challenge` is the message that this engagement asked to be signed, or None; `revision` that of the tables by which
    schemes are known. Of several schemes that may apply the
    best verdict counts: Shown or Replayable, which need nothing more; then Unbound, which alone shows nothing, since
    who may name an owner can make up a signature of that owner. Where none holds all reasons are kept, and one scheme
    that could not judge makes the whole NotVerifiable: what cannot be judged is not refuted.
    """
    published = holding.ownership
    if published is not None and published.moved is not None:
        return named_movement(holding.asset.chain, published)
    if published is None or not any(published.signatures):
        return NOTHING_PUBLISHED
    named = (published.scheme,) if published.scheme else candidates(holding, revision)
    if not named:
        return NotVerifiable(f"signatures of no form that is known on {holding.asset.chain}")
    unbound: Unbound | None = None
    failed: list[tuple[str, NotShown]] = []
    for scheme in named:
        verdict = verify(_proof(holding, published, scheme), challenge, revision)
        if isinstance(verdict, NotShown):
            failed.append((scheme, verdict))
        elif isinstance(verdict, Unbound):
            unbound = unbound or verdict
        else:
            return verdict
    return unbound or _none_holds(failed, json_key=published.key.lstrip().startswith(("{", "[")))


def candidates(holding: Holding, revision: int = REVISION) -> tuple[str, ...]:
    """The schemes that may have made the holding's signatures, the likeliest first; empty where none is known."""
    published = holding.ownership
    if published is None or not 1 <= len(published.signatures) <= MAX_SIGNATURES:
        return ()
    if any(len(text) > MAX_TEXT for text in published.signatures):
        return ()
    forms = (form for form in family(holding.asset.chain).signature_forms if stands(form, revision))
    for form in forms:  # the first form that all signatures have decides
        if all(map(form.pattern.fullmatch, published.signatures)):
            return form.schemes
    return ()


def judged(claim: Claim) -> Controls:
    """What was published for all of a claim's holdings shows, one after the other."""
    verdicts: Coded[Verdict] = Coded()
    verdicts.extend(NOTHING_PUBLISHED, len(claim.holdings))
    for position, holding in claim.holdings.proofs():
        verdicts[position] = control_of(holding, claim.challenge, claim.revision)
    return Controls.of(claim.holdings, verdicts)


def verdicts_of(holdings: Iterable[Holding], challenge: str | None, revision: int = REVISION) -> list[Verdict]:
    """`control_of` each, in order: a piece of work for another process."""
    return [control_of(holding, challenge, revision) for holding in holdings]


def _proof(holding: Holding, published: Ownership, scheme: str) -> Proof:
    return Proof(
        scheme,
        holding.asset.chain,
        holding.account,
        published.message,
        published.signatures,
        published.key,
        published.owners,
    )


def _none_holds(verdicts: list[tuple[str, NotShown]], *, json_key: bool) -> NotShown:
    reasons = [f"{scheme}: {verdict.reason}" for scheme, verdict in verdicts]
    if json_key:
        reasons.append("the key column holds JSON, of which no scheme is known")
    judged = not json_key and not any(isinstance(verdict, NotVerifiable) for _, verdict in verdicts)
    return (NotShown if judged else NotVerifiable)("; ".join(reasons))
