"""The question for a token's balance, and the address it is asked from. Source: EIP-20."""

from __future__ import annotations

from typing import Final

from scanner.core.keccak import keccak256

ADDRESS: Final = 20  # bytes
WORD: Final = 32  # bytes

BALANCE_OF: Final = keccak256(b"balanceOf(address)")[:4]

READER: Final = keccak256(b"reserve-scanner")[-ADDRESS:]
"""Where code of ours is put by override: an address no one has, since no one knows a key whose hash ends like this."""


def balance_of(account: bytes) -> bytes:
    """Call data of `balanceOf(account)`."""
    return BALANCE_OF + account.rjust(WORD, b"\0")
