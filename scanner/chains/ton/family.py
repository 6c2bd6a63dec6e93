"""TON: everything that is known of this family of chains, as one value."""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.family import Backend, Family, SignatureForm, TokenKind, by_reference
from scanner.chains.ton import accounts, block_hash, jettons, keyless
from scanner.chains.ton.ancestry import TonAncestry
from scanner.chains.ton.facts import COINS, MAIN
from scanner.chains.ton.prover import TonStateProofs
from scanner.chains.ton.signed_message import okx_ed25519
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import ED25519

_NAMES: Final = {MAIN.reference: "TON"}
_GLOBAL_ID = re.compile(r"-?[1-9][0-9]{0,9}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _GLOBAL_ID.fullmatch(reference):
        raise IdError(f"{text!r}: a network of TON is named by its global id, such as {MAIN}")


def _ancestry(_chain: Chain) -> TonAncestry:
    return TonAncestry()


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    block_hash=block_hash.TEXT,
    block_spelling=block_hash.spelled,
    backends={
        "toncenter": Backend("scanner.chains.ton.node.node", "ToncenterNode", chain=MAIN),
        "liteserver": Backend(
            "scanner.chains.ton.node.lite_node",
            "LiteServerNode",
            transports=("adnl",),
            chain=MAIN,
            ports={"adnl": 4924},
            proofs=True,
        ),
    },
    batch=1_000,
    network_names={MAIN.reference: ("TON", "TONCOIN", "JETTON")},
    explorers={MAIN.reference: "https://tonscan.org/block/-1:8000000000000000:{height}"},
    coin=by_reference(COINS),
    tokens={jettons.KIND: TokenKind(jettons.canonical)},
    token_contract=jettons.contract_text,
    state_proofs=TonStateProofs(),
    ancestry=_ancestry,
    asset_unread=jettons.unread_because,
    held_elsewhere=lambda asset: "stakes in pools, which are contracts of their own" if asset.native else None,
    keyless=keyless.keyless,
    keyless_mark=bytes(30),
    keyless_accounts=keyless.ACCOUNTS,
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
