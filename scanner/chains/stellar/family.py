"""Stellar: everything that is known of this family of chains, as one value."""

from __future__ import annotations

from typing import Final

from scanner.chains.family import Family, SignatureForm
from scanner.chains.stellar import accounts, keyless
from scanner.chains.stellar.signed_message import okx_ed25519
from scanner.proofs.published_text import ED25519

FAMILY: Final = Family(
    accounts=accounts.FORMS,
    keyless=keyless.keyless,
    keyless_mark=bytes(30),
    schemes={"okx-ed25519": okx_ed25519},
    signature_forms=(SignatureForm(ED25519, ("okx-ed25519",)),),
)
