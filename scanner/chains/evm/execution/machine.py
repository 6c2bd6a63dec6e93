"""The instructions that reach beyond a frame: into the state, the block, and other contracts.

What hangs on more than the state and the header's height and time is `Undetermined`: on who asks (ORIGIN), on the node
that answers (BASEFEE of a call without a price is 0), on other blocks. What would change the state is refused at once.
A call within that fails with all its gas makes all that follows depend on how much gas there was, and so does one that
is given less than it may use; an account without code may be a precompiled contract of that chain's. Nothing is
answered there either.

Sources: the Yellow Paper, appendix H; EIP-150 and EIP-214 (calls), EIP-1052, EIP-1153, EIP-1344, EIP-1884.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from scanner.chains.evm.execution.code import Code
from scanner.chains.evm.execution.contracts import Contracts
from scanner.chains.evm.execution.frame import Frame, FrameReverted, Halted, Instruction, copy_memory, execute
from scanner.chains.evm.execution.gas import (
    ACCOUNT,
    HANDED_ON,
    IDENTITY,
    OTHER_BLOCKS,
    SHA256,
    SLOT,
    TRANSIENT,
    Meter,
)
from scanner.chains.evm.execution.instructions import Word
from scanner.chains.evm.execution.rules import Rules
from scanner.chains.evm.execution.undetermined import Undetermined, undetermined
from scanner.proofs.flaws import Flaw, ProofError

MOST_CODES: Final = 16
"""Accounts whose code is executed or looked at for one answer."""

DEEPEST: Final = 16
"""Calls within calls; nodes go down to 1,024."""

_ADDRESS_MASK: Final = (1 << 160) - 1
_AT_SHA256, _AT_IDENTITY = 2, 4

_GAS_LEFT: Final = Undetermined("the gas that is left")
_UNSHOWN: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x32: "ORIGIN",
        0x3A: "GASPRICE",
        0x41: "COINBASE",
        0x43: "NUMBER",  # where it is the chain's own height, `Rules` has it
        0x44: "PREVRANDAO",
        0x45: "GASLIMIT",
        0x48: "BASEFEE",
        0x4A: "BLOBBASEFEE",
    }
)
_UNSHOWN_OF_AN_OPERAND: Final[Mapping[int, str]] = MappingProxyType({0x40: "BLOCKHASH", 0x49: "BLOBHASH"})
_REFUSED: Final[Mapping[int, str]] = MappingProxyType(
    {0x55: "SSTORE", 0x5D: "TSTORE", 0xF0: "CREATE", 0xF2: "CALLCODE", 0xF5: "CREATE2", 0xFF: "SELFDESTRUCT"}
    | {0xA0 + topics: f"LOG{topics}" for topics in range(5)}
)


class Machine:
    """One execution: a call from outside, with all calls that it makes."""

    def __init__(self, contracts: Contracts, rules: Rules) -> None:
        self._contracts = contracts
        self._meter = Meter()
        self._codes: dict[int, Code | None] = {}
        self._beyond = _of_block(rules) | self._of_state()

    @property
    def gas_left(self) -> int:
        """Of `gas.BUDGET`."""
        return self._meter.left

    def call(self, contract: int, caller: Word, data: bytes) -> bytes:
        """What the contract returns. Raises Reverted and Halted where it returns nothing, and ProofError."""
        return self._execute(contract, contract, caller, data, 0)

    def _execute(self, code_of: int, address: int, caller: Word, data: bytes, depth: int) -> bytes:
        if depth > DEEPEST:
            raise ProofError(Flaw.TOO_LARGE, f"the contract's answer takes more than {DEEPEST} calls within calls")
        code = self._code(code_of)
        if code is None:
            raise undetermined(f"a call to 0x{code_of:040x}, which has no code in the state")
        return execute(Frame(code, address, caller, data, self._meter, depth), self._beyond)

    def _code(self, address: int) -> Code | None:
        if address not in self._codes:
            if len(self._codes) == MOST_CODES:
                raise ProofError(Flaw.TOO_LARGE, f"the contract's answer takes more than {MOST_CODES} contracts")
            code = self._codes[address] = self._contracts.code(address.to_bytes(20, "big"))
            self._meter.take_for(0 if code is None else len(code.plain))
        return self._codes[address]

    def _of_state(self) -> dict[int, Instruction]:
        return {
            0x31: self._coins,
            0x3B: self._code_size,
            0x3C: self._copy_code_of,
            0x3F: self._code_hash,
            0x47: self._own_coins,
            0x54: self._load,
            0xF1: lambda frame: self._call(frame, pays=True),
            0xF4: lambda frame: self._call(frame, delegates=True),
            0xFA: self._call,
        }

    def _coins(self, frame: Frame) -> None:
        address = _address(frame.stack.pop())
        self._meter.take(ACCOUNT)
        frame.push(self._contracts.coins(address.to_bytes(20, "big")))

    def _own_coins(self, frame: Frame) -> None:
        frame.push(self._contracts.coins(frame.address.to_bytes(20, "big")))

    def _code_size(self, frame: Frame) -> None:
        code = self._code_named(frame)
        frame.push(0 if code is None else len(code.plain))

    def _copy_code_of(self, frame: Frame) -> None:
        code = self._code_named(frame)
        to, start, size = frame.stack.pop(), frame.stack.pop(), frame.stack.pop()
        frame.copy(b"" if code is None else code.plain, to, start, size)

    def _code_named(self, frame: Frame) -> Code | None:
        address = _address(frame.stack.pop())
        self._meter.take(ACCOUNT)
        return self._code(address)

    def _code_hash(self, frame: Frame) -> None:
        address = _address(frame.stack.pop())
        self._meter.take(ACCOUNT)
        found = self._contracts.code_hash(address.to_bytes(20, "big"))
        frame.push(0 if found is None else int.from_bytes(found, "big"))

    def _load(self, frame: Frame) -> None:
        slot = frame.stack.pop().to_bytes(32, "big")
        self._meter.take(SLOT)
        frame.push(self._contracts.word(frame.address.to_bytes(20, "big"), slot))

    def _call(self, frame: Frame, *, pays: bool = False, delegates: bool = False) -> None:
        pop = frame.stack.pop
        gas, to = pop(), _address(pop())
        if pays and pop() != 0:
            raise undetermined("a call that pays")
        data = frame.read(pop(), size := pop())
        room_at, room = pop(), pop()
        frame.reach(room_at, room)  # memory grows before the call
        self._meter.take(ACCOUNT)
        self._meter.take_for(size)
        before = self._meter.left
        try:
            output, succeeded = self._answer(frame, to, data, delegates=delegates), True
        except FrameReverted as reverted:
            output, succeeded = reverted.output, False
        except Halted:
            raise undetermined("the gas that is left when a call within has used up its own") from None
        if gas is not _GAS_LEFT and gas < HANDED_ON * (before - self._meter.left):
            raise undetermined(f"whether {gas} gas are enough for a call within")
        self._meter.take_for(len(output))
        frame.returned = output
        frame.write(room_at, output[:room])
        frame.push(1 if succeeded else 0)

    def _answer(self, frame: Frame, to: int, data: bytes, *, delegates: bool) -> bytes:
        if to == _AT_IDENTITY:
            self._meter.take(IDENTITY)
            self._meter.take_for(len(data))
            return data
        if to == _AT_SHA256:
            self._meter.take(SHA256)
            self._meter.take_for(len(data), times=2)
            return sha256(data).digest()
        if delegates:
            return self._execute(to, frame.address, frame.caller, data, frame.depth + 1)
        return self._execute(to, to, frame.address, data, frame.depth + 1)


def _of_block(rules: Rules) -> dict[int, Instruction]:
    """What code can see of the block, as far as it is shown, and what it cannot."""
    shown = {0x42: rules.timestamp, 0x46: rules.chain_id}
    if rules.number is not None:
        shown[0x43] = rules.number
    if rules.has_push0:
        shown[0x5F] = 0
    instructions = {code: _refusal(name) for code, name in _REFUSED.items()}
    instructions |= {code: _giving(Undetermined(name)) for code, name in _UNSHOWN.items()}
    instructions |= {
        code: _of_an_operand(Undetermined(name), OTHER_BLOCKS) for code, name in _UNSHOWN_OF_AN_OPERAND.items()
    }
    instructions |= {code: _giving(word) for code, word in shown.items()}
    if rules.has_cancun:  # TLOAD finds nothing, as nothing was kept by TSTORE
        instructions |= {0x5C: _of_an_operand(0, TRANSIENT), 0x5E: copy_memory}
    return instructions | {0x5A: _giving(_GAS_LEFT)}


def _giving(word: Word) -> Instruction:
    return lambda frame: frame.push(word)


def _of_an_operand(word: Word, gas: int) -> Instruction:
    def give(frame: Frame) -> None:
        frame.stack.pop()
        frame.meter.take(gas)
        frame.push(word)

    return give


def _refusal(name: str) -> Instruction:
    def refuse(_: Frame) -> None:
        raise undetermined(f"what {name} does")

    return refuse


def _address(word: Word) -> int:
    """The 160 bits that name an account. Raises ProofError UNDETERMINED where they are not determined."""
    masked = word & _ADDRESS_MASK
    if isinstance(masked, Undetermined):
        masked.refuse()
    return int(masked)
