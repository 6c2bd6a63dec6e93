"""Aptos: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.aptos import accounts
from scanner.chains.aptos.signed_message import okx_ed25519
from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.core.ids import Chain
from scanner.proofs.published_text import ED25519

_COINS: Final = {"1": Coin(decimals=8)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"1": ("APT", "APTOS")},
    coin=_coin,
    keyless=small(32),
    keyless_mark=bytes(30),
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
