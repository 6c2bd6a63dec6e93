"""Account texts to account keys and back: one key, and one canonical text, per account and chain.

The key is bytes, by which accounts compare, sort and are kept; the text is what evidence and reports show. Two
spellings of one account have one key, so that a holding counts once, whether it stands in a claim, in a published file
or in evidence. Checksums are looked at wherever a form has one. Nothing is stripped or repaired.

One module a family says what its keys are and how they are written; `FORMS` is the registry, by CAIP-2 namespace. The
accounts of a namespace that is not in it are kept as texts (`opaque`), and `is_known` says so.

Not here: who controls an account (`proofs/ownership`), what it holds (`chains`), and whether anybody has its key
(`core.keyless`).

Sources: CAIP-2, CAIP-10; each family's own stand in its module.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from scanner.core.address import (
    aelf,
    algorand,
    antelope,
    beacon,
    bitcoin,
    cardano,
    cosmos,
    evm,
    filecoin,
    hex32,
    near,
    opaque,
    solana,
    stellar,
    substrate,
    tezos,
    ton,
    tron,
    xrpl,
)
from scanner.core.address.beacon import VALIDATOR_TEXT, validator_key
from scanner.core.address.bitcoin import witness_program
from scanner.core.address.eip55 import checksum_address
from scanner.core.address.interface import AccountForms, AddressError, Elsewhere
from scanner.core.ids import Chain

__all__ = [
    "FORMS",
    "VALIDATOR_TEXT",
    "AccountForms",
    "AddressError",
    "Elsewhere",
    "account_key",
    "account_text",
    "checksum_address",
    "elsewhere",
    "is_known",
    "key_reader",
    "validator_key",
    "witness_program",
]

FORMS: Final[dict[str, AccountForms]] = {
    forms.namespace: forms
    for forms in (
        aelf.FORMS,
        algorand.FORMS,
        antelope.FORMS,
        beacon.FORMS,
        bitcoin.FORMS,
        cardano.FORMS,
        cosmos.FORMS,
        evm.FORMS,
        filecoin.FORMS,
        hex32.APTOS,
        hex32.STARKNET,
        hex32.SUI,
        near.FORMS,
        solana.FORMS,
        stellar.FORMS,
        substrate.FORMS,
        tezos.FORMS,
        ton.FORMS,
        tron.FORMS,
        xrpl.FORMS,
    )
}


def account_key(chain: Chain, text: str) -> bytes:
    """The key of the account `text` on `chain` (CAIP-2): bytes by which accounts compare. Raises AddressError."""
    return FORMS.get(chain.namespace, opaque.FORMS).key(chain, text)


def account_text(chain: Chain, key: bytes) -> str:
    """The one canonical spelling of `key` on `chain`, which `account_key` turns into `key` again.

    Raises AddressError for bytes that are no key of that chain.
    """
    return FORMS.get(chain.namespace, opaque.FORMS).text(chain, key)


def key_reader(chain: Chain | None) -> Callable[[str], bytes]:
    """`account_key` of one chain, for many texts; of an unknown chain where it is None. It raises AddressError."""
    if chain is None:
        return lambda text: opaque.account_key(None, text)
    return partial(FORMS.get(chain.namespace, opaque.FORMS).key, chain)


def elsewhere(chain: Chain) -> Elsewhere | None:
    """Under which other name the ledger of `chain` goes (an EVM chain that is a Cosmos chain too), if it does."""
    return FORMS.get(chain.namespace, opaque.FORMS).elsewhere(chain)


def is_known(chain: Chain) -> bool:
    """Whether the forms of this chain's accounts are known, so that two spellings of one account are seen to be one."""
    return FORMS.get(chain.namespace, opaque.FORMS).knows(chain)
