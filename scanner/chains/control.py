"""Who controls an account: published signatures in, one verdict each out.

`verify` never raises for anything in a proof, and never passes what it could not judge. Which schemes
are used on a chain says its family.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.facts_revision import REVISION
from scanner.chains.registry import FAMILIES, family
from scanner.proofs.control import (
    MAX_MESSAGE_BYTES,
    MAX_SIGNATURES,
    MAX_TEXT,
    NotShown,
    NotUnderstood,
    NotVerifiable,
    Proof,
    Refuted,
    Replayable,
    Shown,
    Unbound,
    Verdict,
)

__all__ = ["SCHEMES", "NotShown", "NotVerifiable", "Proof", "Replayable", "Shown", "Unbound", "Verdict", "verify"]

SCHEMES: Final = tuple(sorted({name for each in FAMILIES.values() for name in each.schemes}))
"""By name, in order."""


def verify(proof: Proof, challenge: str | None, revision: int = REVISION) -> Verdict:
    """What `proof` shows. `challenge` is the message that this engagement asked to be signed, or None if it asked none.

    Without a challenge nothing better than Replayable comes out. An unknown scheme, and a scheme that is not used on
    the proof's chain in that revision of the tables, is NotVerifiable.
    """
    if proof.scheme not in SCHEMES:
        return NotVerifiable(f"no scheme is called {proof.scheme[:40]!a}; known are {', '.join(SCHEMES)}")
    scheme = family(proof.chain).schemes_in(revision).get(proof.scheme)
    if scheme is None:
        return NotVerifiable(f"the scheme {proof.scheme} is not used on {proof.chain}")
    try:
        _check_bounds(proof)
        signers = scheme(proof)
    except Refuted as refuted:
        return NotShown(str(refuted))
    except NotUnderstood as unknown:
        return NotVerifiable(str(unknown))
    replayable = not challenge or proof.message != challenge
    if signers.question:
        return Unbound(proof.scheme, signers.keys, signers.question, replayable)
    return (Replayable if replayable else Shown)(proof.scheme, signers.keys)


def _check_bounds(proof: Proof) -> None:
    texts = (*proof.signatures, *proof.owners, proof.public_key)
    if len(proof.signatures) > MAX_SIGNATURES or len(proof.owners) > MAX_SIGNATURES:
        raise Refuted(f"more than {MAX_SIGNATURES} signatures or owners")
    if any(len(text) > MAX_TEXT for text in texts):
        raise Refuted(f"a signature, owner or key of more than {MAX_TEXT} characters")
    try:
        encoded = proof.message.encode()
    except UnicodeEncodeError:
        raise Refuted("the message is not valid Unicode text") from None
    if len(encoded) > MAX_MESSAGE_BYTES:
        raise Refuted(f"a message of more than {MAX_MESSAGE_BYTES} bytes")
    if not any(proof.signatures):
        raise Refuted("no signature is given")
