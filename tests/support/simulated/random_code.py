"""Contracts whose code is made up at random, and mostly runs: what an execution is held against a node's with.

Everything follows from the number. Operands are pushed before each instruction, so that few programs end for want of
one; jumps go forward, over some instructions; contracts call each other, hand on what comes back, and fail at times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.support.simulated.evm_assembler import OPCODES, assemble

ADDRESSES: Final = tuple(bytes([0xA0 + number]) * 20 for number in range(4))
"""The contracts; the first is the one that is called."""

_ARITHMETIC: Final = {
    2: [
        "ADD",
        "MUL",
        "SUB",
        "DIV",
        "SDIV",
        "MOD",
        "SMOD",
        "EXP",
        "SIGNEXTEND",
        "LT",
        "GT",
        "SLT",
        "SGT",
        "EQ",
        "AND",
        "OR",
        "XOR",
        "BYTE",
        "SHL",
        "SHR",
        "SAR",
    ],
    1: ["ISZERO", "NOT"],
    3: ["ADDMOD", "MULMOD"],
}
_GIVES: Final = [
    "ADDRESS",
    "CALLVALUE",
    "CALLDATASIZE",
    "CODESIZE",
    "RETURNDATASIZE",
    "TIMESTAMP",
    "NUMBER",
    "CHAINID",
    "SELFBALANCE",
    "MSIZE",
    "PC",
    "PUSH0",
]
_HANGS: Final = ["CALLER", "ORIGIN", "GAS", "GASPRICE", "COINBASE", "BASEFEE", "PREVRANDAO", "GASLIMIT"]


@dataclass(frozen=True)
class RandomContracts:
    """Code and storage by address, and the data of the call."""

    codes: dict[bytes, bytes]
    words: dict[tuple[bytes, int], int]
    data: bytes


def random_contracts(number: int, addresses: Sequence[bytes] = ADDRESSES) -> RandomContracts:
    luck = Random(number)
    codes = {address: _Program(luck, addresses, at).code() for at, address in enumerate(addresses)}
    words = {(address, slot): _word(luck) for address in addresses for slot in range(4)}
    return RandomContracts(codes, words, luck.randbytes(luck.choice([0, 4, 36, 36, 68])))


def _word(luck: Random) -> int:
    edges = [0, 1, 2, 31, 32, 255, 256, 2**160 - 1, 2**255 - 1, 2**255, 2**256 - 1, 2**256 - 2]
    return luck.choice([luck.choice(edges), luck.randrange(64), luck.randrange(2**256), luck.randrange(2**64)])


class _Program:
    def __init__(self, luck: Random, addresses: Sequence[bytes], place: int) -> None:
        self._luck = luck
        self._addresses = addresses
        self._place = place  # among the contracts: it calls those behind it, and itself seldom
        self._words: list[str] = []
        self._deep = 0  # words on the stack, as far as all are executed
        self._labels = 0

    def code(self) -> bytes:
        luck = self._luck
        for _ in range(luck.randint(1, 25)):
            self._statement()
        end = luck.random()
        self._say("0 MSTORE" if self._deep else "")
        self._say("REVERT" if end < 0.1 else "RETURN" if end < 0.95 else "INVALID", 0, luck.choice([0, 32, 32, 96]))
        code = assemble(" ".join(self._words))
        if luck.random() < 0.03:  # what no compiler writes
            code = bytes(luck.choice(list(OPCODES.values())) if luck.random() < 0.1 else byte for byte in code)
        return code

    def _statement(self) -> None:  # noqa: PLR0912 - one branch for each kind
        luck = self._luck
        match luck.randrange(16):
            case 0 | 1 | 2 | 3 | 4:
                count = luck.choice([1, 2, 2, 2, 2, 3])
                have = min(self._deep, count) if luck.random() < 0.6 else 0
                self._say(luck.choice(_ARITHMETIC[count]), *(_word(luck) for _ in range(count - have)))
                self._deep += 1 - have
            case 5:
                self._give(luck.choice(_GIVES))
            case 6 if self._deep:
                self._say(luck.choice(["DUP", "SWAP"]) + str(luck.randint(1, min(self._deep, 16))))
                self._deep += self._words[-1].startswith("DUP")
                if self._words[-1] == f"SWAP{self._deep}":
                    self._words.pop()
            case 7:
                self._give("SLOAD", luck.randrange(6))
            case 8:
                self._say(luck.choice(["MSTORE", "MSTORE8"]), luck.randrange(80), _word(luck))
            case 9:
                self._give(luck.choice(["MLOAD", "CALLDATALOAD"]), luck.choice([0, 4, 32, 64, luck.randrange(100)]))
            case 10:
                self._give("KECCAK256", luck.randrange(64), luck.randrange(80))
            case 11:
                name = luck.choice(["CALLDATACOPY", "CODECOPY", "MCOPY", "RETURNDATACOPY"])
                start = 0 if name == "RETURNDATACOPY" else luck.choice([0, luck.randrange(60), 2**256 - 1])
                start = luck.randrange(60) if name == "MCOPY" else start
                size = luck.choice([0, 0, 40]) if name == "RETURNDATACOPY" else luck.randrange(70)
                self._say(name, luck.randrange(64), start, size)
            case 12 if self._deep:
                self._jump()
            case 13:
                self._call()
            case 14:
                asked = luck.choice([*self._addresses, b"\x12" * 20])
                self._give(luck.choice(["EXTCODESIZE", "EXTCODEHASH", "BALANCE"]), int.from_bytes(asked))
            case 15 if luck.random() < 0.3:
                self._say(luck.choice(_HANGS))
                self._say("POP" if luck.random() < 0.7 else "0x1234 EQ POP")

    def _jump(self) -> None:
        label = f"l{self._labels}"
        self._labels += 1
        self._deep -= 1
        self._say(f"@{label} JUMPI")
        deep, self._deep = self._deep, 0  # what is jumped over may leave nothing behind, and take nothing
        before = len(self._words)
        self._statement()
        self._words += ["POP"] * self._deep if len(self._words) > before else []
        self._deep = deep
        self._words.append(f"{label}:")

    def _call(self) -> None:
        luck = self._luck
        behind = self._addresses[self._place + 1 :]
        to = luck.choice([*behind, *behind, (2).to_bytes(20), (4).to_bytes(20)])
        kind = luck.choice(["STATICCALL", "DELEGATECALL", "CALL"])
        gas = "GAS" if luck.random() < 0.8 else str(luck.choice([2**200, 200_000, 30_000, 700]))
        room = [luck.randrange(70), luck.randrange(64)]
        data = [luck.randrange(70), luck.randrange(64)]
        value = [0] if kind == "CALL" else []
        pushed = " ".join(str(each) for each in reversed([int.from_bytes(to), *value, *data, *room]))
        self._say(f"{pushed} {gas} {kind}")
        self._deep += 1

    def _give(self, name: str, *operands: int) -> None:
        self._say(name, *operands)
        self._deep += 1

    def _say(self, name: str, *operands: int) -> None:
        """An instruction, its first operand pushed last."""
        self._words += [*(str(each) for each in reversed(operands)), *name.split()]
