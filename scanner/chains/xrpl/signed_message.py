"""Control of accounts of the XRP Ledger by OKX's signatures. Source: XRP Ledger base58 encodings."""

from __future__ import annotations

from typing import Final

from scanner.chains.bitcoin.output_scripts import hash160
from scanner.chains.okx_ecdsa import okx_ecdsa_scheme
from scanner.proofs.curves import compress_secp256k1


def account_of(key: bytes) -> bytes:
    """The account's key that follows from a 65-byte public key."""
    return hash160(compress_secp256k1(key))


okx_ecdsa: Final = okx_ecdsa_scheme(account_of)
