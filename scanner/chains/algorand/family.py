"""Algorand: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.algorand import accounts
from scanner.chains.family import Family
from scanner.chains.keyless_words import small

FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"wGHE2Pwdvd7S12BL5FaOP20EGYesN73k": ("ALGO", "ALGORAND")},
    keyless=small(32),
    keyless_mark=bytes(30),
)
