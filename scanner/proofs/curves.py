"""Signatures over curves, as yes or no: the only module that knows the cryptographic libraries.

coincurve (libsecp256k1, the code that Bitcoin's consensus runs on; no dependencies) does secp256k1: 76 us a recovery,
60 us a verification, 63 us a Schnorr verification. PyNaCl (libsodium) does Ed25519 at 65 us; pycryptodome takes 4,500
us, and accepts a signature anyone can write under the key of order one. Both are imported when first used. Where
coincurve is not installed (it has no build for Python 3.14) `secp256k1.py` answers in its place, the same and slower:
5,700 us a recovery. Where an argument is malformed the answer is no, never an exception.

No message format and no address is known here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

_RECOVERIES_KEPT: Final = 4096
"""An exchange's own signature stands beside thousands of accounts that it shares with their users."""

SECP256K1_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@lru_cache(maxsize=1)
def libsecp256k1() -> ModuleType | None:
    """coincurve; None where it is not installed."""
    try:
        import coincurve
    except ImportError:
        return None
    return coincurve


def is_low_s(signature: bytes) -> bool:
    """Whether s, the last 32 of the 64 bytes r, s, is in the lower half of the order (BIP-62, EIP-2)."""
    return int.from_bytes(signature[32:64], "big") <= SECP256K1_ORDER // 2


@lru_cache(maxsize=_RECOVERIES_KEPT)
def recover_secp256k1(digest: bytes, signature: bytes, recovery: int) -> bytes | None:
    """The 65-byte public key behind the 64-byte ECDSA signature r, s of `digest`; None if there is none."""
    if len(digest) != 32 or len(signature) != 64 or not 0 <= recovery <= 3:
        return None
    library = libsecp256k1()
    if library is None:
        from scanner.proofs import secp256k1

        return secp256k1.recover(digest, signature, recovery)
    try:
        key = library.PublicKey.from_signature_and_message(signature + bytes([recovery]), digest, hasher=None)
    except ValueError:
        return None
    found: bytes = key.format(compressed=False)
    return found


def compress_secp256k1(key: bytes) -> bytes:
    """The 33-byte form of a 65-byte uncompressed public key."""
    return bytes([2 + (key[64] & 1)]) + key[1:33]


def verify_ecdsa_secp256k1(key: bytes, digest: bytes, der: bytes) -> bool:
    """Whether `der` is a signature of `digest` by `key` (33 or 65 bytes), in strict DER (BIP-66) and with low s.

    libsecp256k1 itself refuses any other DER, and high s.
    """
    if len(digest) != 32:
        return False
    library = libsecp256k1()
    if library is None:
        from scanner.proofs import secp256k1

        return secp256k1.verify_ecdsa(key, digest, der)
    try:
        return bool(library.PublicKey(key).verify(der, digest, hasher=None))
    except ValueError:
        return False


def verify_schnorr_secp256k1(key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is a BIP-340 signature of the 32-byte `digest` by the x-only `key` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64 or len(digest) != 32:  # coincurve reads 32 bytes of any key
        return False
    library = libsecp256k1()
    if library is None:
        from scanner.proofs import secp256k1

        return secp256k1.verify_schnorr(key, digest, signature)
    try:
        return bool(library.PublicKeyXOnly(key).verify(signature, digest))
    except ValueError:
        return False


def verify_ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is an Ed25519 signature of `message` by `key` (32 bytes), strictly.

    Keys and nonces of small order, non-canonical points and s beyond the group's order are refused (libsodium's rules).
    """
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True
