"""Control of accounts whose key is on Ed25519: the key is given, and the address must be the one that follows from it.

OKX signs varstr("OKX Signed Message:\\n") + varstr(message) as it stands, unhashed, on all of these chains.
One function a network derives the account's key (`core.address`) and compares. TON's, which is the hash of a contract,
has a module of its own.

Sources: OKX's published verifier; the documentation of Solana, Aptos (authentication keys) and Sui (signature flags);
the SS58 registry; Stellar SEP-23; Cardano CIP-19.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b, sha3_256
from typing import Final

from scanner.core.address import AddressError, account_key, stellar
from scanner.proofs.ownership import ton
from scanner.proofs.ownership.curves import verify_ed25519
from scanner.proofs.ownership.interface import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.ownership.published import hex_bytes, only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"
_ENTERPRISE: Final = b"\x61"  # the header of an address of one key's hash on Cardano's main network


def okx_ed25519(proof: Proof) -> Signers:
    """64 bytes in hex over the prefixed message, with the 32-byte public key in hex."""
    if not proof.public_key:
        raise Refuted("the public key is not given")
    key = hex_bytes(proof.public_key, "the public key", (32,))
    signature = hex_bytes(only_signature(proof), "the signature", (64,))
    if not verify_ed25519(key, varstr(_MAGIC) + varstr(proof.message.encode()), signature):
        raise Refuted("the signature is not by the given public key, or the key is not fit for use")
    try:
        owners = tuple(account_key(proof.chain, owner) for owner in proof.owners)
    except AddressError as error:
        raise Refuted(f"an owner: {error}") from None
    if owners not in ((), (proof.account,)):
        return _rotated(proof, key, owners)
    if not ADDRESSES[proof.chain.namespace](key, proof.account):
        raise Refuted("the given public key is not this account's")
    return Signers((key,))


def _rotated(proof: Proof, key: bytes, owners: tuple[bytes, ...]) -> Signers:
    """Aptos lets an account's key be changed: the file then names the authentication key beside the address."""
    if proof.chain.namespace != "aptos" or len(owners) != 1:
        raise NotUnderstood("owners are understood for Aptos only, and one of them")
    if not _aptos(key, owners[0]):
        raise Refuted("the given public key is not the owner's")
    return Signers((_aptos_key(key),), "is this the account's authentication key?")


def _same(key: bytes, account: bytes) -> bool:
    return account == key


def _aptos(key: bytes, account: bytes) -> bool:
    return account == _aptos_key(key)


def _aptos_key(key: bytes) -> bytes:
    # Single-key authentication, scheme byte 0.
    return sha3_256(key + b"\x00").digest()


def _sui(key: bytes, account: bytes) -> bool:
    # The flag byte 0 stands for Ed25519.
    return account == blake2b(b"\x00" + key, digest_size=32).digest()


def _stellar(key: bytes, account: bytes) -> bool:
    return account == bytes([stellar.ACCOUNT]) + key


def _cardano(key: bytes, account: bytes) -> bool:
    if account[:1] != _ENTERPRISE:
        raise NotUnderstood("only enterprise addresses of Cardano are understood")
    return account[1:] == blake2b(key, digest_size=28).digest()


ADDRESSES: Final[dict[str, Callable[[bytes, bytes], bool]]] = {
    "solana": _same,
    "aptos": _aptos,
    "sui": _sui,
    "polkadot": _same,
    "stellar": _stellar,
    "cip34": _cardano,
    "tvm": ton.is_wallet_of,
}
"""By CAIP-2 namespace: whether an account is the one that follows from a key."""
