"""What a proof rests on, and what is weak about a format: stable ids, each with one sentence.

The ids are part of the attestation format: never reuse one. docs/liabilities.md has the same sentences, and more.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

COMPLETE: Final = "complete"
SETUP: Final = "setup"
RECURSION: Final = "recursion"

ASSUMPTIONS: Final = MappingProxyType(
    {
        COMPLETE: "every account is in the published file; only owners who look for theirs can notice one left out",
        SETUP: "the exchange destroyed the secrets of the trusted setup it ran itself; with them, any total passes",
        RECURSION: "the circuits that were proven and combined are those of the published version",
    }
)
"""By id: what the word rests on, if it holds."""

FILE_ROOT: Final = "file-root"
CHILD_SUMS: Final = "child-sums"
UNSEPARATED: Final = "unseparated"
HASH_64: Final = "hash-64"
HASH_128: Final = "hash-128"
NEGATIVE: Final = "negative"
NO_SUMS: Final = "no-sums"
USER_HASH: Final = "user-hash"

REMARKS: Final = MappingProxyType(
    {
        FILE_ROOT: "the root comes from the customer's own file alone; others may have been given another one",
        CHILD_SUMS: "a node's hash holds only the sum of its two sides, so that two customers can be shown different "
        "amounts for each other under one root",
        UNSEPARATED: "amounts are hashed without anything between them, so that one hash fits several sets of amounts",
        HASH_64: "hashes are cut to 64 bits: records that collide can be made on one large machine",
        HASH_128: "hashes are cut to 128 bits: collisions cost 2^64 steps, which is within reach of few",
        NEGATIVE: "parts of the tree hold negative sums, which lower the total",
        NO_SUMS: "the tree holds no sums, so that it says nothing about a total",
        USER_HASH: "the record names its customer by a hash, which has to be compared on the account's own page",
    }
)
"""By id: what is weak about the format, or was not given."""
