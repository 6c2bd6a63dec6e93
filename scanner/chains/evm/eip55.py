"""The EVM's 20 bytes in hex, and the checksum that a mix of upper and lower case is. No chain is known here.

On a few chains the checksum has the chain's id in it (EIP-1191); `chain_id` says so.

Sources: EIP-55, EIP-1191.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AddressError, require_length, shown
from scanner.core.keccak import keccak256

ACCOUNT_BYTES: Final = 20

_ANY = re.compile(r"0x[0-9a-fA-F]{40}")


def checksum_address(key: bytes, chain_id: str = "") -> str:
    """20 bytes in EIP-55's mix of cases, or in EIP-1191's. Raises AddressError for another length."""
    digits = require_length(key, ACCOUNT_BYTES, "an EVM account").hex()
    hashed = f"{chain_id}0x{digits}" if chain_id else digits
    digest = keccak256(hashed.encode()).hex()
    mixed = (digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, digest, strict=False))
    return "0x" + "".join(mixed)


def from_hex(text: str, chain_id: str = "") -> bytes:
    """The 20 bytes of 0x and 40 hex digits, with their checksum where they are of both cases. Raises AddressError."""
    if not _ANY.fullmatch(text):
        problem = "expected 0x and 40 hex digits"
        if not text.startswith("0x"):
            problem = "it does not start with 0x; " + problem
        elif len(text) != 42:
            problem = f"it has {len(text) - 2} characters after 0x; " + problem
        raise AddressError(f"{shown(text)} is not an EVM address: {problem}")
    digits = text[2:]
    key = bytes.fromhex(digits)
    if digits not in (digits.upper(), digits.lower()) and text not in (
        checksum_address(key),
        checksum_address(key, chain_id),
    ):
        raise AddressError(
            f"{shown(text)}: its mix of upper and lower case is not its EIP-55 checksum, so at least one character is"
            f" wrong; expected that checksum, or all digits in one case"
        )
    return key
