"""Filecoin: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.filecoin import accounts, keyless
from scanner.chains.filecoin.signed_message import SCHEMES
from scanner.core.ids import Chain
from scanner.proofs.published_text import RSV

_COINS: Final = {"f": Coin(decimals=18)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"f": ("FIL", "FILECOIN")},
    coin=_coin,
    keyless=keyless.keyless,
    schemes=SCHEMES,
    signature_forms=(SignatureForm(RSV, ("okx-evm", "eip191", "okx-ecdsa")),),
)
