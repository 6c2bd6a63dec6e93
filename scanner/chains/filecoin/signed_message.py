"""Control of accounts of Filecoin: f410 by EVM signatures (FIP-0048), f1 by OKX's.

Sources: FIP-0048, Filecoin's address specification (protocol 1).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from scanner.chains.evm.accounts import account_key
from scanner.chains.evm.signed_message import evm_schemes
from scanner.chains.filecoin.accounts import ETHEREUM_MANAGER
from scanner.chains.okx_ecdsa import okx_ecdsa_scheme
from scanner.core.ids import Chain
from scanner.proofs.control import NotUnderstood, Proof, Scheme

_F410: Final = bytes([4, ETHEREUM_MANAGER])
_ETHEREUM: Final = Chain("eip155", "314")  # Filecoin's EVM


def _evm_address(proof: Proof) -> bytes:
    if proof.account[:2] != _F410 or len(proof.account) != 22:
        raise NotUnderstood("only f410 accounts of Filecoin have an EVM key")
    return proof.account[2:]


def _owner(_proof: Proof, text: str) -> bytes:
    return account_key(_ETHEREUM, text)


def account_of(key: bytes) -> bytes:
    """The account's key that follows from a 65-byte public key."""
    return b"\x01" + blake2b(key, digest_size=20).digest()  # protocol 1


SCHEMES: Final[dict[str, Scheme]] = {
    **evm_schemes(_evm_address, _owner),
    "okx-ecdsa": okx_ecdsa_scheme(account_of),
}
