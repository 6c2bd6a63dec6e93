"""The XRP Ledger: everything that is known of this family of chains, as one value."""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.family import Backend, Coin, Family, SignatureForm, by_reference
from scanner.chains.keyless_words import small
from scanner.chains.xrpl import accounts, keyless
from scanner.chains.xrpl.signed_message import okx_ecdsa
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import RSV

COIN: Final = Coin(decimals=6, slip44=144)
_COINS: Final = {"0": COIN}
_NETWORKS: Final = {"0": "the XRP Ledger", "1": "the XRP Ledger's Testnet", "2": "the XRP Ledger's Devnet"}
_ELSEWHERE: Final = "escrows for others and payment channels, which cannot be named"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: a network of the XRP Ledger is named by its number, such as xrpl:0")


def _issuer(reference: str) -> str:
    """Of `CUR.issuer`."""
    return reference.rpartition(".")[2]


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NETWORKS),
    block_hash=re.compile(r"[0-9A-F]{64}", re.ASCII),
    backends={
        "rippled": Backend(
            "scanner.chains.xrpl.node.node",
            "RippledNode",
            chain=Chain("xrpl", "0"),
            asks=("account_info", "ledger"),
        )
    },
    batch=1_000,
    network_names={"0": ("XRP", "RIPPLE")},
    explorers={"0": "https://livenet.xrpl.org/ledgers/{height}"},
    coin=by_reference(_COINS),
    token_contract=_issuer,
    held_elsewhere=lambda asset: _ELSEWHERE if asset.native else None,
    keyless=small(20),
    keyless_mark=bytes(18),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-ecdsa": okx_ecdsa},
    may_be_contract=lambda _chain, _account: True,
    keys_may_change=True,
    signature_forms=(SignatureForm(RSV, ("okx-ecdsa",)),),
)
