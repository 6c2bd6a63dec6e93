"""Control of accounts of TON by OKX's signatures: an account is the hash of a wallet contract with the key in it."""

from __future__ import annotations

from typing import Final

from scanner.chains.okx_ed25519 import okx_ed25519_scheme
from scanner.chains.ton.accounts import FORMS
from scanner.chains.ton.wallets import is_wallet_of

okx_ed25519: Final = okx_ed25519_scheme(FORMS, is_wallet_of)
