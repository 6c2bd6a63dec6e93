"""EOS (Vaulta) and its kin: everything that is known of this family of chains, as one value.

Sources: CAIP namespace antelope (the first 32 hex digits of a chain's id); SLIP-0044.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.antelope import accounts, keyless
from scanner.chains.antelope.signed_message import okx_eos
from scanner.chains.family import Backend, Coin, Family, History, SignatureForm, by_reference
from scanner.core.ids import Chain, IdError

_MAIN: Final = Chain("antelope", "aca376f206b8fc25a6ed44dbdc66547c")
COIN: Final = Coin(decimals=4, slip44=194)
_COINS: Final = {_MAIN.reference: COIN}
_NAMES: Final = {_MAIN.reference: "Vaulta (EOS)"}
_REFERENCE = re.compile(r"[0-9a-f]{32}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise IdError(f"{text!r}: an antelope chain is named by the first 32 hex digits of its id, such as {_MAIN}")


def _contract(reference: str) -> str:
    """Of `contract:CUR`."""
    return reference.partition(":")[0]


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={_MAIN.reference: ("EOS", "VAULTA")},
    block_hash=re.compile(r"[0-9a-f]{64}", re.ASCII),
    coin=by_reference(_COINS),
    token_contract=_contract,
    history=History.TIP,
    backends={
        "nodeos": Backend(
            "scanner.chains.antelope.node.node", "AntelopeNode", chain=_MAIN, asks=("get_account", "get_info")
        )
    },
    read_from_below=lambda _: "what is delegated to others, or lent",
    batch=4,  # two questions an account, and all of them within half a second
    may_be_contract=lambda _chain, _account: True,
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-eos": okx_eos},
    signature_forms=(SignatureForm(re.compile(r"SIG_K1_[1-9A-HJ-NP-Za-km-z]+"), ("okx-eos",)),),
)
