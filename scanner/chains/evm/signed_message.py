"""Control of EVM accounts: signatures from which the account's key, and so its address, is recovered.

`okx-evm` hashes the message before it wraps it, and so is not what wallets call personal_sign; `eip191` is. For a
contract account the file names owners and gives their signatures: that these own the contract, only the chain can say.

Sources: EIP-191 (version 0x45), EIP-2 (low s), OKX's published verifier for the okx-evm digest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.evm.accounts import account_key
from scanner.chains.okx_ecdsa import okx_ecdsa_scheme
from scanner.core.keccak import keccak256
from scanner.proofs.control import NotUnderstood, Proof, Refuted, Scheme, Signers
from scanner.proofs.curves import compress_secp256k1, is_low_s, recover_secp256k1
from scanner.proofs.published_text import hex_bytes

_PREFIX = b"\x19Ethereum Signed Message:\n"
_ADDRESS_BYTES: Final = 20


def evm_schemes(address_in: Callable[[Proof], bytes], owner: Callable[[Proof, str], bytes]) -> dict[str, Scheme]:
    """The schemes of a family whose accounts have EVM keys: `address_in` gives the 20 bytes that the proof's account
    has as one (raises NotUnderstood), `owner` those of an owner's text (raises AddressError)."""

    def okx_evm(proof: Proof) -> Signers:
        """keccak256(prefix + "32" + keccak256(message)), r s v in hex, low s."""
        return _check(proof, keccak256(_PREFIX + b"32" + keccak256(proof.message.encode())), address_in, owner)

    def eip191(proof: Proof) -> Signers:
        """keccak256(prefix + length + message): personal_sign."""
        message = proof.message.encode()
        return _check(proof, keccak256(_PREFIX + str(len(message)).encode() + message), address_in, owner)

    return {"okx-evm": okx_evm, "eip191": eip191}


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


def _check(
    proof: Proof,
    digest: bytes,
    address_in: Callable[[Proof], bytes],
    owner: Callable[[Proof, str], bytes],
) -> Signers:
    if not proof.owners:
        expected = [address_in(proof)]
    else:
        try:
            expected = [owner(proof, text) for text in proof.owners]
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


def _own_address(proof: Proof) -> bytes:
    if len(proof.account) != _ADDRESS_BYTES:
        raise NotUnderstood(f"an account of {len(proof.account)} bytes has no EVM key, and no owner is named")
    return proof.account


def _own_owner(proof: Proof, text: str) -> bytes:
    return account_key(proof.chain, text)


def _recover_low(digest: bytes, text: str) -> bytes:
    return recover(digest, text, "the signature")


SCHEMES: Final[dict[str, Scheme]] = {
    **evm_schemes(_own_address, _own_owner),
    "okx-ecdsa": okx_ecdsa_scheme(address_of, _recover_low),
}
