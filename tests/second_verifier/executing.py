"""A token's balance by its own code, as docs/predicate.md has it ("Executing a token's code") and the Yellow Paper.

Words are ints; what no proof shows stands on the stack as a text, and any use of it that is not described is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

M: Final = 2**256
_READER: Final = 0xB9D05C4C4E1FAF5165200ABA7CC7B3F91EE12CB9
_MULTICALL3: Final = 0xCA11BDE05977B3631167028862BE2A173976CA11
_HAVE_MULTICALL3: Final = {1, 10, 56, 66, 137, 196, 8453, 42161, 43114, 59144, 534352}
_CALLER, _OTHER, _GAS, _UNSHOWN = "the caller", "a difference", "the gas", "unshown"


class Hangs(ValueError):
    """The answer hangs on what no proof shows, or takes too much."""


class Fails(Exception):
    """The contract's call fails; `output` where it reverts, None where it halts."""

    def __init__(self, output: bytes | None = None) -> None:
        super().__init__()
        self.output = output


@dataclass
class Chain:
    """A block's state, whose functions raise ValueError where nothing is proven, and its rules."""

    id: int
    height: int | None
    time: int
    push0: bool
    cancun: bool
    code: Callable[[int], bytes]  # of an account; no bytes where there is none
    code_hash: Callable[[int], int]
    coins: Callable[[int], int]
    word: Callable[[int, int], int]
    keccak: Callable[[bytes], bytes]


@dataclass
class Execution:
    chain: Chain
    usual: set[int]
    gas: int = 1_000_000
    codes: dict[int, bytes] = field(default_factory=dict)

    def spend(self, gas: int) -> None:
        self.gas -= gas
        if self.gas < 0:
            raise Hangs("too much")

    def code(self, account: int) -> bytes:
        if account not in self.codes:
            if len(self.codes) == 16:
                raise Hangs("too many contracts")
            self.codes[account] = self.chain.code(account)
            self.spend(6 * words(len(self.codes[account])))
        return self.codes[account]


