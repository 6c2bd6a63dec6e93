"""secp256k1 in Python alone, where libsecp256k1 is not built for the interpreter: the same answers, later.

A hundred times slower. Whether a signature holds must not depend on what could be installed, so each rule is one of
libsecp256k1: which keys and encodings it takes, high s, and where x exceeds the group's order. `curves.py` chooses.
The arithmetic of points is that of eth-keys. Nothing is signed here: time may depend on what is checked.

Sources: SEC 1 v2 (2.3.4, 4.1.4, 4.1.6), BIP-66 (strict DER), BIP-340 (Schnorr), X9.62 for hybrid keys.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypeAlias

from eth_keys.backends.native.jacobian import from_jacobian, is_identity, jacobian_add, jacobian_multiply
from eth_keys.constants import SECPK1_G, SECPK1_N, SECPK1_P

Point: TypeAlias = tuple[int, int]

_SEVEN: Final = 7  # the curve is y^2 = x^3 + 7
_LONGEST_DER: Final = 72
_CHALLENGE: Final = hashlib.sha256(b"BIP0340/challenge").digest() * 2


def recover(digest: bytes, signature: bytes, recovery: int) -> bytes | None:
    """The 65-byte key behind the ECDSA signature r, s (64 bytes) of `digest`; None if there is none."""
    r, s = _number(signature[:32]), _number(signature[32:])
    if not (_is_scalar(r) and _is_scalar(s)):
        return None
    nonce = _lift(r + SECPK1_N if recovery & 2 else r, odd=recovery & 1)
    if nonce is None:
        return None
    inverse = pow(r, -1, SECPK1_N)
    key = _sum(-_number(digest) * inverse, s * inverse, nonce)
    return None if key is None else b"\4" + key[0].to_bytes(32, "big") + key[1].to_bytes(32, "big")


def verify_ecdsa(key: bytes, digest: bytes, der: bytes) -> bool:
    """Whether `der` is a signature of 32 bytes by the key (33 or 65 bytes), in strict DER and with low s."""
    point, numbers = _point(key), _from_der(der)
    if point is None or numbers is None:
        return False
    r, s = numbers
    if not (_is_scalar(r) and _is_scalar(s)) or s > SECPK1_N // 2:
        return False
    inverse = pow(s, -1, SECPK1_N)
    nonce = _sum(_number(digest) * inverse, r * inverse, point)
    return nonce is not None and nonce[0] % SECPK1_N == r


def verify_schnorr(key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is a BIP-340 signature by the x-only `key` (32 bytes)."""
    point = _lift(_number(key), odd=0)
    r, s = _number(signature[:32]), _number(signature[32:])
    if point is None or r >= SECPK1_P or s >= SECPK1_N:
        return False
    challenge = _number(hashlib.sha256(_CHALLENGE + signature[:32] + key + digest).digest())
    nonce = _sum(s, -challenge, point)
    return nonce is not None and nonce[1] & 1 == 0 and nonce[0] == r


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _is_scalar(number: int) -> bool:
    return 0 < number < SECPK1_N


def _sum(of_generator: int, of_point: int, point: Point) -> Point | None:
    """of_generator * G + of_point * point; None where that is the point at infinity."""
    found = jacobian_add(
        jacobian_multiply((*SECPK1_G, 1), of_generator % SECPK1_N),
        jacobian_multiply((*point, 1), of_point % SECPK1_N),
    )
    return None if is_identity(found) else from_jacobian(found)


def _lift(x: int, *, odd: int) -> Point | None:
    """The point of this x whose y is odd or even."""
    if x >= SECPK1_P:
        return None
    square = (pow(x, 3, SECPK1_P) + _SEVEN) % SECPK1_P
    y = pow(square, (SECPK1_P + 1) // 4, SECPK1_P)
    if y * y % SECPK1_P != square:
        return None
    return x, y if y & 1 == odd else SECPK1_P - y


def _point(key: bytes) -> Point | None:
    """Compressed (2, 3), uncompressed (4) or hybrid (6, 7, which say as well whether y is odd)."""
    if len(key) == 33 and key[0] in {2, 3}:
        return _lift(_number(key[1:]), odd=key[0] & 1)
    if len(key) != 65 or key[0] not in {4, 6, 7}:
        return None
    y = _number(key[33:])
    found = _lift(_number(key[1:33]), odd=y & 1)
    if found is None or found[1] != y or (key[0] != 4 and key[0] & 1 != y & 1):
        return None
    return found


def _from_der(der: bytes) -> tuple[int, int] | None:
    """r and s of a SEQUENCE of two INTEGERs, each in as few bytes as there can be; None for any other form."""
    if not 8 <= len(der) <= _LONGEST_DER or der[0] != 0x30 or der[1] != len(der) - 2:
        return None
    numbers, rest = [], der[2:]
    while rest:
        if len(rest) < 3 or rest[0] != 0x02 or not 1 <= rest[1] <= len(rest) - 2:
            return None
        content, rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if content[0] & 0x80 or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
            return None
        numbers.append(_number(content))
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None
