"""Keccak-256: the one hash of Ethereum's addresses, headers and state tries.

Not in here: SHA3-256 (another padding, another digest), incremental hashing, a choice of digest sizes.

Hashing dominates the check of a state proof, so the backend matters. Time of one hash of a 532-byte trie node, 20-byte
address in brackets, same run, CPython 3.11: pycryptodome 3.24 6.9 us (5.7), safe-pysha3 1.0.7 2.2 us (0.9),
tiny-keccak 0.4 1.6 us (0.45). safe-pysha3 is chosen: it is kept by a wallet's maintainers and has wheels for every
CPython we support, on Linux; the fastest is one author's, seldom used. Elsewhere pycryptodome, which is installed in
any case, gives the same digests at a third of the speed.
"""

from __future__ import annotations

try:
    from sha3 import keccak_256 as _keccak_256  # type: ignore[import-untyped, import-not-found, unused-ignore]
except ImportError:
    from Crypto.Hash import keccak as _keccak

    def keccak256(data: bytes) -> bytes:
        """The 32-byte Keccak-256 digest of ``data`` (Keccak team's submission, padding 0x01; not FIPS 202 SHA3-256)."""
        return _keccak.new(data=data, digest_bits=256).digest()

else:

    def keccak256(data: bytes) -> bytes:
        """The 32-byte Keccak-256 digest of ``data`` (Keccak team's submission, padding 0x01; not FIPS 202 SHA3-256)."""
        digest: bytes = _keccak_256(data).digest()
        return digest


EMPTY_KECCAK = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
"""Keccak-256 of no bytes: the code hash of an account without code (yellow paper, 4.1)."""

# A module that happens to be called `sha3` and computes something else would refuse every true proof and accept only
# forgeries made for it: it must not get as far as that.
if keccak256(b"") != EMPTY_KECCAK:
    raise ImportError("the installed `sha3` module does not compute Keccak-256; install safe-pysha3")
