"""Control of accounts whose key is on Ed25519, in OKX's own message format, as several families of chains use it.

The key is given, and the account must be the one that follows from it. OKX signs varstr("OKX Signed Message:\\n") +
varstr(message) as it stands, unhashed, on all of these chains. How an account follows from a key is the family's.

Source: OKX's published verifier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError
from scanner.proofs.control import NotUnderstood, Proof, Refuted, Scheme, Signers
from scanner.proofs.curves import verify_ed25519
from scanner.proofs.published_text import hex_bytes, only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"


def okx_ed25519_scheme(
    accounts: AccountForms,
    is_account_of: Callable[[bytes, bytes], bool],
    rotated: Callable[[bytes, bytes], Signers] | None = None,
) -> Scheme:
    """64 bytes in hex over the prefixed message, with the 32-byte public key in hex.

    `is_account_of` says whether an account (second) is the one that follows from a key (first). `rotated` judges a key
    and the one owner that the file names beside an account of another key; None where no such owner is understood.
    """

    def okx_ed25519(proof: Proof) -> Signers:
        if not proof.public_key:
            raise Refuted("the public key is not given")
        key = hex_bytes(proof.public_key, "the public key", (32,))
        signature = hex_bytes(only_signature(proof), "the signature", (64,))
        if not verify_ed25519(key, varstr(_MAGIC) + varstr(proof.message.encode()), signature):
            raise Refuted("the signature is not by the given public key, or the key is not fit for use")
        try:
            owners = tuple(accounts.key(proof.chain, owner) for owner in proof.owners)
        except AddressError as error:
            raise Refuted(f"an owner: {error}") from None
        if owners not in ((), (proof.account,)):
            if rotated is None or len(owners) != 1:
                raise NotUnderstood("owners are understood for Aptos only, and one of them")
            return rotated(key, owners[0])
        if not is_account_of(key, proof.account):
            raise Refuted("the given public key is not this account's")
        return Signers((key,))

    return okx_ed25519


def same(key: bytes, account: bytes) -> bool:
    """Where an account is its key."""
    return account == key
