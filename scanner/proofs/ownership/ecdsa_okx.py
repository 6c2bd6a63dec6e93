"""Control of accounts on further chains with secp256k1 keys, signed in OKX's own message format.

The key is recovered from the signature, and the address that follows from it on that chain must be the account; a
public key given beside the signature must be the recovered one. An account that has handed its control to other keys on
the chain (a regular key on the XRP Ledger, say) is not seen here.

Sources: OKX's published verifier; Filecoin address specification (protocol 1), XRP Ledger base58 encodings, AElf.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Final

from scanner.core import base58
from scanner.core.keccak import keccak256
from scanner.proofs.ownership import evm
from scanner.proofs.ownership.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.ownership.interface import Proof, Refuted, Signers
from scanner.proofs.ownership.published import account_name, hex_bytes, only_signature, varstr
from scanner.proofs.ownership.scripts import hash160

_MAGIC: Final = b"OKX Signed Message:\n"
_RIPPLE_ALPHABET: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def okx_ecdsa(proof: Proof) -> Signers:
    """keccak256(varstr("OKX Signed Message:\\n") + varstr(message)); hex of 65 bytes r, s, v."""
    digest = keccak256(varstr(_MAGIC) + varstr(proof.message.encode()))
    text = only_signature(proof)
    if proof.chain.namespace == "eip155":
        key = evm.recover(digest, text, "the signature")
        matches = evm.address_of(key) == proof.account
    else:
        key = _recover(digest, text)
        matches = ADDRESSES[proof.chain.namespace](key) == account_name(proof)
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


def _filecoin(key: bytes) -> str:
    payload = blake2b(key, digest_size=20).digest()
    check = blake2b(b"\x01" + payload, digest_size=4).digest()
    return "f1" + base64.b32encode(payload + check).decode().lower().rstrip("=")


def _xrp_ledger(key: bytes) -> str:
    text = base58.encode_check(b"\x00" + hash160(compress_secp256k1(key)))
    return text.translate(_TO_RIPPLE)


_TO_RIPPLE = str.maketrans(base58.ALPHABET, _RIPPLE_ALPHABET)


def _aelf(key: bytes) -> str:
    return base58.encode_check(sha256(sha256(key).digest()).digest())


ADDRESSES: Final[dict[str, Callable[[bytes], str]]] = {"fil": _filecoin, "xrpl": _xrp_ledger, "aelf": _aelf}
"""By CAIP-2 namespace: the account that follows from a 65-byte public key. (On EVM chains an account is no text.)"""
