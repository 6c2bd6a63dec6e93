"""From a holding to a verdict, where the file names no scheme: which schemes may apply, and what the best of them says.

A scheme is recognised by the chain and the form of the signatures, never by what is convenient: a text that fits no
form known on its chain is NotVerifiable. Trying several is safe, because each binds the signing key to the account: a
signature under one digest recovers some stranger's key under another. No digest and no address is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scanner.core.claim import Claim
from scanner.core.columns import Coded
from scanner.core.holdings import Holding, Ownership
from scanner.proofs.ownership import ecdsa_okx, ed25519, verify
from scanner.proofs.ownership.controls import Controls
from scanner.proofs.ownership.interface import (
    MAX_SIGNATURES,
    MAX_TEXT,
    NotPublished,
    NotShown,
    NotVerifiable,
    Proof,
    Unbound,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class _Form:
    """Signatures of this form, on chains of these namespaces, may be by these schemes, the likeliest first."""

    namespaces: frozenset[str]
    signature: re.Pattern[str]
    schemes: tuple[str, ...]


_RSV: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{130}")
# Base64, after a prefix or none. The shortest witness that shows anything, Taproot's, has 66 bytes.
_WITNESS: Final = re.compile(r"(?:smp|ful|pof)?(?:[A-Za-z0-9+/]{4}){21,}(?:[A-Za-z0-9+/]{2,4}={0,2})?")
_EVM: Final = frozenset({"eip155"})
_BITCOIN: Final = frozenset({"bip122"})
_FILECOIN: Final = frozenset({"fil"})

# The first form that all signatures of a proof have decides. OKTC's rows are signed as OKX's other chains are, though
# the chain is an EVM chain; nothing in a row tells which of the three digests was signed.
_FORMS: Final = (
    _Form(_EVM, re.compile(r"(?:0x)?[0-9a-fA-F]{192}"), ("bls",)),
    _Form(_EVM, _RSV, ("okx-evm", "eip191", "okx-ecdsa")),
    _Form(_FILECOIN, _RSV, ("okx-evm", "eip191", "okx-ecdsa")),
    _Form(_BITCOIN, _RSV, ("okx-utxo-hex",)),
    _Form(_BITCOIN, re.compile(r"[A-Za-z0-9+/]{87}="), ("bip137",)),
    _Form(_BITCOIN, _WITNESS, ("bip322",)),
    _Form(frozenset({"tron"}), _RSV, ("tron",)),
    _Form(frozenset(ecdsa_okx.ADDRESSES) - _FILECOIN, _RSV, ("okx-ecdsa",)),
    _Form(frozenset(ed25519.ADDRESSES), re.compile(r"(?:0x)?[0-9a-fA-F]{128}"), ("okx-ed25519",)),
    _Form(frozenset({"antelope"}), re.compile(r"SIG_K1_[1-9A-HJ-NP-Za-km-z]+"), ("okx-eos",)),
    _Form(frozenset({"starknet"}), re.compile(r"(?:0x)?[0-9a-fA-F]{65,128}"), ("okx-stark",)),
)


NOTHING_PUBLISHED: Final = NotPublished("no signature was published")


def control_of(holding: Holding, challenge: str | None) -> Verdict:
    """What was published shows of who controls the holding's account. Never raises for anything published.

    `challenge` is the message that this engagement asked to be signed, or None. Of several schemes that may apply the
    best verdict counts: Shown or Replayable, which need nothing more; then Unbound, which alone shows nothing, since
    whoever may name an owner can make up a signature of his. Where none holds all reasons are kept, and one scheme that
    could not judge makes the whole NotVerifiable: what cannot be judged is not refuted.
    """
    published = holding.ownership
    if published is None or not any(published.signatures):
        return NOTHING_PUBLISHED
    named = (published.scheme,) if published.scheme else candidates(holding)
    if not named:
        return NotVerifiable(f"signatures of no form that is known on {holding.asset.chain}")
    unbound: Unbound | None = None
    failed: list[tuple[str, NotShown]] = []
    for scheme in named:
        verdict = verify(_proof(holding, published, scheme), challenge)
        if isinstance(verdict, NotShown):
            failed.append((scheme, verdict))
        elif isinstance(verdict, Unbound):
            unbound = unbound or verdict
        else:
            return verdict
    return unbound or _none_holds(failed, json_key=published.key.lstrip().startswith(("{", "[")))


def candidates(holding: Holding) -> tuple[str, ...]:
    """The schemes that may have made the holding's signatures, the likeliest first; empty where none is known."""
    published, namespace = holding.ownership, holding.asset.chain.namespace
    if published is None or not 1 <= len(published.signatures) <= MAX_SIGNATURES:
        return ()
    if any(len(text) > MAX_TEXT for text in published.signatures):
        return ()
    for form in _FORMS:
        if namespace in form.namespaces and all(map(form.signature.fullmatch, published.signatures)):
            return form.schemes
    return ()


def judged(claim: Claim) -> Controls:
    """What was published for all of a claim's holdings shows, one after the other."""
    verdicts: Coded[Verdict] = Coded()
    verdicts.extend(NOTHING_PUBLISHED, len(claim.holdings))
    for position, holding in claim.holdings.proofs():
        verdicts[position] = control_of(holding, claim.challenge)
    return Controls.of(claim.holdings, verdicts)


def verdicts_of(holdings: Iterable[Holding], challenge: str | None) -> list[Verdict]:
    """`control_of` each, in order: a piece of work for another process."""
    return [control_of(holding, challenge) for holding in holdings]


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
