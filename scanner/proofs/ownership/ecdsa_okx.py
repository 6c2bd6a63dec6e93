"""Control of accounts on further chains with secp256k1 keys, signed in OKX's own message format.

The key is recovered from the signature, and the address that follows from it on that chain must be the account; a
public key given beside the signature must be the recovered one. An account that has handed its control to other keys on
the chain (a regular key on the XRP Ledger, say) is not seen here.

Sources: OKX's published verifier; Filecoin address specification (protocol 1), XRP Ledger base58 encodings, AElf.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Final

from scanner.core.address.output_scripts import hash160
from scanner.core.keccak import keccak256
from scanner.proofs.ownership import evm
from scanner.proofs.ownership.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.ownership.interface import Proof, Refuted, Signers
from scanner.proofs.ownership.published import hex_bytes, only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"


def okx_ecdsa(proof: Proof) -> Signers:
    """keccak256(varstr("OKX Signed Message:\\n") + varstr(message)); hex of 65 bytes r, s, v."""
    digest = keccak256(varstr(_MAGIC) + varstr(proof.message.encode()))
    text = only_signature(proof)
    if proof.chain.namespace == "eip155":
        key = evm.recover(digest, text, "the signature")
        matches = evm.address_of(key) == proof.account
    else:
        key = _recover(digest, text)
        matches = ADDRESSES[proof.chain.namespace](key) == proof.account
    compressed = compress_secp256k1(key)
    if proof.public_key:
        given = hex_bytes(proof.public_key, "the public key", (33, 64, 65))
        if given not in (compressed, key, key[1:]):
            raise Refuted("the signature is not by the given public key")
    if not matches:
        raise Refuted("the signature is not by this account's key")
    return Signers((compressed,))


def _recover(digest: bytes, text: str) -> bytes:
    signature = hex_bytes(text, "the signature", (65,))
    recovery = signature[64] - 27 if signature[64] >= 27 else signature[64]
    key = recover_secp256k1(digest, signature[:64], recovery)
    if key is None:
        raise Refuted("the signature is no signature by any key")
    return key


def _filecoin(key: bytes) -> bytes:
    return b"\x01" + blake2b(key, digest_size=20).digest()  # protocol 1


def _xrp_ledger(key: bytes) -> bytes:
    return hash160(compress_secp256k1(key))


def _aelf(key: bytes) -> bytes:
    return sha256(sha256(key).digest()).digest()


ADDRESSES: Final[dict[str, Callable[[bytes], bytes]]] = {"fil": _filecoin, "xrpl": _xrp_ledger, "aelf": _aelf}
"""By CAIP-2 namespace: the account's key (`core.address`) that follows from a 65-byte public key."""
