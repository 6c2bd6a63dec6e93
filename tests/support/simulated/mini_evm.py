"""Enough of an Ethereum virtual machine to run the scanner's byte code, written from the Yellow Paper, not from it.

It knows the instructions that the scanner uses and none beside, so code that strays is an error. Contracts it calls are
Python functions. Gas is counted where it decides how much fits a call: BALANCE, STATICCALL, call data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MODULUS = 2**256

Contract = Callable[[bytes], tuple[bool, bytes]]
"""Call data to success and return data."""


class OutOfGas(Exception):
    """The call used more than it was given."""


class BadCode(Exception):
    """The code does what no correct code would do."""


@dataclass(frozen=True)
class Block:
    """What code can see of the chain."""

    chain_id: int
    number: int
    hash_of: Callable[[int], bytes]
    balance_of: Callable[[bytes], int]
    contract_at: Callable[[bytes], Contract | None]
    called: Callable[[int], object] = id  # is told the gas that a contract gets, before it runs


def run(code: bytes, data: bytes, block: Block, gas: int = 50_000_000) -> tuple[bool, bytes]:
    """Success and return data of `code` called with `data`. Raises OutOfGas, BadCode."""
    return _Machine(code, data, block, gas - 21_000 - 16 * len(data)).run()


class _Machine:
    def __init__(self, code: bytes, data: bytes, block: Block, gas: int) -> None:
        self._code = code
        self._data = data
        self._block = block
        self._gas = gas
        self._at = 0
        self._stack: list[int] = []
        self._memory = bytearray()
        self._returned = b""
        self._destinations = _destinations(code)

    def run(self) -> tuple[bool, bytes]:
        while self._at < len(self._code):
            op = self._code[self._at]
            self._at += 1
            self._spend(3)
            if op == 0xF3:
                return True, self._read(self._pop(), self._pop())
            if op == 0xFD:
                return False, self._read(self._pop(), self._pop())
            self._step(op)
        return True, b""

    def _step(self, op: int) -> None:  # noqa: PLR0912 - one branch an instruction, as the Yellow Paper has them
        pop, push = self._pop, self._push
        match op:
            case 0x01:
                push(pop() + pop())
            case 0x03:
                push(pop() - pop())
            case 0x11:
                push(pop() > pop())
            case 0x15:
                push(pop() == 0)
            case 0x16:
                push(pop() & pop())
            case 0x1B | 0x1C:
                shift, value = pop(), pop()
                push((value << shift if op == 0x1B else value >> shift) if shift < 256 else 0)
            case 0x31:
                self._spend(2_600)
                push(self._block.balance_of(_address(pop())))
            case 0x36:
                push(len(self._data))
            case 0x38:
                push(len(self._code))
            case 0x37 | 0x39:
                to, start, length = pop(), pop(), pop()
                source = self._data if op == 0x37 else self._code
                self._write(to, source[start : start + length].ljust(length, b"\0"))
            case 0x3D:
                push(len(self._returned))
            case 0x40:
                number = pop()
                known = max(0, self._block.number - 256) <= number < self._block.number
                push(int.from_bytes(self._block.hash_of(number)) if known else 0)
            case 0x43:
                push(self._block.number)
            case 0x46:
                push(self._block.chain_id)
            case 0x50:
                pop()
            case 0x51:
                push(int.from_bytes(self._read(pop(), 32)))
            case 0x52:
                to, value = pop(), pop()
                self._write(to, value.to_bytes(32))
            case 0x56:
                self._jump(pop())
            case 0x57:
                to, condition = pop(), pop()
                if condition:
                    self._jump(to)
            case 0x5A:
                push(self._gas)
            case 0x5B:
                pass
            case 0xFA:
                self._static_call()
            case _ if 0x60 <= op <= 0x7F:
                length = op - 0x5F
                push(int.from_bytes(self._code[self._at : self._at + length].ljust(length, b"\0")))
                self._at += length
            case _ if 0x80 <= op <= 0x8F:
                push(self._stack_at(op - 0x80))
            case _ if 0x90 <= op <= 0x9F:
                deep = op - 0x8F
                self._stack_at(deep)
                self._stack[-1], self._stack[-1 - deep] = self._stack[-1 - deep], self._stack[-1]
            case _:
                raise BadCode(f"instruction {op:#x}")

    def _static_call(self) -> None:
        gas, to, start, length, answer_to, room = (self._pop() for _ in range(6))
        self._spend(2_600)
        self._block.called(min(gas, self._gas - self._gas // 64))  # EIP-150
        data = self._read(start, length)
        contract = self._block.contract_at(_address(to))
        succeeded, self._returned = contract(data) if contract is not None else (True, b"")
        self._read(answer_to, room)
        self._write(answer_to, self._returned[:room])
        self._push(succeeded)

    def _pop(self) -> int:
        if not self._stack:
            raise BadCode("stack underflow")
        return self._stack.pop()

    def _push(self, value: int) -> None:
        if len(self._stack) >= 1024:
            raise BadCode("stack overflow")
        self._stack.append(value % _MODULUS)

    def _stack_at(self, deep: int) -> int:
        if deep >= len(self._stack):
            raise BadCode("stack underflow")
        return self._stack[-1 - deep]

    def _spend(self, gas: int) -> None:
        self._gas -= gas
        if self._gas < 0:
            raise OutOfGas

    def _read(self, start: int, length: int) -> bytes:
        self._reach(start + length if length else 0)
        return bytes(self._memory[start : start + length])

    def _write(self, start: int, content: bytes) -> None:
        self._reach(start + len(content) if content else 0)
        self._memory[start : start + len(content)] = content

    def _reach(self, end: int) -> None:
        if end > 2**24:
            raise OutOfGas
        if end > len(self._memory):
            self._memory.extend(bytes(-(-end // 32) * 32 - len(self._memory)))

    def _jump(self, to: int) -> None:
        if to not in self._destinations:
            raise BadCode(f"a jump to {to}, where no JUMPDEST is")
        self._at = to


def _destinations(code: bytes) -> frozenset[int]:
    found, at = set(), 0
    while at < len(code):
        op = code[at]
        if op == 0x5B:
            found.add(at)
        at += op - 0x5E if 0x60 <= op <= 0x7F else 1  # what PUSH pushes is no instruction
    return frozenset(found)


def _address(word: int) -> bytes:
    return (word % 2**160).to_bytes(20)
