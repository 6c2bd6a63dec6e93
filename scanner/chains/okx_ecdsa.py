"""Control of accounts with secp256k1 keys, signed in OKX's own message format, as several families of chains use it.

The key is recovered from the signature, and the address that follows from it on that chain must be the account; a
public key given beside the signature must be the recovered one. Whether an account has handed its control to other keys
(a regular key on the XRP Ledger, say) only the chain can say, and how an address follows from a key is the family's.

Source: OKX's published verifier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scanner.core.keccak import keccak256
from scanner.proofs.control import Proof, Refuted, Scheme, Signers
from scanner.proofs.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.published_text import hex_bytes, only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"


def recover(digest: bytes, text: str) -> bytes:
    """The 65-byte public key behind 65 hex bytes r, s, v, whatever half of the order s is in. Raises Refuted."""
    signature = hex_bytes(text, "the signature", (65,))
    recovery = signature[64] - 27 if signature[64] >= 27 else signature[64]
    key = recover_secp256k1(digest, signature[:64], recovery)
    if key is None:
        raise Refuted("the signature is no signature by any key")
    return key


def okx_ecdsa_scheme(
    account_of: Callable[[bytes], bytes], recovered: Callable[[bytes, str], bytes] = recover
) -> Scheme:
    """The scheme of a family on which `account_of` turns a 65-byte public key into the key of its account.

    keccak256(varstr("OKX Signed Message:\\n") + varstr(message)); hex of 65 bytes r, s, v.
    """

    def okx_ecdsa(proof: Proof) -> Signers:
        digest = keccak256(varstr(_MAGIC) + varstr(proof.message.encode()))
        key = recovered(digest, only_signature(proof))
        compressed = compress_secp256k1(key)
        if proof.public_key:
            given = hex_bytes(proof.public_key, "the public key", (33, 64, 65))
            if given not in (compressed, key, key[1:]):
                raise Refuted("the signature is not by the given public key")
        if account_of(key) != proof.account:
            raise Refuted("the signature is not by this account's key")
        return Signers((compressed,))

    return okx_ecdsa
