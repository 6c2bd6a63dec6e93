from __future__ import annotations

import hashlib

import pytest
from Crypto.Hash import keccak as pycryptodome_keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.keccak import EMPTY_KECCAK, keccak256
from tests.support.strength import examples

# Keccak team's KeccakKAT (ShortMsgKAT_256, lengths 0 and 8), and two that everyone on Ethereum knows.
KNOWN = [
    (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    (b"\xcc", "eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a"),
    (b"transfer(address,uint256)", "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"),
    (b"\x80", "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"),
]


@pytest.mark.parametrize(("data", "digest"), KNOWN)
def test_known_answers(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest


def test_the_hash_of_nothing_is_the_constant() -> None:
    assert keccak256(b"") == EMPTY_KECCAK


def test_it_is_not_sha3() -> None:
    assert keccak256(b"abc") != hashlib.sha3_256(b"abc").digest()


@settings(max_examples=examples(30), deadline=None)
@given(st.binary(max_size=700))
def test_the_chosen_backend_agrees_with_an_independent_one(data: bytes) -> None:
    assert keccak256(data) == pycryptodome_keccak.new(data=data, digest_bits=256).digest()


@pytest.mark.parametrize("length", [135, 136, 137, 271, 272, 273])
def test_lengths_around_the_136_byte_rate_are_padded_right(length: int) -> None:
    data = bytes(range(256)) * 2
    assert keccak256(data[:length]) == pycryptodome_keccak.new(data=data[:length], digest_bits=256).digest()
