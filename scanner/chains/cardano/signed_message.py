"""Control of accounts of Cardano by OKX's signatures. Source: CIP-19."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from scanner.chains.cardano.accounts import FORMS
from scanner.chains.okx_ed25519 import okx_ed25519_scheme
from scanner.proofs.control import NotUnderstood

_ENTERPRISE: Final = b"\x61"  # the header of an address of one key's hash on Cardano's main network


def is_account_of(key: bytes, account: bytes) -> bool:
    """Whether the account is the one that follows from a 32-byte key."""
    if account[:1] != _ENTERPRISE:
        raise NotUnderstood("only enterprise addresses of Cardano are understood")
    return account[1:] == blake2b(key, digest_size=28).digest()


okx_ed25519: Final = okx_ed25519_scheme(FORMS, is_account_of)
