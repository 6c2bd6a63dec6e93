"""Control of Ethereum validators by their own BLS key, which is the account.

The message is hashed and wrapped as under `okx-evm`, and that digest is signed. A validator's signing key does not
move its stake: the withdrawal credentials do, and they stand on the chain; hence Unbound.

py_ecc, which web3 brings along, does the pairing in Python: 0.8 s a signature, which is borne because validators are
few beside accounts. It is imported when first used (0.7 s).

Sources: draft-irtf-cfrg-bls-signature (proof-of-possession scheme), OKX's published verifier for the digest.
"""

from __future__ import annotations

from scanner.core.keccak import keccak256
from scanner.proofs.control import Proof, Refuted, Signers
from scanner.proofs.published_text import hex_bytes, only_signature


def bls(proof: Proof) -> Signers:
    """96 bytes in hex over keccak256(prefix + "32" + keccak256(message)), by the 48-byte key that is the account."""
    if len(proof.account) != 48:
        raise Refuted(f"a validator's key has 48 bytes, not {len(proof.account)}")
    signature = hex_bytes(only_signature(proof), "the signature", (96,))
    from py_ecc.bls.ciphersuites import G2ProofOfPossession

    digest = keccak256(b"\x19Ethereum Signed Message:\n32" + keccak256(proof.message.encode()))
    # Checks the encodings, the subgroups and the key's identity, and answers False for whatever is malformed.
    if not G2ProofOfPossession.Verify(proof.account, digest, signature):  # type: ignore[arg-type]
        raise Refuted("the signature is not by this validator's key")
    return Signers((proof.account,), "do the validator's withdrawal credentials belong to the exchange?")
