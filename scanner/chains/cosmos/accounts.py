"""Accounts of Cosmos chains: the bytes behind a chain's own Bech32 prefix, 20 of a key or 32 of a module or contract.

The prefix of another chain is refused, since the same bytes hold something else there; so are the prefixes of operators
(`cosmosvaloper1...`), which name no account that holds coins. Chains that are EVM chains too are read in hex as well.
On a chain whose prefix is not known here the address is kept as it is written, once its checksum is found right.

Sources: BIP-173; Cosmos SDK documentation (Bech32, ADR 28); the Cosmos chain registry for prefixes.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, OtherName, refused, require_length, shown
from scanner.chains.evm.eip55 import ACCOUNT_BYTES, from_hex
from scanner.core import bech32
from scanner.core.ids import Chain

LENGTHS: Final = (20, 32)

_PREFIXES: Final = {
    "agoric-3": "agoric",
    "akashnet-2": "akash",
    "axelar-dojo-1": "axelar",
    "bbn-1": "bbn",
    "canto_7700-1": "canto",
    "celestia": "celestia",
    "columbus-5": "terra",
    "cosmoshub-4": "cosmos",
    "cronosmainnet_25-1": "crc",
    "crypto-org-chain-mainnet-1": "cro",
    "dydx-mainnet-1": "dydx",
    "dymension_1100-1": "dym",
    "evmos_9001-2": "evmos",
    "fetchhub-4": "fetch",
    "injective-1": "inj",
    "irishub-1": "iaa",
    "juno-1": "juno",
    "kava_2222-10": "kava",
    "laozi-mainnet": "band",
    "mantra-1": "mantra",
    "neutron-1": "neutron",
    "noble-1": "noble",
    "osmosis-1": "osmo",
    "pacific-1": "sei",
    "phoenix-1": "terra",
    "secret-4": "secret",
    "stargaze-1": "stars",
    "thorchain-1": "thor",
}
# Chain ids of the same ledger's EVM, where accounts are the same 20 bytes.
_WITH_EVM: Final = {
    "canto_7700-1": "7700",
    "cronosmainnet_25-1": "25",
    "dymension_1100-1": "1100",
    "evmos_9001-2": "9001",
    "injective-1": "1776",
    "kava_2222-10": "2222",
}


def account_key(chain: Chain, text: str) -> bytes:
    """The bytes behind the prefix; the text itself on a chain whose prefix is not known. Raises AddressError."""
    prefix = _PREFIXES.get(chain.reference)
    if chain.reference in _WITH_EVM and text.startswith("0x"):
        return from_hex(text)
    try:
        found, data = bech32.decode_bytes(text)
    except ValueError as error:
        raise AddressError(f"{shown(text)} is not a Cosmos address ({prefix or 'prefix'}1...): {error}") from None
    if len(data) not in LENGTHS:
        raise refused(text, "a Cosmos address", "20 or 32 bytes")
    if prefix is None:
        return text.lower().encode()
    if found != prefix:
        raise refused(text, f"an address of {chain}", f"{prefix}1...")
    return data


def account_text(chain: Chain, key: bytes) -> str:
    """Lower-case Bech32. Raises AddressError for bytes that are no account."""
    prefix = _PREFIXES.get(chain.reference)
    if prefix is not None:
        return bech32.encode_bytes(prefix, require_length(key, LENGTHS, "a Cosmos account"))
    text = key.decode("ascii", "replace")
    if account_key(chain, text) != key:
        raise AddressError(f"{key.hex()} is not a Cosmos address in lower case")
    return text


def knows(chain: Chain) -> bool:
    """Whether the chain's prefix is known."""
    return chain.reference in _PREFIXES


def elsewhere(chain: Chain) -> OtherName | None:
    """The chain as an EVM chain, where it is one."""
    number = _WITH_EVM.get(chain.reference)
    return None if number is None else OtherName(Chain("eip155", number), _as_evm)


def _as_evm(key: bytes) -> bytes | None:
    return key if len(key) == ACCOUNT_BYTES else None


FORMS: Final = AccountForms("cosmos", account_key, account_text, elsewhere, knows)
