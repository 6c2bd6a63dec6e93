"""Accounts of Aptos: 32 bytes in hex, of which leading zeros may be cut. Source: AIP-40."""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AccountForms
from scanner.chains.hex32 import account_key, account_text

FORMS: Final = AccountForms("aptos", account_key, account_text)