def words(size: int) -> int:
    return -(-size // 32)


def number(value: Any) -> int:
    if not isinstance(value, int):
        raise Hangs(value)
    return value


def balance(chain: Chain, token: int, holder: bytes) -> int:
    usual = {0, token, int.from_bytes(holder), _READER}
    usual |= {_MULTICALL3} if chain.id in _HAVE_MULTICALL3 else set()
    try:
        data = bytes.fromhex("70a08231") + holder.rjust(32, b"\0")
        output = call(Execution(chain, usual), token, data, 0, (token, _CALLER))
    except Fails:
        raise Hangs("no balance") from None
    if len(output) < 32:
        raise Hangs("no balance")
    return int.from_bytes(output[:32])


def signed(value: int) -> int:
    return value - M if value >> 255 else value


def quotient(a: int, b: int) -> int:
    return 0 if b == 0 else (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def extended(size: int, value: int) -> int:
    bits = 8 * (size + 1)
    return value if size > 30 else (value % 2**bits) - (2**bits if value >> bits - 1 & 1 else 0)


_TWO: Final[dict[int, Callable[[int, int], int]]] = {
    0x01: lambda a, b: a + b,
    0x02: lambda a, b: a * b,
    0x03: lambda a, b: a - b,
    0x04: lambda a, b: a // b if b else 0,
    0x05: lambda a, b: quotient(signed(a), signed(b)),
    0x06: lambda a, b: a % b if b else 0,
    0x07: lambda a, b: signed(a) - signed(b) * quotient(signed(a), signed(b)) if b else 0,
    0x0A: lambda a, b: pow(a, b, M),
    0x0B: extended,
    0x10: lambda a, b: a < b,
    0x11: lambda a, b: a > b,
    0x12: lambda a, b: signed(a) < signed(b),
    0x13: lambda a, b: signed(a) > signed(b),
    0x14: lambda a, b: a == b,
    0x16: lambda a, b: a & b,
    0x17: lambda a, b: a | b,
    0x18: lambda a, b: a ^ b,
    0x1A: lambda a, b: (b >> (248 - 8 * a)) & 255 if a < 32 else 0,
    0x1B: lambda a, b: b << a if a < 256 else 0,
    0x1C: lambda a, b: b >> a if a < 256 else 0,
    0x1D: lambda a, b: signed(b) >> min(a, 256),
}


def two(execution: Execution, code: int, a: Any, b: Any) -> Any:
    """Of two operands, one of which may be the caller or what is left of it."""
    kinds = {a, b} - {each for each in (a, b) if isinstance(each, int)}
    if not kinds:
        return int(_TWO[code](a, b)) % M
    numbers = [each for each in (a, b) if isinstance(each, int)]
    if not numbers or not kinds <= {_CALLER, _OTHER}:
        raise Hangs(str(kinds))
    other = numbers[0]
    if code == 0x16 and other in (2**160 - 1, M - 1):
        return kinds.pop()
    if kinds == {_OTHER}:
        if code == 0x14 and other == 0:
            return 0
    elif code in (0x03, 0x14, 0x18) and other % 2**160 not in execution.usual:
        return 0 if code == 0x14 else _OTHER
    raise Hangs(str(kinds))


def call(execution: Execution, code_of: int, data: bytes, depth: int, within: tuple[int, Any]) -> bytes:
    """`within`: whose storage it has, and who asks."""
    if depth > 16:
        raise Hangs("too deep")
    code = execution.code(code_of)
    if not code or code[0] == 0xEF:
        raise Hangs("no code")
    return Frame(execution, code, *within, data, depth).run()


@dataclass
class Frame:
    execution: Execution
    code: bytes
    address: int
    caller: Any
    data: bytes
    depth: int
    stack: list[Any] = field(default_factory=list)
    memory: bytearray = field(default_factory=bytearray)
    returned: bytes = b""

    def pop(self) -> Any:
        if not self.stack:
            raise Fails
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(int(value) % M if isinstance(value, int) else value)
        if len(self.stack) > 1024:
            raise Fails

    def reach(self, start: Any, size: Any) -> tuple[int, int]:
        if number(size) == 0:
            return 0, 0
        end = number(start) + size
        if end > 2**20:
            raise Hangs("too much memory")
        had, have = words(len(self.memory)), max(words(len(self.memory)), words(end))
        self.execution.spend(3 * have + have * have // 512 - 3 * had - had * had // 512)
        self.memory += bytes(32 * (have - had))
        return start, size

    def read(self, start: Any, size: Any) -> bytes:
        start, size = self.reach(start, size)
        return bytes(self.memory[start : start + size])

    def write(self, start: Any, content: bytes) -> None:
        start, size = self.reach(start, len(content))
        self.memory[start : start + size] = content

    def copy(self, source: bytes) -> None:
        to, start, size = self.pop(), number(self.pop()), number(self.pop())
        self.execution.spend(6 * words(size))
        if size:
            self.reach(to, size)
            self.write(to, source[start : start + size].ljust(size, b"\0"))

    def run(self) -> bytes:  # noqa: PLR0912 - one branch an instruction
        execution, chain = self.execution, self.execution.chain
        places = {at for at in self._instructions() if self.code[at] == 0x5B}
        at = 0
        while True:
            op = self.code[at] if at < len(self.code) else 0
            execution.spend(10)
            at += 1
            if 0x60 <= op <= 0x7F:
                size = op - 0x5F
                self.push(int.from_bytes(self.code[at : at + size].ljust(size, b"\0")))
                at += size
            elif op == 0x5F and chain.push0:
                self.push(0)
            elif op in _TWO:
                execution.spend(1_610 if op == 0x0A else 0)
                self.push(two(execution, op, self.pop(), self.pop()))
            elif op == 0x15:
                self.push(two(execution, 0x14, self.pop(), 0))
            elif op == 0x19:
                self.push(M - 1 - number(self.pop()))
            elif op in (0x08, 0x09):
                a, b, modulus = number(self.pop()), number(self.pop()), number(self.pop())
                self.push((a + b if op == 0x08 else a * b) % modulus if modulus else 0)
            elif 0x80 <= op <= 0x8F or 0x90 <= op <= 0x9F:
                deep = op % 16 + 1 + (op >= 0x90)
                if len(self.stack) < deep:
                    raise Fails
                if op < 0x90:
                    self.push(self.stack[-deep])
                else:
                    self.stack[-1], self.stack[-deep] = self.stack[-deep], self.stack[-1]
            elif op in (0x56, 0x57):
                to, taken = self.pop(), 1
                if op == 0x57:
                    taken = self.pop()
                    taken = 1 if taken == _OTHER else number(taken)
                if taken:
                    at = number(to)
                    if at not in places:
                        raise Fails
            elif op == 0x00:
                return b""
            elif op in (0xF3, 0xFD):
                output = self.read(self.pop(), self.pop())
                if op == 0xFD:
                    raise Fails(output)
                return output
            elif op == 0xFE:
                raise Fails
            elif op == 0x58:
                self.push(at - 1)
            elif op != 0x5B:
                self._other(op)

    def _instructions(self) -> list[int]:
        found, at = [], 0
        while at < len(self.code):
            found.append(at)
            at += self.code[at] - 0x5E if 0x60 <= self.code[at] <= 0x7F else 1
        return found

    def _account(self) -> int:
        account: Any = two(self.execution, 0x16, self.pop(), 2**160 - 1)
        self.execution.spend(2_600)
        return number(account)

    def _other(self, op: int) -> None:  # noqa: PLR0912 - one branch an instruction
        execution, chain = self.execution, self.execution.chain
        plain = {
            0x30: self.address,
            0x33: self.caller,
            0x34: 0,
            0x36: len(self.data),
            0x38: len(self.code),
            0x3D: len(self.returned),
            0x42: chain.time,
            0x43: _UNSHOWN if chain.height is None else chain.height,
            0x46: chain.id,
            0x59: len(self.memory),
            0x5A: _GAS,
            **dict.fromkeys((0x32, 0x3A, 0x41, 0x44, 0x45, 0x48, 0x4A), _UNSHOWN),
        }
        if op in plain:
            self.push(plain[op])
        elif op == 0x20:
            start, size = self.pop(), number(self.pop())
            execution.spend(40 + 6 * words(size))
            self.push(int.from_bytes(chain.keccak(self.read(start, size))))
        elif op == 0x31:
            self.push(chain.coins(self._account()))
        elif op == 0x35:
            start = number(self.pop())
            self.push(int.from_bytes(self.data[start : start + 32].ljust(32, b"\0")))
        elif op in (0x37, 0x39):
            self.copy(self.data if op == 0x37 else self.code)
        elif op == 0x3E:
            if len(self.stack) > 2 and number(self.stack[-2]) + number(self.stack[-3]) > len(self.returned):
                raise Fails
            self.copy(self.returned)
        elif op == 0x3B:
            self.push(len(execution.code(self._account())))
        elif op == 0x3C:
            self.copy(execution.code(self._account()))
        elif op == 0x3F:
            self.push(chain.code_hash(self._account()))
        elif op in (0x40, 0x49):
            self.pop()
            execution.spend(20)
            self.push(_UNSHOWN)
        elif op == 0x47:
            self.push(chain.coins(self.address))
        elif op == 0x50:
            self.pop()
        elif op == 0x51:
            self.push(int.from_bytes(self.read(self.pop(), 32)))
        elif op == 0x52:
            start, value = self.pop(), number(self.pop())
            self.write(start, value.to_bytes(32))
        elif op == 0x53:
            start, value = self.pop(), number(self.pop())
            self.write(start, bytes([value % 256]))
        elif op == 0x54:
            slot = number(self.pop())
            execution.spend(2_100)
            self.push(chain.word(self.address, slot))
        elif op == 0x5C and chain.cancun:
            self.pop()
            execution.spend(100)
            self.push(0)
        elif op == 0x5E and chain.cancun:
            to, start, size = self.pop(), self.pop(), number(self.pop())
            execution.spend(6 * words(size))
            self.reach(to, size)
            self.write(to, self.read(start, size))
        elif op in (0xF1, 0xF4, 0xFA):
            self._call(op)
        else:
            raise Hangs(f"instruction {op:#x}")

    def _call(self, op: int) -> None:
        execution = self.execution
        gas = self.pop()
        to = number(two(execution, 0x16, self.pop(), 2**160 - 1))
        if op == 0xF1 and number(self.pop()):
            raise Hangs("a call that pays")
        data = self.read(self.pop(), self.pop())
        room_at, room = self.pop(), self.pop()
        self.reach(room_at, room)
        execution.spend(2_600 + 6 * words(len(data)))
        before, succeeded = execution.gas, 1
        try:
            if to == 2:
                execution.spend(60 + 12 * words(len(data)))
                output = hashlib.sha256(data).digest()
            elif to == 4:
                execution.spend(15 + 6 * words(len(data)))
                output = data
            elif op == 0xF4:
                output = call(execution, to, data, self.depth + 1, (self.address, self.caller))
            else:
                output = call(execution, to, data, self.depth + 1, (to, self.address))
        except Fails as failure:
            if failure.output is None:
                raise Hangs("a call within that halts") from None
            output, succeeded = failure.output, 0
        if gas != _GAS and number(gas) < 2 * (before - execution.gas):
            raise Hangs("too little gas")
        execution.spend(6 * words(len(output)))
        self.returned = output
        if number(room):
            self.write(room_at, output[:room])
        self.push(succeeded)
