"""Solana: everything that is known of this family of chains, as one value."""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.family import Backend, Coin, Family, History, SignatureForm, TokenKind, by_reference
from scanner.chains.keyless_words import small
from scanner.chains.solana import accounts, keyless
from scanner.chains.solana.signed_message import okx_ed25519
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import ED25519

_MAIN: Final = Chain("solana", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
COIN: Final = Coin(decimals=9, slip44=501)
_COINS: Final = {_MAIN.reference: COIN}
_STAKES: Final = "stakes, each in a stake account; who has some not named has a lower bound"
_NAMES: Final = {_MAIN.reference: "Solana"}
_REFERENCE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise IdError(
            f"{text!r}: a Solana network is named by the first 32 characters of its genesis hash, such as {_MAIN}"
        )


def _mint(reference: str, text: str) -> str:
    """The mint's one spelling."""
    try:
        return accounts.account_text(_MAIN, accounts.account_key(_MAIN, reference))
    except AddressError as error:
        raise IdError(f"{text!r}: a token is named by its mint: {error}") from None


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={_MAIN.reference: ("SOL", "SOLANA", "SPL")},
    explorers={_MAIN.reference: "https://explorer.solana.com/block/{height}"},
    block_hash=re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}", re.ASCII),
    coin=by_reference(_COINS),
    tokens={"token": TokenKind(_mint, shared=True)},
    history=History.TIP,
    may_skip_heights=True,
    backends={
        "solana": Backend(
            "scanner.chains.solana.node.node", "SolanaNode", chain=_MAIN, asks=("", "getMultipleAccounts")
        )
    },
    held_elsewhere=lambda asset: _STAKES if asset.native else None,
    read_from_below=lambda asset: None if asset.native else "token accounts that no node lists",
    batch=99,
    token_batch=30,
    keyless=small(32),
    keyless_mark=bytes(30),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
