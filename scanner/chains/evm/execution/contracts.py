"""What an execution needs of the state: what is asked for has to be proven, or is not answered.

Not in here: how it is proven (`proven_contracts`).
"""

from __future__ import annotations

from typing import Protocol

from scanner.chains.evm.execution.code import Code


class Contracts(Protocol):
    """Accounts of one state, by 20-byte addresses. All raise ProofError where nothing is shown."""

    def code(self, address: bytes) -> Code | None:
        """The code; None of an account that has none, or is not there."""

    def code_hash(self, address: bytes) -> bytes | None:
        """The 32-byte hash of the code, or of no bytes; None of an account that is not there, or is empty (EIP-161)."""

    def coins(self, address: bytes) -> int:
        """The account's own coins, in wei."""

    def word(self, address: bytes, slot: bytes) -> int:
        """The 256-bit word at a 32-byte slot of the contract's storage."""
