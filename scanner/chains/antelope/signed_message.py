"""Signatures by EOS (Vaulta) keys. An account's name says nothing of its keys, so the chain must always be asked.

Sources: OKX's published verifier for the digest; EOSIO `fc/crypto` for the texts of keys and signatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from scanner.chains.antelope.keys import decoded, key_of
from scanner.proofs.control import Proof, Refuted, Signers
from scanner.proofs.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.published_text import only_signature, varstr

P = ParamSpec("P")
T = TypeVar("T")

_MAGIC: Final = b"OKX Signed Message:\n"


def okx_eos(proof: Proof) -> Signers:
    """sha256(varstr("OKX Signed Message:\\n") + varstr(message)); SIG_K1_..., with the key as EOS... or PUB_K1_..."""
    digest = hashlib.sha256(varstr(_MAGIC) + varstr(proof.message.encode())).digest()
    signature = _read("the signature", decoded, only_signature(proof), "SIG_K1_", b"K1", 65)
    given = _read("the public key", key_of, proof.public_key)
    # The header counts from 27, plus 4 for a compressed key, which all of EOS's are.
    key = recover_secp256k1(digest, signature[1:], signature[0] - 31)
    if key is None or given is None or compress_secp256k1(key) != given:
        raise Refuted("the signature is not by the given public key")
    return Signers((given,), "do this account's permissions name this key?")


def _read(what: str, read: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    try:
        return read(*args, **named)
    except ValueError as error:
        raise Refuted(f"{what}: {error}") from None
