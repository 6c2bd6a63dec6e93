"""aelf: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.aelf import accounts
from scanner.chains.aelf.signed_message import okx_ecdsa
from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.core.ids import Chain
from scanner.proofs.published_text import RSV

_COINS: Final = {"AELF": Coin(decimals=8)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"AELF": ("ELF", "AELF")},
    coin=_coin,
    keyless=small(32),
    keyless_mark=bytes(30),
    schemes={"okx-ecdsa": okx_ecdsa},
    signature_forms=(SignatureForm(RSV, ("okx-ecdsa",)),),
)
