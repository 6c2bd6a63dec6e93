"""Aptos: everything that is known of this family of chains, as one value.

Sources: aptos.dev (networks by chain id; fungible assets by the address of their metadata); SLIP-0044.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.aptos import accounts
from scanner.chains.aptos.signed_message import okx_ed25519
from scanner.chains.aptos.stores import APT
from scanner.chains.family import Backend, Coin, Family, SignatureForm, TokenKind, by_reference
from scanner.chains.keyless_words import small
from scanner.core.ids import AssetId, Chain, IdError
from scanner.proofs.published_text import ED25519

_MAIN: Final = Chain("aptos", "1")
COIN: Final = Coin(decimals=8, slip44=637)
_COINS: Final = {_MAIN.reference: COIN}
_NAMES: Final = {_MAIN.reference: "Aptos"}
_NUMBER = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: a network of Aptos is named by its chain id, such as {_MAIN}")


def _metadata(reference: str, text: str) -> str:
    """The address of an asset's metadata, with all its digits."""
    try:
        return accounts.FORMS.text(_MAIN, accounts.FORMS.key(_MAIN, reference))
    except AddressError as error:
        raise IdError(f"{text!r}: a fungible asset is named by the address of its metadata: {error}") from None


def _is_apt(asset: AssetId, _revision: int) -> bool:
    """Whether a token is Aptos' own coin, which has a metadata too."""
    return asset.kind == "token" and bytes.fromhex(asset.reference[2:]) == APT


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={_MAIN.reference: ("APT", "APTOS")},
    explorers={_MAIN.reference: "https://explorer.aptoslabs.com/block/{height}?network=mainnet"},
    block_hash=re.compile(r"0x[0-9a-f]{64}", re.ASCII),
    coin=by_reference(_COINS),
    tokens={"token": TokenKind(_metadata, shared=True)},
    shows_native_again=_is_apt,
    backends={
        "aptos": Backend("scanner.chains.aptos.node.node", "AptosNode", chain=_MAIN, asks=("view", "blocks/by_height"))
    },
    read_from_below=lambda _: "stores that no call lists, and stakes",
    batch=1_000,
    keyless=small(32),
    keyless_mark=bytes(30),
    schemes={"okx-ed25519": okx_ed25519},
    may_be_contract=lambda _chain, _account: True,
    keys_may_change=True,
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
