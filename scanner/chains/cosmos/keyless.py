"""Accounts of modules on Cosmos chains. Source: Cosmos SDK ADR 28 (module accounts)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from scanner.chains.keyless_words import MODULE, small
from scanner.core.ids import Chain

_MODULES: Final = ("fee_collector", "distribution", "mint", "bonded_tokens_pool", "not_bonded_tokens_pool", "gov",
                   "transfer", "erc20", "evm", "feemarket")  # fmt: skip
_MODULE_KEYS: Final = frozenset(sha256(name.encode()).digest()[:20] for name in _MODULES)


def keyless(chain: Chain, key: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    return MODULE if key in _MODULE_KEYS else small(20)(chain, key) if len(key) == 20 else None
