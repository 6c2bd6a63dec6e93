"""Accounts of Substrate chains that belong to pallets and to other chains. Source: `PalletId`, sovereign accounts."""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import MODULE, ZERO
from scanner.core.ids import Chain

_PALLETS: Final = (b"modl", b"para", b"sibl")  # how accounts of pallets and of other chains begin


def keyless(_chain: Chain, key: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    if not any(key):
        return ZERO
    return MODULE if key.startswith(_PALLETS) and key.endswith(bytes(8)) else None
