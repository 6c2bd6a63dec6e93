"""Polkadot and its kin: everything that is known of this family of chains, as one value. Chain by chain: `facts`.

Source: CAIP namespace polkadot.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.family import Backend, Coin, Family, SignatureForm, TokenKind
from scanner.chains.polkadot import accounts, assets, keyless
from scanner.chains.polkadot.ancestry import SubstrateAncestry
from scanner.chains.polkadot.facts import COINS, EXPLORERS, NAMES, NETWORK_NAMES
from scanner.chains.polkadot.prover import SubstrateStateProofs
from scanner.chains.polkadot.signed_message import okx_ed25519
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import ED25519

_REFERENCE = re.compile(r"[0-9a-f]{32}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _REFERENCE.fullmatch(reference):
        raise IdError(f"{text!r}: a polkadot chain is named by the first 32 hex digits of its first block's hash")


def _coin(chain: Chain) -> Coin | None:
    return COINS.get(chain.reference)


def _name(chain: Chain) -> str | None:
    return NAMES.get(chain.reference)


def _ancestry(_chain: Chain) -> SubstrateAncestry:
    return SubstrateAncestry()


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=_name,
    network_names=NETWORK_NAMES,
    explorers=EXPLORERS,
    block_hash=re.compile(r"0x[0-9a-f]{64}", re.ASCII),
    coin=_coin,
    tokens={assets.KIND: TokenKind(assets.canonical)},
    backends={"substrate": Backend("scanner.chains.polkadot.node.node", "SubstrateNode", proofs=True)},
    state_proofs=SubstrateStateProofs(),
    ancestry=_ancestry,
    keyless=keyless.keyless,
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
