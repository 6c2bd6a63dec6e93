"""Filecoin: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Backend, Family, SignatureForm, by_reference
from scanner.chains.filecoin import accounts, cid, keyless
from scanner.chains.filecoin.ancestry import FilecoinAncestry
from scanner.chains.filecoin.facts import COINS
from scanner.chains.filecoin.prover import FilecoinStateProofs
from scanner.chains.filecoin.signed_message import SCHEMES
from scanner.core.ids import Chain, IdError
from scanner.proofs.published_text import RSV

_NAMES: Final = {"f": "Filecoin"}


def _check_reference(reference: str, text: str) -> None:
    if reference not in ("f", "t"):
        raise IdError(f"{text!r}: a network of Filecoin is named by the letter of its addresses, such as fil:f")


def _ancestry(_chain: Chain) -> FilecoinAncestry:
    return FilecoinAncestry()


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=by_reference(_NAMES),
    network_names={"f": ("FIL", "FILECOIN")},
    explorers={"f": "https://filfox.info/en/tipset/{height}"},
    block_hash=cid.TEXT,
    block_spelling=cid.spelled,
    coin=by_reference(COINS),
    may_skip_heights=True,
    second_name=accounts.second_name,
    backends={
        "lotus": Backend(
            "scanner.chains.filecoin.node.node",
            "LotusNode",
            chain=Chain("fil", "f"),
            proofs=True,
            asks=("Filecoin.ChainReadObj", "Filecoin.ChainGetTipSetAfterHeight"),
        )
    },
    state_proofs=FilecoinStateProofs(),
    ancestry=_ancestry,
    keyless=keyless.keyless,
    schemes=SCHEMES,
    signature_forms=(SignatureForm(RSV, ("okx-evm", "eip191", "okx-ecdsa")),),
)
