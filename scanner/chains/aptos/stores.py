"""Where an account of Aptos keeps a fungible asset: the address of its primary store, which follows from both.

Anyone may give an account further stores of the asset, at addresses that follow from nothing; no call of a node lists
them.

Source: aptos-core, `object.move` (create_user_derived_object_address) and `primary_fungible_store.move`.
"""

from __future__ import annotations

from hashlib import sha3_256
from typing import Final

APT: Final = (10).to_bytes(32)
"""The metadata under which Aptos' own coin is a fungible asset too."""

_DERIVED: Final = b"\xfc"  # the scheme of an object's address that follows from an account and another object


def primary_store(owner: bytes, metadata: bytes) -> bytes:
    """The address of the store, all of 32 bytes."""
    return sha3_256(owner + metadata + _DERIVED).digest()
