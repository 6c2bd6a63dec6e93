"""One call of a contract: its stack, memory and call data, and the loop that executes its code.

Every frame is static, as a question for a balance is: what would write ends in a ProofError. Not in here: what reaches
beyond the frame, into the state, the block or another contract (`environment`, `calls`).

Sources: the Yellow Paper, 9 and appendix H; EIP-211 (return data), EIP-214 (static calls), EIP-3855, EIP-5656.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.evm.execution.code import Code
from scanner.chains.evm.execution.gas import EXPONENTIATION, HASH, STEP, Meter
from scanner.chains.evm.execution.instructions import BINARY, TERNARY, UNARY, Word
from scanner.chains.evm.execution.undetermined import undetermined
from scanner.core.keccak import keccak256

_MOST_WORDS: Final = 1024  # on the stack
_EXP: Final = 0x0A


class Halted(Exception):
    """An exceptional halt: the call fails, and all gas that it was given is gone."""


class FrameReverted(Exception):
    """REVERT: the call fails, and says something."""

    def __init__(self, output: bytes) -> None:
        super().__init__()
        self.output = output


@dataclass(slots=True)
class Frame:
    """A call under way. Addresses are integers; `caller` may be a `Caller`."""

    code: Code
    address: int  # whose storage it has
    caller: Word
    data: bytes
    meter: Meter
    depth: int = 0
    stack: list[Word] = field(default_factory=list)
    memory: bytearray = field(default_factory=bytearray)
    returned: bytes = b""  # by the last call that this one made

    def push(self, word: Word) -> None:
        """Raises Halted beyond 1,024 words."""
        self.stack.append(word)
        if len(self.stack) > _MOST_WORDS:
            raise Halted

    def read(self, start: Word, size: Word) -> bytes:
        """Bytes of the memory, which grows as far as it is read. Raises ProofError TOO_LARGE."""
        if size == 0:
            return b""
        self.reach(start, size)
        return bytes(self.memory[start : start + size])

    def reach(self, start: Word, size: Word) -> None:
        """Make the memory reach over these bytes. Raises ProofError TOO_LARGE."""
        if size != 0 and start + size > len(self.memory):
            self.meter.grow(self.memory, start + size)

    def write(self, start: Word, content: bytes) -> None:
        """Raises ProofError TOO_LARGE."""
        if not content:
            return
        end = start + len(content)
        if end > len(self.memory):
            self.meter.grow(self.memory, end)
        self.memory[start:end] = content

    def copy(self, source: bytes, to: Word, start: Word, size: Word) -> None:
        """Copy from `source`, as if zeros stood behind it. Raises ProofError TOO_LARGE."""
        if size == 0:
            return
        self.meter.take_for(size)  # before any byte is made
        self.write(to, source[start : start + size].ljust(size, b"\0"))


Instruction = Callable[[Frame], None]


def execute(frame: Frame, beyond: Mapping[int, Instruction]) -> bytes:
    """What the call returns. `beyond`: by code, the instructions that reach beyond the frame.

    Raises Reverted, Halted; ProofError UNDETERMINED, TOO_LARGE, and whatever `beyond` raises.
    """
    try:
        return _run(frame, beyond)
    except IndexError:
        raise Halted from None  # an operand that is not on the stack


def _run(frame: Frame, beyond: Mapping[int, Instruction]) -> bytes:  # noqa: PLR0912, PLR0915 - the machine's one loop
    code, pushed, destinations = frame.code.padded, frame.code.pushed, frame.code.destinations
    stack, meter = frame.stack, frame.meter
    pop, append = stack.pop, stack.append
    at = 0
    while True:
        instruction = code[at]
        meter.left -= STEP
        if meter.left < 0:
            meter.take(0)
        if 0x60 <= instruction <= 0x7F:
            append(pushed[at])
            at += instruction - 0x5E
            if len(stack) > _MOST_WORDS:
                raise Halted
            continue
        if 0x80 <= instruction <= 0x8F:
            append(stack[0x7F - instruction])
            if len(stack) > _MOST_WORDS:
                raise Halted
        elif instruction in BINARY:
            if instruction == _EXP:
                meter.take(EXPONENTIATION)
            append(BINARY[instruction](pop(), pop()))
        elif 0x90 <= instruction <= 0x9F:
            deep = 0x8E - instruction
            stack[-1], stack[deep] = stack[deep], stack[-1]
        elif instruction == 0x57:  # JUMPI
            to = pop()
            if pop():
                if to not in destinations:
                    raise Halted
                at = to
                continue
        elif instruction == 0x5B:  # JUMPDEST
            pass
        elif instruction == 0x56:  # JUMP
            at = pop()
            if at not in destinations:
                raise Halted
            continue
        elif instruction == 0x50:  # POP
            pop()
        elif instruction in UNARY:
            append(UNARY[instruction](pop()))
        elif instruction == 0x52:  # MSTORE
            frame.write(pop(), pop().to_bytes(32, "big"))
        elif instruction == 0x51:  # MLOAD
            append(int.from_bytes(frame.read(pop(), 32), "big"))
        elif instruction in TERNARY:
            append(TERNARY[instruction](pop(), pop(), pop()))
        elif instruction in _WITHIN:
            _WITHIN[instruction](frame)
        elif instruction in beyond:
            beyond[instruction](frame)
        elif instruction == 0x58:  # PC
            frame.push(at)
        elif instruction == 0xF3:  # RETURN
            return frame.read(pop(), pop())
        elif instruction == 0x00:  # STOP
            return b""
        elif instruction == 0xFD:  # REVERT
            raise FrameReverted(frame.read(pop(), pop()))
        elif instruction == 0xFE:  # INVALID, which is one on every fork
            raise Halted
        else:
            raise undetermined(f"the instruction 0x{instruction:02x}")
        at += 1


def _keccak(frame: Frame) -> None:
    start, size = frame.stack.pop(), frame.stack.pop()
    frame.meter.take(HASH)
    frame.meter.take_for(size)
    frame.push(int.from_bytes(keccak256(frame.read(start, size)), "big"))


def _call_data_load(frame: Frame) -> None:
    start = frame.stack.pop()
    frame.push(int.from_bytes(frame.data[start : start + 32].ljust(32, b"\0"), "big") if start < 2**32 else 0)


def _copy_call_data(frame: Frame) -> None:
    frame.copy(frame.data, *_three(frame))


def _copy_code(frame: Frame) -> None:
    frame.copy(frame.code.plain, *_three(frame))


def _copy_returned(frame: Frame) -> None:
    to, start, size = _three(frame)
    if start + size > len(frame.returned):
        raise Halted
    frame.copy(frame.returned, to, start, size)


def _store_byte(frame: Frame) -> None:
    to, word = frame.stack.pop(), frame.stack.pop()
    frame.write(to, bytes([word & 0xFF]))


def copy_memory(frame: Frame) -> None:
    """MCOPY, where the block has it."""
    to, start, size = _three(frame)
    frame.reach(to, size)  # memory grows for both ends alike, whatever is copied
    frame.copy(frame.read(start, size), to, 0, size)


def _three(frame: Frame) -> tuple[Word, Word, Word]:
    return frame.stack.pop(), frame.stack.pop(), frame.stack.pop()


_WITHIN: Final[Mapping[int, Instruction]] = {
    0x20: _keccak,
    0x30: lambda frame: frame.push(frame.address),
    0x33: lambda frame: frame.push(frame.caller),
    0x34: lambda frame: frame.push(0),  # CALLVALUE
    0x35: _call_data_load,
    0x36: lambda frame: frame.push(len(frame.data)),
    0x37: _copy_call_data,
    0x38: lambda frame: frame.push(len(frame.code.plain)),
    0x39: _copy_code,
    0x3D: lambda frame: frame.push(len(frame.returned)),
    0x3E: _copy_returned,
    0x53: _store_byte,
    0x59: lambda frame: frame.push(len(frame.memory)),
}
