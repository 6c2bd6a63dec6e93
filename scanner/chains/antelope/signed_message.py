"""Signatures by EOS (Vaulta) keys. An account's name says nothing of its keys, so the chain must always be asked.

Sources: OKX's published verifier for the digest; EOSIO `fc/crypto` for the texts of keys and signatures.
"""

from __future__ import annotations

import hashlib
from typing import Final

from scanner.core import base58
from scanner.core.ripemd160 import ripemd160
from scanner.proofs.control import Proof, Refuted, Signers
from scanner.proofs.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.published_text import only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"


def okx_eos(proof: Proof) -> Signers:
    """sha256(varstr("OKX Signed Message:\\n") + varstr(message)); SIG_K1_..., with the key as EOS... or PUB_K1_..."""
    digest = hashlib.sha256(varstr(_MAGIC) + varstr(proof.message.encode())).digest()
    signature = _decode(only_signature(proof), "SIG_K1_", b"K1", 65, "the signature")
    legacy = proof.public_key.startswith("EOS")
    prefix, suffix = ("EOS", b"") if legacy else ("PUB_K1_", b"K1")
    given = _decode(proof.public_key, prefix, suffix, 33, "the public key")
    # The header counts from 27, plus 4 for a compressed key, which all of EOS's are.
    key = recover_secp256k1(digest, signature[1:], signature[0] - 31)
    if key is None or compress_secp256k1(key) != given:
        raise Refuted("the signature is not by the given public key")
    return Signers((given,), "do this account's permissions name this key?")


def _decode(text: str, prefix: str, suffix: bytes, length: int, what: str) -> bytes:
    if not text.startswith(prefix):
        raise Refuted(f"{what} does not start with {prefix}")
    try:
        data = base58.decode(text[len(prefix) :])
    except ValueError as error:
        raise Refuted(f"{what}: {error}") from None
    payload, check = data[:-4], data[-4:]
    if len(payload) != length or ripemd160(payload + suffix)[:4] != check:
        raise Refuted(f"{what}: the length or the checksum is wrong")
    return payload
