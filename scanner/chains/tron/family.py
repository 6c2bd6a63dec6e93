"""Tron: everything that is known of this family of chains, as one value.

Sources: CASA's decision for the decimal reference (the chain's id as its own EVM tells it); SLIP-0044.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.family import Backend, Coin, Family, History, SignatureForm, TokenKind, by_reference
from scanner.chains.keyless_words import small
from scanner.chains.tron import accounts, keyless
from scanner.chains.tron.signed_message import tron
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import RSV

_MAIN: Final = Chain("tron", "728126428")
COIN: Final = Coin(decimals=6, slip44=195)
_COINS: Final = {_MAIN.reference: COIN}
_NAMES: Final = {_MAIN.reference: "Tron"}
_NUMBER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: a network of Tron is named by its chain id in decimal, such as {_MAIN}")


def _contract(reference: str, text: str) -> str:
    """The contract's one spelling, base58."""
    try:
        return accounts.account_text(_MAIN, accounts.account_key(_MAIN, reference))
    except AddressError as error:
        raise IdError(f"{text!r}: a trc20 asset is named by its contract: {error}") from None


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={_MAIN.reference: ("TRX", "TRON", "TRC20", "TRC10")},
    explorers={_MAIN.reference: "https://tronscan.org/#/block/{height}"},
    block_hash=re.compile(r"[0-9a-f]{64}", re.ASCII),
    coin=by_reference(_COINS),
    tokens={"trc20": TokenKind(_contract)},
    history=History.TIP,
    backends={"tron": Backend("scanner.chains.tron.node.node", "TronNode", chain=_MAIN)},
    batch=2_000,  # some 8,000 energy each, of the 100,000,000 that a node spends on a call
    keyless=small(20),
    keyless_mark=bytes(18),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"tron": tron},
    signature_forms=(SignatureForm(RSV, ("tron",)),),
    may_be_contract=lambda _chain, _account: True,
    keys_may_change=True,
)
