"""aelf: everything that is known of this family of chains, as one value.

Sources: aelf's documentation (a main chain and side chains, by their own names); SLIP-0044.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.aelf import accounts
from scanner.chains.aelf.signed_message import okx_ecdsa
from scanner.chains.family import Backend, Coin, Family, History, SignatureForm, by_reference
from scanner.chains.keyless_words import small
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import RSV

_MAIN: Final = Chain("aelf", "AELF")
COIN: Final = Coin(decimals=8, slip44=1616)
_COINS: Final = {_MAIN.reference: COIN, "tDVV": COIN}
_NAMES: Final = {_MAIN.reference: "aelf", "tDVV": "aelf's side chain tDVV"}
_NAME = re.compile(r"[1-9A-HJ-NP-Za-km-z]{1,16}", re.ASCII)  # a number in base58


def _check_reference(reference: str, text: str) -> None:
    if not _NAME.fullmatch(reference):
        raise IdError(f"{text!r}: an aelf chain is named as it names itself, such as {_MAIN}")


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={_MAIN.reference: ("ELF", "AELF")},
    block_hash=re.compile(r"[0-9a-f]{64}", re.ASCII),
    coin=by_reference(_COINS),
    history=History.TIP,
    backends={
        "aelf": Backend(
            "scanner.chains.aelf.node.node", "AelfNode", chain=_MAIN, asks=("executeTransaction", "chainStatus")
        )
    },
    batch=8,  # all of them within half a second
    held_elsewhere=lambda asset: "what is locked in votes, in accounts of the chain's" if asset.native else None,
    keyless=small(32),
    keyless_mark=bytes(30),
    schemes={"okx-ecdsa": okx_ecdsa},
    signature_forms=(SignatureForm(RSV, ("okx-ecdsa",)),),
)
