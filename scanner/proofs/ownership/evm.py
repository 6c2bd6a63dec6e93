"""Control of EVM accounts: signatures from which the account's key, and so its address, is recovered.

`okx-evm` hashes the message before it wraps it, and so is not what wallets call personal_sign; `eip191` is. For a
contract account the file names owners and gives their signatures: that these own the contract, only the chain can say.

Sources: EIP-191 (version 0x45), EIP-2 (low s), OKX's published verifier for the okx-evm digest, FIP-0048 for Filecoin's
f410 addresses.
"""

from __future__ import annotations

from typing import Final

from scanner.core.address import AddressError, account_key
from scanner.core.address.filecoin import ETHEREUM_MANAGER
from scanner.core.ids import Chain
from scanner.core.keccak import keccak256
from scanner.proofs.ownership.curves import compress_secp256k1, is_low_s, recover_secp256k1
from scanner.proofs.ownership.interface import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.ownership.published import hex_bytes

_PREFIX = b"\x19Ethereum Signed Message:\n"
_F410: Final = bytes([4, ETHEREUM_MANAGER])
_FILECOINS_EVM: Final = Chain("eip155", "314")


def okx_evm(proof: Proof) -> Signers:
    """keccak256(prefix + "32" + keccak256(message)), r s v in hex, low s."""
    return _check(proof, keccak256(_PREFIX + b"32" + keccak256(proof.message.encode())))


def eip191(proof: Proof) -> Signers:
    """keccak256(prefix + length + message): personal_sign."""
    message = proof.message.encode()
    return _check(proof, keccak256(_PREFIX + str(len(message)).encode() + message))


def recover(digest: bytes, text: str, what: str) -> bytes:
    """The 65-byte public key behind 65 hex bytes r, s, v with low s and v of 27, 28 (or 0, 1). Raises Refuted."""
    signature = hex_bytes(text, what, (65,))
    recovery = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if recovery not in (0, 1):
        raise Refuted(f"{what}: v is {signature[64]}, expected 27 or 28")
    if not is_low_s(signature):
        raise Refuted(f"{what}: s is in the upper half of the order, which EVM chains refuse (EIP-2)")
    key = recover_secp256k1(digest, signature[:64], recovery)
    if key is None:
        raise Refuted(f"{what} is no signature by any key")
    return key


def address_of(key: bytes) -> bytes:
    """The 20-byte address of a 65-byte public key."""
    return keccak256(key[1:])[12:]


def _check(proof: Proof, digest: bytes) -> Signers:
    if not proof.owners:
        expected = [_account_address(proof)]
    else:
        try:
            chain = _FILECOINS_EVM if proof.chain.namespace == "fil" else proof.chain
            expected = [account_key(chain, owner) for owner in proof.owners]
        except AddressError as error:
            raise Refuted(f"an owner: {error}") from None
        if len(set(expected)) != len(expected):
            raise Refuted("an owner is named twice")
    if len(proof.signatures) != len(expected):
        raise Refuted(f"{len(proof.signatures)} signatures for {len(expected)} accounts")
    keys = []
    for number, (text, address) in enumerate(zip(proof.signatures, expected, strict=True), 1):
        key = recover(digest, text, f"signature {number}")
        if address_of(key) != address:
            raise Refuted(f"signature {number} is by 0x{address_of(key).hex()}, expected 0x{address.hex()}")
        keys.append(key)
    if expected == [proof.account] or not proof.owners:
        return Signers(tuple(compress_secp256k1(key) for key in keys))
    return Signers(tuple(expected), "do these accounts own or control the contract (or validator)?")


def _account_address(proof: Proof) -> bytes:
    if proof.chain.namespace == "fil":
        return _f410_address(proof.account)
    if len(proof.account) != 20:
        raise NotUnderstood(f"an account of {len(proof.account)} bytes has no EVM key, and no owner is named")
    return proof.account


def _f410_address(account: bytes) -> bytes:
    if account[:2] != _F410 or len(account) != 22:
        raise NotUnderstood("only f410 accounts of Filecoin have an EVM key")
    return account[2:]
