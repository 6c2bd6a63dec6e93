"""What a proof rests on, and what is weak about a format: stable ids, each with one sentence.

The ids are part of the attestation format: never reuse one. docs/liabilities.md has the same sentences, and more.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

COMPLETE: Final = "complete"
SETUP: Final = "setup"
RECURSION: Final = "recursion"
KEYS: Final = "keys"

ASSUMPTIONS: Final = MappingProxyType(
    {
        COMPLETE: "every account is in the published file; only owners who look for theirs can notice one left out",
        SETUP: "the exchange destroyed the secrets of the trusted setup it ran itself; with them, any total passes",
        RECURSION: "the circuits that were proven and combined are those of the published version",
        KEYS: "the verifying keys, which the claim names, are of the published circuit; by others, any total passes",
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
UNOPENED: Final = "unopened-leaf"
NO_CUSTOMER: Final = "no-customer-file"
STARK_FORGEABLE: Final = "stark-v1-forgeable"
STARK_FREE_COINS: Final = "stark-v1-free-coins"
FILE_NAMES: Final = "file-coin-names"
LISTED_NAMES: Final = "listed-coin-names"
NO_KEY: Final = "no-verifying-key"
UNKNOWN_KEY: Final = "unknown-verifying-key"
MADE_UP_DEBTORS: Final = "made-up-debtors"
UNRELEASED: Final = "unreleased-layout"
NO_VERIFIER: Final = "no-verifier"
NET_VALUE: Final = "net-value"
REFUTED: Final = "refuted"
NOT_UNDERSTOOD: Final = "not-understood"
TOO_LARGE: Final = "too-large"
NO_TOTAL: Final = "no-total"
STATED_DECIMALS: Final = "stated-decimals"

REMARKS: Final = MappingProxyType(
    {
        FILE_ROOT: "the root comes from customers' own files alone; others may have been given another one",
        CHILD_SUMS: "a node's hash holds only the sum of its two sides, so that two customers can be shown different "
        "amounts for each other under one root",
        UNSEPARATED: "amounts are hashed without anything between them, so that one hash fits several sets of amounts",
        HASH_64: "hashes are cut to 64 bits: records that collide can be made on one large machine",
        HASH_128: "hashes are cut to 128 bits: collisions cost 2^64 steps, which is within reach of few",
        NEGATIVE: "parts of the tree hold negative sums, which lower the total",
        NO_SUMS: "the tree holds no sums, so that it says nothing about a total",
        USER_HASH: "the record names its customer by a hash, which has to be compared on the account's own page",
        UNOPENED: "the customer's file has its leaf's hash and not what it is of, so that others can be shown the same",
        NO_CUSTOMER: "no customer's file is among the published ones, so that no record was shown to be counted",
        STARK_FORGEABLE: "forged files pass the published verifier in three known ways: the sums are not proven",
        STARK_FREE_COINS: "the proof constrains the main coins only; the others' sums can be moved between them",
        FILE_NAMES: "which amount is of which coin comes from the customer's own file; no hash holds the names",
        LISTED_NAMES: "which total is of which coin only the published list of coins says; no hash holds the names",
        NO_KEY: "no verifying key is given, so that the batches' proofs were not checked",
        UNKNOWN_KEY: "the verifying key is not one known from elsewhere: it may be of a circuit that proves nothing",
        MADE_UP_DEBTORS: "debts are taken off, and accounts that owe much and own much of little worth can be made up",
        UNRELEASED: "the file is of a layout that was never released",
        NO_VERIFIER: "the proof of the total was not verified: no verifier for it is at hand, and its figures are read",
        NET_VALUE: "the tree holds each customer's net value alone, and no amount of any single coin",
        REFUTED: "what was published contradicts itself, or what was published elsewhere",
        NOT_UNDERSTOOD: "what was published is not of the format, or of a release of it that is not known here",
        TOO_LARGE: "what was published is larger than this program reads, so that it was not judged",
        NO_TOTAL: "what was published names a root, and no total of this coin",
        STATED_DECIMALS: "how many digits of the proof's numbers stand after the point the claim says, and no file",
    }
)
"""By id: what is weak about the format, or was not given."""
