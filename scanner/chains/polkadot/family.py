"""Polkadot and its kin: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.polkadot import accounts, keyless
from scanner.chains.polkadot.signed_message import okx_ed25519
from scanner.core.ids import Chain
from scanner.proofs.published_text import ED25519

_COINS: Final = {
    "91b171bb158e2d3848fa23a9f1c25182": Coin(decimals=10),
    "68d56f15f85d3136970ec16946040bc1": Coin(decimals=10),
}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={
        "68d56f15f85d3136970ec16946040bc1": ("ASSETHUB",),
        "91b171bb158e2d3848fa23a9f1c25182": ("DOT", "POLKADOT"),
    },
    coin=_coin,
    keyless=keyless.keyless,
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
