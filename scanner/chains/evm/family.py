"""EVM chains: everything that is known of this family of chains, as one value. Chain by chain: `facts`.

Sources: CAIP namespace eip155; ethereum-lists/chains for their numbers; Ethereum JSON-RPC (DATA, 32 bytes).
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.evm import accounts, keyless, shown_again
from scanner.chains.evm.ancestry import EvmAncestry
from scanner.chains.evm.bls import bls
from scanner.chains.evm.facts import COINS, EVM_CHAINS, EXPLORERS, NETWORK_NAMES
from scanner.chains.evm.movement import EvmMovements
from scanner.chains.evm.prover import EvmStateProofs
from scanner.chains.evm.second_names import second_name
from scanner.chains.evm.signed_message import SCHEMES
from scanner.chains.family import Backend, Coin, Family, SignatureForm, TokenKind
from scanner.core.ids import NATIVE, AssetId, Chain, IdError
from scanner.proofs.published_text import RSV

_NUMBER = re.compile(r"[1-9][0-9]*", re.ASCII)
_CONTRACT = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def _check_reference(reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: an eip155 chain is named by its decimal chain id, such as eip155:1")


def _contract(reference: str, text: str) -> str:
    if not _CONTRACT.fullmatch(reference):
        raise IdError(f"{text!r}: an erc20 asset is named by its contract, 0x and 40 hex digits")
    return reference.lower()


def _coin(chain: Chain) -> Coin:
    return COINS.get(chain.reference, Coin(decimals=18))


def _name(chain: Chain) -> str | None:
    known = EVM_CHAINS.get(int(chain.reference)) if chain.reference.isdigit() else None
    return known.name if known else None


def _shows_native_again(asset: AssetId, revision: int) -> bool:
    return asset.kind == "erc20" and shown_again.shows_native_again(str(asset.chain), asset.reference, revision)


def _validators(chain: Chain) -> AssetId | None:
    """Validators are published for Ethereum alone; they hold the same coin, on the consensus layer."""
    return AssetId(Chain("beacon", chain.reference), NATIVE, "60") if chain.reference == "1" else None


def _ancestry(_chain: Chain) -> EvmAncestry:
    return EvmAncestry()


def _movements(_chain: Chain) -> EvmMovements:
    return EvmMovements()


FAMILY: Final = Family(
    accounts=accounts.FORMS,
    check_reference=_check_reference,
    name=_name,
    network_names=NETWORK_NAMES,
    explorers=EXPLORERS,
    block_hash=re.compile(r"0x[0-9a-f]{64}", re.ASCII),
    coin=_coin,
    tokens={"erc20": TokenKind(_contract)},
    shows_native_again=_shows_native_again,
    backends={
        "evm": Backend(
            "scanner.chains.evm.node.node", "EvmNode", rehearsal="scanner.chains.evm.node.rehearsal", proofs=True
        )
    },
    second_name=second_name,
    state_proofs=EvmStateProofs(),
    ancestry=_ancestry,
    keyless=keyless.keyless,
    keyless_mark=bytes(9),  # Filecoin's system accounts may have numbers of eight bytes
    keyless_accounts=keyless.ACCOUNTS,
    schemes={**SCHEMES, "bls": bls},
    signature_forms=(
        SignatureForm(re.compile(r"(?:0x)?[0-9a-fA-F]{192}"), ("bls",)),
        # OKTC's rows are signed as OKX's other chains are; nothing in a row tells which of the digests was signed.
        SignatureForm(RSV, ("okx-evm", "eip191", "okx-ecdsa")),
    ),
    movements=_movements,
    may_be_contract=accounts.may_be_contract,
    validators=_validators,
)
