"""Control of accounts whose key is on Ed25519: the key is given, and the address must be the one that follows from it.

OKX signs varstr("OKX Signed Message:\\n") + varstr(message) as it stands, unhashed, on all of these chains.
One function a network derives the address; it compares texts, so that nothing is decoded leniently. TON's, which is the
hash of a contract, has a module of its own.

Sources: OKX's published verifier; the documentation of Solana, Aptos (authentication keys) and Sui (signature flags);
the SS58 registry; Stellar SEP-23; Cardano CIP-19.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from hashlib import blake2b, sha3_256
from typing import Final

from scanner.core import base58, bech32
from scanner.proofs.ownership import ton
from scanner.proofs.ownership.curves import verify_ed25519
from scanner.proofs.ownership.interface import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.ownership.published import account_name, hex_bytes, only_signature, varstr

_MAGIC: Final = b"OKX Signed Message:\n"
_SHORT_HEX = re.compile(r"0x[0-9a-fA-F]{1,64}")


def okx_ed25519(proof: Proof) -> Signers:
    """64 bytes in hex over the prefixed message, with the 32-byte public key in hex."""
    account = account_name(proof)
    if not proof.public_key:
        raise Refuted("the public key is not given")
    key = hex_bytes(proof.public_key, "the public key", (32,))
    signature = hex_bytes(only_signature(proof), "the signature", (64,))
    if not verify_ed25519(key, varstr(_MAGIC) + varstr(proof.message.encode()), signature):
        raise Refuted("the signature is not by the given public key, or the key is not fit for use")
    if proof.owners and proof.owners != (account,):
        return _rotated(proof, key)
    if not ADDRESSES[proof.chain.namespace](key, account):
        raise Refuted("the given public key is not this account's")
    return Signers((key,))


def _rotated(proof: Proof, key: bytes) -> Signers:
    """Aptos lets an account's key be changed: the file then names the authentication key beside the address."""
    if proof.chain.namespace != "aptos" or len(proof.owners) != 1:
        raise NotUnderstood("owners are understood for Aptos only, and one of them")
    if not _aptos(key, proof.owners[0]):
        raise Refuted("the given public key is not the owner's")
    return Signers((_aptos_key(key),), "is this the account's authentication key?")


def _solana(key: bytes, account: str) -> bool:
    return account == base58.encode(key)


def _aptos(key: bytes, account: str) -> bool:
    # Leading zeros are sometimes cut. Single-key authentication, scheme byte 0.
    return _SHORT_HEX.fullmatch(account) is not None and bytes.fromhex(account[2:].zfill(64)) == _aptos_key(key)


def _aptos_key(key: bytes) -> bytes:
    return sha3_256(key + b"\x00").digest()


def _sui(key: bytes, account: str) -> bool:
    # The flag byte 0 stands for Ed25519.
    return account.lower() == "0x" + blake2b(b"\x00" + key, digest_size=32).hexdigest()


def _polkadot(key: bytes, account: str) -> bool:
    payload = b"\x00" + key  # the network prefix of Polkadot and its Asset Hub
    return account == base58.encode(payload + blake2b(b"SS58PRE" + payload).digest()[:2])


def _stellar(key: bytes, account: str) -> bool:
    payload = b"\x30" + key  # version byte 6 << 3: an account, written with a leading G
    return account == base64.b32encode(payload + ton.crc16(payload).to_bytes(2, "little")).decode()


def _cardano(key: bytes, account: str) -> bool:
    if len(account) > bech32.MAX_LENGTH:
        raise NotUnderstood("only enterprise addresses of Cardano are understood")
    payload = b"\x61" + blake2b(key, digest_size=28).digest()  # enterprise address, key hash, mainnet
    return account == bech32.encode("addr", bech32.groups_of(payload), bech32.BECH32)


ADDRESSES: Final[dict[str, Callable[[bytes, str], bool]]] = {
    "solana": _solana,
    "aptos": _aptos,
    "sui": _sui,
    "polkadot": _polkadot,
    "stellar": _stellar,
    "cip34": _cardano,
    "tvm": ton.is_wallet_of,
}
"""By CAIP-2 namespace: whether an account is the one that follows from a key."""
