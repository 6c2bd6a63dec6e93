"""Control of accounts of Solana by OKX's signatures: an account is its Ed25519 key."""

from __future__ import annotations

from typing import Final

from scanner.chains.okx_ed25519 import okx_ed25519_scheme, same
from scanner.chains.solana.accounts import FORMS

okx_ed25519: Final = okx_ed25519_scheme(FORMS, same)
