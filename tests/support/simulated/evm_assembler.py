"""EVM code from text, with every instruction there is. Source: the Yellow Paper, appendix H, and the EIPs since.

    assemble("4 CALLDATALOAD 0x1F AND @on JUMPI 0 0 REVERT on: 1 0 MSTORE 32 0 RETURN")

Numbers are pushed in as few bytes as hold them, `on:` is a JUMPDEST, and `@on` pushes its place in two bytes.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    0x00: "STOP ADD MUL SUB DIV SDIV MOD SMOD ADDMOD MULMOD EXP SIGNEXTEND",
    0x10: "LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE SHL SHR SAR",
    0x20: "KECCAK256",
    0x30: "ADDRESS BALANCE ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CALLDATACOPY CODESIZE CODECOPY GASPRICE"
    " EXTCODESIZE EXTCODECOPY RETURNDATASIZE RETURNDATACOPY EXTCODEHASH",
    0x40: "BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE",
    0x50: "POP MLOAD MSTORE MSTORE8 SLOAD SSTORE JUMP JUMPI PC MSIZE GAS JUMPDEST TLOAD TSTORE MCOPY PUSH0",
    0xA0: "LOG0 LOG1 LOG2 LOG3 LOG4",
    0xF0: "CREATE CALL CALLCODE RETURN DELEGATECALL CREATE2",
    0xFA: "STATICCALL",
    0xFD: "REVERT INVALID SELFDESTRUCT",
}
OPCODES: Final[dict[str, int]] = {
    name: first + at for first, names in _NAMES.items() for at, name in enumerate(names.split())
} | {f"{kind}{n}": start + n for n in range(1, 17) for kind, start in (("DUP", 0x7F), ("SWAP", 0x8F))}


def assemble(text: str) -> bytes:
    words = text.split()
    places: dict[str, int] = {}
    code = _written(words, places, known=False)
    again = _written(words, places, known=True)
    assert len(code) == len(again)
    return again


def _written(words: list[str], places: dict[str, int], *, known: bool) -> bytes:
    code = bytearray()
    for word in words:
        if word.endswith(":"):
            places[word[:-1]] = len(code)
            code.append(OPCODES["JUMPDEST"])
        elif word.startswith("@"):
            code += b"\x61" + (places[word[1:]] if known else 0).to_bytes(2)
        elif word[0].isdigit():
            number = int(word, 0)
            size = max(1, (number.bit_length() + 7) // 8)
            code += bytes([0x5F + size]) + number.to_bytes(size)
        else:
            code.append(OPCODES[word])
    return bytes(code)
