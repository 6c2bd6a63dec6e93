"""Control of accounts of Aptos by OKX's signatures: an account is named by its first authentication key.

Source: Aptos' documentation (authentication keys).
"""

from __future__ import annotations

from hashlib import sha3_256
from typing import Final

from scanner.chains.aptos.accounts import FORMS
from scanner.chains.okx_ed25519 import okx_ed25519_scheme
from scanner.proofs.control import Refuted, Signers


def _authentication_key(key: bytes) -> bytes:
    return sha3_256(key + b"\x00").digest()  # single-key authentication, scheme byte 0


def is_account_of(key: bytes, account: bytes) -> bool:
    """Whether the account is the one that follows from a 32-byte key."""
    return account == _authentication_key(key)


def _rotated(key: bytes, owner: bytes) -> Signers:
    """An account's key may be changed: the file then names the authentication key beside the address."""
    if owner != _authentication_key(key):
        raise Refuted("the given public key is not the owner's")
    return Signers((owner,), "is this the account's authentication key?")


okx_ed25519: Final = okx_ed25519_scheme(FORMS, is_account_of, _rotated)
