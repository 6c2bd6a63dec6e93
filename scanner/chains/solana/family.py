"""Solana: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.chains.solana import accounts, keyless
from scanner.chains.solana.signed_message import okx_ed25519
from scanner.core.ids import Chain
from scanner.proofs.published_text import ED25519

_COINS: Final = {"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": Coin(decimals=9)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": ("SOL", "SOLANA", "SPL")},
    coin=_coin,
    keyless=small(32),
    keyless_mark=bytes(30),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
