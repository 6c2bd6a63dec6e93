"""The words in which reports say what an account is whose coins no key can move, or that holds for others.

A CSV file holds each without quotes. Which accounts these are says each family's `keyless` module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from scanner.chains.family import KeylessAccount
from scanner.core.ids import Chain

ZERO: Final = "the zero address"
SYSTEM: Final = "a system contract"
PROTOCOL: Final = "an address of the protocol's own: a precompile, a system contract or a burn address"
BURN: Final = "a burn address"
DEPOSITS: Final = "the deposit contract of the chain's validators"
BRIDGE: Final = "a bridge's escrow of what it issues on another chain"
WRAPPER: Final = "a wrapper's contract that holds for those who have the wrapped token"
MODULE: Final = "an account of the chain's own code"


def table(revision: int, entries: Mapping[str, Mapping[str, str]]) -> tuple[KeylessAccount, ...]:
    """The rows that came with one revision of the tables: by chain or namespace, account by account."""
    return tuple(
        KeylessAccount(on, account, what, revision) for on, each in entries.items() for account, what in each.items()
    )


def small(size: int) -> Callable[[Chain, bytes], str | None]:
    """The rule for numbers below 2**16, where keys are `size` bytes of a hash, or a public key.

    None of them can have been found a key for: to find one of 20 bytes that begins with 18 zeros takes 2**144 tries.
    """

    def rule(_chain: Chain, key: bytes) -> str | None:
        if not key.startswith(bytes(size - 2)):
            return None
        return PROTOCOL if any(key) else ZERO

    return rule
