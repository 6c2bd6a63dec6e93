"""The account of Stellar whose coins no key can move: zeros behind a version byte."""

from __future__ import annotations

from scanner.chains.keyless_words import ZERO
from scanner.core.ids import Chain


def keyless(_chain: Chain, key: bytes) -> str | None:
    """What the account is; None of any other."""
    return None if any(key[1:]) else ZERO
