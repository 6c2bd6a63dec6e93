"""RIPEMD-160 is the same digest with OpenSSL's legacy hashes and without."""

from __future__ import annotations

import hashlib

import pytest

from scanner.core import ripemd160 as module
from scanner.core.ripemd160 import ripemd160

# The paper's own vectors: homes.esat.kuleuven.be/~bosselae/ripemd160.html
VECTORS = {
    b"": "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    b"abc": "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
    b"abcdefghijklmnopqrstuvwxyz": "f71c27109c692c1b56bbdceb5b9d2865b3708dbc",
}


@pytest.mark.parametrize("legacy", [True, False])
def test_the_digest_is_the_same_with_openssl_s_own_and_without(legacy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_name: str) -> None:
        raise ValueError("unsupported hash type")

    module._started.cache_clear()
    if not legacy:
        monkeypatch.setattr(hashlib, "new", without)
    try:
        for _ in range(2):  # what was hashed before changes nothing
            assert {data: ripemd160(data).hex() for data in VECTORS} == VECTORS
    finally:
        module._started.cache_clear()
