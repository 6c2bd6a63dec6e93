"""Code of tokens, assembled by hand: balances in a mapping of any layout, behind proxies, or nowhere at all.

Written from Solidity's "Layout of State Variables in Storage", without anything of what executes code.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.evm.slots import WHOLE_WORD, Order, StorageLayout
from tests.support.simulated.evm_assembler import assemble

RETURN_WORD: Final = "0 MSTORE 32 0 RETURN"
HOLDER: Final = "4 CALLDATALOAD"
"""The account that balanceOf is asked about."""

EIP1967: Final = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC
"""Where a proxy keeps the address of what it delegates to."""


def word_of(layout: StorageLayout) -> str:
    """Instructions that leave the holder's storage word on the stack."""
    base = f"0x{layout.base.hex()}"
    match layout.order:
        case Order.SOLIDITY:
            hashed = f"{HOLDER} 0 MSTORE {base} 32 MSTORE 64 0 KECCAK256"
        case Order.VYPER:
            hashed = f"{base} 0 MSTORE {HOLDER} 32 MSTORE 64 0 KECCAK256"
        case Order.SOLADY:
            hashed = (
                f"{base} 12 MSTORE {HOLDER} 96 SHL 0 MSTORE 0x{layout.base[20:].hex()} 160 SHL 20 MSTORE 32 0 KECCAK256"
            )
    return f"{hashed} SLOAD"


def token(layout: StorageLayout, first: str = "") -> bytes:
    """A contract whose every answer is the balance that it keeps by this layout. `first`: what is done before."""
    masked = "" if layout.mask == WHOLE_WORD else f"0x{layout.mask:064x} AND"
    return assemble(f"{first} {word_of(layout)} {masked} {RETURN_WORD}")


def proxy(through: str = f"0x{EIP1967:064x} SLOAD", first: str = "") -> bytes:
    """A contract that delegates every call (as OpenZeppelin's Proxy.sol does) to the one whose address `through` leaves
    on the stack; `first`: what is done before."""
    return assemble(
        f"""
        {first} {through} 0x200 MSTORE
        CALLDATASIZE 0 0 CALLDATACOPY
        0 0 CALLDATASIZE 0 0x200 MLOAD GAS DELEGATECALL
        RETURNDATASIZE 0 0 RETURNDATACOPY
        @ok JUMPI
        RETURNDATASIZE 0 REVERT
        ok: RETURNDATASIZE 0 RETURN
        """
    )


def minimal_proxy(target: bytes) -> bytes:
    """EIP-1167's contract, which delegates to a 20-byte target."""
    return bytes.fromhex("363d3d373d3d3d363d73") + target + bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
