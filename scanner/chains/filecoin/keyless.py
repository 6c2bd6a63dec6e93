"""Filecoin's singleton actors, and accounts of its EVM that no key can move. Source: Filecoin's specification."""

from __future__ import annotations

from scanner.chains.evm.keyless import plain_evm
from scanner.chains.filecoin.accounts import ETHEREUM_MANAGER, SINGLETONS
from scanner.chains.keyless_words import MODULE
from scanner.core.ids import Chain


def keyless(chain: Chain, key: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    if key in SINGLETONS:
        return MODULE
    return plain_evm(chain, key[2:]) if key[:2] == bytes([4, ETHEREUM_MANAGER]) else None
