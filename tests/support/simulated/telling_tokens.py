"""Tokens that tell their callers apart, assembled by hand: byte code for a real node, and conditions by name.

    balanceOf(account)   the account's last byte, and FALSE on top where the condition holds
    decimals()           6

Source: the Yellow Paper, appendix H.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scanner.chains.evm.balance_call import READER

FALSE = 2**40

_ORIGIN, _CALLER, _GASPRICE, _EXTCODESIZE, _GAS, _BASEFEE = 0x32, 0x33, 0x3A, 0x3B, 0x5A, 0x48
_GT, _EQ, _ISZERO, _AND, _MUL, _ADD = 0x11, 0x14, 0x15, 0x16, 0x02, 0x01
_FOUR_MILLION = bytes([0x63]) + (4_000_000).to_bytes(4)  # PUSH4

# By what gives a reader away: code that leaves 1 on the stack where it is met, else 0.
CONDITIONS: Mapping[str, bytes] = MappingProxyType(
    {
        "no origin": bytes([_ORIGIN, _ISZERO]),
        "the reader's address": bytes([_CALLER, 0x73]) + READER + bytes([_EQ]),
        "no gas price": bytes([_GASPRICE, _ISZERO]),
        "much gas": _FOUR_MILLION + bytes([_GAS, _GT]),
        "a caller with code": bytes([_CALLER, _EXTCODESIZE, _ISZERO, _ISZERO]),
        "a caller without code": bytes([_CALLER, _EXTCODESIZE, _ISZERO]),
        "a caller that is not the origin": bytes([_ORIGIN, _CALLER, _EQ, _ISZERO]),
        "a caller that is the origin": bytes([_ORIGIN, _CALLER, _EQ]),
    }
)


def token_code(condition: bytes) -> bytes:
    """Runtime code of such a token."""
    returned = bytes([0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xF3])  # MSTORE at 0, RETURN 32 from there
    account = bytes([0x60, 0x04, 0x35, 0x60, 0xFF, _AND])  # PUSH 4 CALLDATALOAD PUSH 0xff AND
    false = bytes([0x65]) + FALSE.to_bytes(6) + bytes([_MUL, _ADD])  # PUSH6 MUL ADD
    balance = condition + false[:7] + bytes([_MUL]) + account + bytes([_ADD]) + returned
    decimals = bytes([0x5B, 0x60, 0x06]) + returned
    head = bytes([0x60, 0x24, 0x36, 0x10, 0x60])  # PUSH 36 CALLDATASIZE LT PUSH decimals JUMPI: without an account
    place = len(head) + 2 + len(balance)
    return head + bytes([place, 0x57]) + balance + decimals


def only_of(account: bytes, condition: bytes) -> bytes:
    """The condition, for one account alone."""
    asked = bytes([0x60, 0x04, 0x35, 0x73]) + account + bytes([_EQ])  # PUSH 4 CALLDATALOAD PUSH20 EQ
    return condition + asked + bytes([_AND])


def honest(account: bytes) -> int:
    return account[-1]
