"""Control of Tron accounts: as on EVM chains, with Tron's prefix.

Tron signs version 1 (the message hashed first, always "32") and version 2 (the message with its length); a published
signature does not say which, so both are tried: they cannot be mistaken for one another without a hash collision.
An account whose permissions were changed on the chain is controlled by other keys: the chain is asked for them
(`node.permission`).

Source: TronWeb's signMessage and signMessageV2; OKX's published verifier.
"""

from __future__ import annotations

from scanner.chains.evm.signed_message import address_of
from scanner.core.keccak import keccak256
from scanner.proofs.control import Proof, Refuted, Signers
from scanner.proofs.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.published_text import hex_bytes, only_signature

_PREFIX = b"\x19TRON Signed Message:\n"


def tron(proof: Proof) -> Signers:
    """65 bytes r, s, v in hex, over the version 1 or version 2 digest of the message."""
    signature = hex_bytes(only_signature(proof), "the signature", (65,))
    recovery = signature[64] - 27 if signature[64] >= 27 else signature[64]
    message = proof.message.encode()
    for wrapped in (b"32" + keccak256(message), str(len(message)).encode() + message):
        key = recover_secp256k1(keccak256(_PREFIX + wrapped), signature[:64], recovery)
        if key is not None and address_of(key) == proof.account:
            return Signers((compress_secp256k1(key),))
    raise Refuted("the signature is not by this account's key, in neither version of Tron's message format")
