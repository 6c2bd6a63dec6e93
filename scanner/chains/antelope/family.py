"""EOS (Vaulta) and its kin: everything that is known of this family of chains, as one value."""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.antelope import accounts, keyless
from scanner.chains.antelope.signed_message import okx_eos
from scanner.chains.family import Coin, Family, SignatureForm
from scanner.core.ids import Chain

_COINS: Final = {"aca376f206b8fc25a6ed44dbdc66547c": Coin(decimals=4)}


def _coin(chain: Chain) -> Coin | None:
    return _COINS.get(chain.reference)


def _contract(reference: str) -> str:
    """Of `contract:CUR`."""
    return reference.partition(":")[0]


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"aca376f206b8fc25a6ed44dbdc66547c": ("EOS", "VAULTA")},
    coin=_coin,
    token_contract=_contract,
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-eos": okx_eos},
    signature_forms=(SignatureForm(re.compile(r"SIG_K1_[1-9A-HJ-NP-Za-km-z]+"), ("okx-eos",)),),
)
