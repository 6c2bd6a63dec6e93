"""The XRP Ledger: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Coin, Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.chains.xrpl import accounts, keyless
from scanner.chains.xrpl.signed_message import okx_ecdsa
from scanner.core.ids import Chain
from scanner.proofs.published_text import RSV

_COINS: Final = {"0": Coin(decimals=6)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


def _issuer(reference: str) -> str:
    """Of `CUR.issuer`."""
    return reference.rpartition(".")[2]


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"0": ("XRP", "RIPPLE")},
    coin=_coin,
    token_contract=_issuer,
    keyless=small(20),
    keyless_mark=bytes(18),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-ecdsa": okx_ecdsa},
    signature_forms=(SignatureForm(RSV, ("okx-ecdsa",)),),
)
