"""NEAR: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Family
from scanner.chains.near import accounts, keyless

FAMILY: Final = Family(
    accounts=accounts.FORMS,
    keyless_accounts=keyless.ACCOUNTS,
)
