"""Who controls an account: published signatures in, one verdict each out.

`verify` never raises for anything in a proof, and never passes what it could not judge. A scheme is one function in one
file, registered in `SCHEMES` below with the CAIP-2 namespaces on which it is used.
"""

from __future__ import annotations

from scanner.proofs.ownership import bip322, bitcoin, bls, ecdsa_okx, ed25519, eos, evm, stark, tron
from scanner.proofs.ownership.interface import (
    MAX_MESSAGE_BYTES,
    MAX_SIGNATURES,
    MAX_TEXT,
    NotShown,
    NotUnderstood,
    NotVerifiable,
    Proof,
    Refuted,
    Replayable,
    Scheme,
    Shown,
    Unbound,
    Verdict,
)

__all__ = ["SCHEMES", "NotShown", "NotVerifiable", "Proof", "Replayable", "Shown", "Unbound", "Verdict", "verify"]

SCHEMES: dict[str, tuple[Scheme, frozenset[str]]] = {
    "okx-evm": (evm.okx_evm, frozenset({"eip155", "fil"})),
    "eip191": (evm.eip191, frozenset({"eip155", "fil"})),
    "bip137": (bitcoin.bip137, frozenset({"bip122"})),
    "okx-utxo-hex": (bitcoin.okx_utxo_hex, frozenset({"bip122"})),
    "bip322": (bip322.bip322, frozenset({"bip122"})),
    "tron": (tron.tron, frozenset({"tron"})),
    "okx-ecdsa": (ecdsa_okx.okx_ecdsa, frozenset({"eip155", *ecdsa_okx.ADDRESSES})),
    "okx-ed25519": (ed25519.okx_ed25519, frozenset(ed25519.ADDRESSES)),
    "okx-eos": (eos.okx_eos, frozenset({"antelope"})),
    "okx-stark": (stark.okx_stark, frozenset({"starknet"})),
    "bls": (bls.bls, frozenset({"eip155"})),
}


def verify(proof: Proof, challenge: str | None) -> Verdict:
    """What `proof` shows. `challenge` is the message that this engagement asked to be signed, or None if it asked none.

    Without a challenge nothing better than Replayable comes out. An unknown scheme, and a scheme that is not used on
    the proof's chain, is NotVerifiable.
    """
    known = SCHEMES.get(proof.scheme)
    if known is None:
        return NotVerifiable(f"no scheme is called {proof.scheme[:40]!a}; known are {', '.join(SCHEMES)}")
    scheme, namespaces = known
    if proof.chain.namespace not in namespaces:
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
