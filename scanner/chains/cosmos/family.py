"""Cosmos chains: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.cosmos import accounts, keyless
from scanner.chains.family import Family

FAMILY: Final = Family(
    accounts=accounts.FORMS,
    keyless=keyless.keyless,
)
