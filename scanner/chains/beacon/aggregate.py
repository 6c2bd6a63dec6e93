"""BLS signatures of many over one message, checked by their sum of keys less those of the few who did not sign.

py-arkworks-bls12381 (extra `anchor`) does it in milliseconds; py_ecc, which web3 brings along, in a second, and needs
nothing else. Both say the same, which tests hold against each other; each is imported when it is first used.

Source: draft-irtf-cfrg-bls-signature-05, minimal public keys, proof of possession (FastAggregateVerify).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_TAG: Final = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"


def signed_by_all_but(total: bytes, absent: Sequence[bytes], message: bytes, signature: bytes) -> bool:
    """Whether a signature (96 bytes) over `message` is by the keys whose sum is `total` (48 bytes) less those of
    `absent`. False for what is no key or no signature; each absent key has a proof of possession (the chain's)."""
    try:
        return by_arkworks(total, absent, message, signature)
    except ImportError:
        return in_python(total, absent, message, signature)


def by_arkworks(total: bytes, absent: Sequence[bytes], message: bytes, signature: bytes) -> bool:
    """The same by arkworks, which is in Rust. Raises ImportError where it is not installed."""
    from py_arkworks_bls12381 import GT, G1Point, G2Point

    try:
        key = G1Point.from_compressed_bytes(total)
        for each in absent:
            key = key - G1Point.from_compressed_bytes(each)
        signed = G2Point.from_compressed_bytes(signature)
    except ValueError:
        return False
    identity = G1Point.identity()
    if key == identity:
        return False
    hashed = G2Point.hash_to_curve(message, _TAG)
    return bool(GT.pairing_check([key, -G1Point()], [hashed, signed]))


def in_python(total: bytes, absent: Sequence[bytes], message: bytes, signature: bytes) -> bool:
    """The same by py_ecc."""
    from py_ecc.bls.ciphersuites import G2ProofOfPossession
    from py_ecc.bls.g2_primitives import G1_to_pubkey, pubkey_to_G1
    from py_ecc.optimized_bls12_381.optimized_curve import add, neg

    try:
        key = pubkey_to_G1(total)  # type: ignore[arg-type]
        for each in absent:
            key = add(key, neg(pubkey_to_G1(each)))  # type: ignore[arg-type]
        return bool(G2ProofOfPossession.Verify(G1_to_pubkey(key), message, signature))  # type: ignore[arg-type]
    except ValueError:
        return False
