"""Tron: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.chains.tron import accounts, keyless
from scanner.chains.tron.signed_message import tron
from scanner.core.ids import Chain
from scanner.proofs.published_text import RSV

_COINS: Final = {"728126428": Coin(decimals=6)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"728126428": ("TRX", "TRON", "TRC20", "TRC10")},
    coin=_coin,
    keyless=small(20),
    keyless_mark=bytes(18),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"tron": tron},
    signature_forms=(SignatureForm(RSV, ("tron",)),),
)
