"""Starknet: everything that is known of this family of chains, as one value."""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.family import Family, SignatureForm
from scanner.chains.keyless_words import small
from scanner.chains.starknet import accounts
from scanner.chains.starknet.signed_message import okx_stark

FAMILY: Final = Family(
    accounts=accounts.FORMS,
    network_names={"SN_MAIN": ("STARKNET",)},
    keyless=small(32),
    keyless_mark=bytes(30),
    schemes={"okx-stark": okx_stark},
    signature_forms=(SignatureForm(re.compile(r"(?:0x)?[0-9a-fA-F]{65,128}"), ("okx-stark",)),),
)
