"""Signatures over secp256k1: libsecp256k1 and the arithmetic in Python that stands in for it give the same answers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.proofs import curves
from tests.support.places import VECTORS
from tests.support.secp256k1_signing import Secret, recovered
from tests.support.strength import examples

ORDER = curves.SECP256K1_ORDER
FIELD = 2**256 - 2**32 - 977
DIGEST = bytes(range(32))
SECRET = Secret(bytes([7]) * 32)
KEY = SECRET.public()
FULL_KEY = SECRET.public(compressed=False)


@pytest.fixture(autouse=True)
def _found_anew() -> Iterator[None]:
    yield
    _forget()


@pytest.fixture(params=["libsecp256k1", "python"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test with coincurve, and as where it is not installed."""
    name: str = request.param
    _choose(name, monkeypatch)
    return name


def _choose(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "libsecp256k1":
        pytest.importorskip("coincurve")
    else:
        monkeypatch.setitem(sys.modules, "coincurve", None)
    _forget()
    assert (curves.libsecp256k1() is None) is (name == "python")


def _forget() -> None:
    curves.libsecp256k1.cache_clear()
    curves.recover_secp256k1.cache_clear()


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def der(r: int, s: int) -> bytes:
    def integer(value: int) -> bytes:
        content = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return b"\2" + bytes([len(content)]) + content

    body = integer(r) + integer(s)
    return b"\x30" + bytes([len(body)]) + body


def halves(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")


def test_each_vector_of_bip_340_is_answered_as_it_says(library: str) -> None:
    rows = list(csv.DictReader((VECTORS / "bip340.csv").read_text().splitlines()))
    assert len(rows) == 15
    for row in rows:
        key, message, signature = (bytes.fromhex(row[name]) for name in ("public key", "message", "signature"))
        expected = {"TRUE": True, "FALSE": False}[row["verification result"]]
        assert curves.verify_schnorr_secp256k1(key, message, signature) is expected, (library, row)


def test_a_schnorr_signature_of_other_lengths_does_not_hold(library: str) -> None:
    signature = SECRET.schnorr(DIGEST)
    assert curves.verify_schnorr_secp256k1(KEY[1:], DIGEST, signature)
    for key, digest, signed in (
        (KEY, DIGEST, signature),
        (KEY[1:32], DIGEST, signature),
        (b"", DIGEST, signature),
        (KEY[1:], DIGEST[:31], signature),
        (KEY[1:], DIGEST, signature[:63]),
        (KEY[1:], DIGEST, signature + b"\1"),
    ):
        assert not curves.verify_schnorr_secp256k1(key, digest, signed), library


def test_the_key_behind_a_signature_is_found_for_high_and_for_low_s(library: str) -> None:
    signature = SECRET.recoverable(DIGEST)
    r, s = halves(signature)
    assert curves.recover_secp256k1(DIGEST, signature[:64], signature[64]) == FULL_KEY
    twin = number(r) + number(ORDER - s)
    assert curves.recover_secp256k1(DIGEST, twin, signature[64] ^ 1) == FULL_KEY
    other = curves.recover_secp256k1(DIGEST, signature[:64], signature[64] ^ 1)
    assert other not in {None, FULL_KEY}


def test_no_key_is_behind_numbers_that_are_none_of_the_group(library: str) -> None:
    r, s = halves(SECRET.recoverable(DIGEST))
    off_the_curve = 5  # 5^3 + 7 is no square
    for one, two, recovery in (
        (0, s, 0),
        (r, 0, 0),
        (ORDER, s, 0),
        (r, ORDER, 0),
        (2**256 - 1, s, 0),
        (off_the_curve, s, 0),
        (r, s, 2),  # r plus the order is no coordinate
        (FIELD - ORDER, s, 2),
        (r, s, 4),
    ):
        assert curves.recover_secp256k1(DIGEST, number(one) + number(two), recovery) is None, (library, one, two)
    for digest, signature in ((DIGEST[:31], bytes(64)), (DIGEST, bytes(63)), (DIGEST, bytes(65))):
        assert curves.recover_secp256k1(digest, signature, 0) is None, library


def test_a_nonce_whose_x_exceeds_the_order_is_found_again() -> None:
    """No one meets one by chance: r of 2 and 3 stands for x of the order plus 2 or 3, where that is on the curve."""
    found = []
    for r in range(1, 20):
        for recovery in (2, 3):
            answers = set()
            for name in ("libsecp256k1", "python"):
                with pytest.MonkeyPatch.context() as patch:
                    _choose(name, patch)
                    answers.add(curves.recover_secp256k1(DIGEST, number(r) + number(9), recovery))
            assert len(answers) == 1
            found += [(r, key) for key in answers if key is not None]
    assert found
    for r, key in found:
        for name in ("libsecp256k1", "python"):
            with pytest.MonkeyPatch.context() as patch:
                _choose(name, patch)
                assert curves.verify_ecdsa_secp256k1(key, DIGEST, der(r, 9)), name


def test_a_signature_that_leads_to_no_point_has_no_key(library: str) -> None:
    """With s k = z the key would be the point at infinity: r is that of the nonce G, s is z."""
    generator = number(0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798)
    assert curves.recover_secp256k1(DIGEST, generator + DIGEST, 0) is None, library


def test_a_key_is_read_in_each_of_its_forms_and_in_no_other(library: str) -> None:
    signed = SECRET.der(DIGEST)
    odd = FULL_KEY[64] & 1
    hybrid = bytes([6 + odd]) + FULL_KEY[1:]
    for key in (KEY, FULL_KEY, hybrid):
        assert curves.verify_ecdsa_secp256k1(key, DIGEST, signed), (library, key)
    for key in (
        b"",
        KEY[1:],
        bytes([KEY[0] ^ 1]) + KEY[1:],
        b"\5" + KEY[1:],
        b"\4" + KEY[1:],
        FULL_KEY[:64],
        FULL_KEY + b"\0",
        bytes([6 + (odd ^ 1)]) + FULL_KEY[1:],
        b"\2" + FULL_KEY[1:],
        FULL_KEY[:64] + bytes([FULL_KEY[64] ^ 1]),
        b"\2" + number(FIELD),
        b"\2" + number(5),
        b"\4" + number(FIELD + 1) + FULL_KEY[33:],
    ):
        assert not curves.verify_ecdsa_secp256k1(key, DIGEST, signed), (library, key)


def test_only_strict_der_with_low_s_is_taken(library: str) -> None:
    r, s = halves(SECRET.recoverable(DIGEST))
    assert curves.verify_ecdsa_secp256k1(KEY, DIGEST, der(r, s))
    good = der(r, s)
    longer = number(r).lstrip(b"\0")
    for wrong in (
        der(r, ORDER - s),
        der(0, s),
        der(r, 0),
        der(r + ORDER, s),
        good[:-1],
        good + b"\0",
        b"\x31" + good[1:],
        good[:1] + bytes([good[1] + 1]) + good[2:],
        good[:2] + b"\3" + good[3:],
        b"\x30" + bytes([good[1] + 1, 2, good[3] + 1, 0]) + good[4:],
        b"\x30\x81" + good[1:],
        b"\x30" + bytes([good[1] + 3]) + good[2:] + b"\2\1\1",
        b"\x30" + bytes([2 + len(longer), 2, len(longer)]) + longer,
        b"\x30\x06\x02\x01\x81\x02\x01\x01",
        b"\x30\x06\x02\x00\x02\x02\x01\x01",
        b"\x30\x00",
        b"",
    ):
        assert not curves.verify_ecdsa_secp256k1(KEY, DIGEST, wrong), (library, wrong.hex())
    assert not curves.verify_ecdsa_secp256k1(KEY, DIGEST[:31], good)
    assert not curves.verify_ecdsa_secp256k1(KEY, bytes(32), good)


@given(
    secret=st.integers(1, ORDER - 1),
    digest=st.binary(min_size=32, max_size=32),
    place=st.integers(0, 63),
    bit=st.integers(0, 7),
    recovery=st.integers(0, 3),
)
@settings(max_examples=examples(20))
def test_a_signature_with_a_bit_turned_is_judged_alike_by_both(
    secret: int, digest: bytes, place: int, bit: int, recovery: int
) -> None:
    signer = Secret(number(secret))
    signature = signer.recoverable(digest)
    damaged = bytearray(signature[:64])
    damaged[place] ^= 1 << bit
    encoded = bytearray(signer.der(digest))
    encoded[place % len(encoded)] ^= 1 << bit
    answers = []
    for name in ("libsecp256k1", "python"):
        with pytest.MonkeyPatch.context() as patch:
            _choose(name, patch)
            answers.append(
                (
                    curves.recover_secp256k1(digest, signature[:64], signature[64]),
                    curves.recover_secp256k1(digest, bytes(damaged), recovery),
                    curves.verify_ecdsa_secp256k1(signer.public(), digest, signer.der(digest)),
                    curves.verify_ecdsa_secp256k1(signer.public(), digest, bytes(encoded)),
                )
            )
    assert answers[0] == answers[1]
    assert answers[0][0] == recovered(digest, signature) == signer.public(compressed=False)
    assert answers[0][2:] == (True, False)
