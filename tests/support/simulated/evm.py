"""An EVM chain in memory, whose node answers Ethereum's JSON-RPC, and lies by one assignment.

    sim = SimEvm()
    sim.balances[account] = 5
    sealed = sim.mine()
    sim.lie_about[account] = 6

Balances and tokens assigned belong to the next block mined; mined blocks keep theirs. Not in here: HTTP (`simchain`),
and any code of the scanner's: calls that bring code with them are run by an EVM of the tests' own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi.abi import decode, encode

from tests.support.simulated.mini_evm import Block, Contract, OutOfGas, run
from tests.support.simulated.server import SimError

_BALANCE_OF = "70a08231"
_DECIMALS = "313ce567"
_ARBSYS = bytes([0] * 19 + [0x64])
_ARB_BLOCK_NUMBER = "a3b1b31d"
_ARB_BLOCK_HASH = "2b407a82"
_GET_CHAIN_ID = "3408e470"
_GET_BLOCK_NUMBER = "42cbb15c"
_GET_BLOCK_HASH = "ee82ac5e"
_GET_ETH_BALANCE = "4d2301cc"


@dataclass(frozen=True)
class Called:
    """What a contract sees of who calls it."""

    origin: bytes
    caller: bytes
    caller_has_code: bool
    price: int
    gas: int


@dataclass
class SimToken:
    """An ERC-20. `reverts` and `short` name holders whose balance the contract does not tell, or tells in 31 bytes.

    `by_caller`: what it says of a holder in place of the truth to a caller; None where it says the truth, -1 to revert.
    """

    balances: dict[bytes, int] = field(default_factory=dict)
    decimals: int = 18
    reverts: set[bytes] = field(default_factory=set)
    short: set[bytes] = field(default_factory=set)
    by_caller: Callable[[bytes, Called], int | None] = lambda _holder, _called: None

    def copy(self) -> SimToken:
        return SimToken(dict(self.balances), self.decimals, set(self.reverts), set(self.short), self.by_caller)

    def call(self, data: bytes, called: Called) -> tuple[bool, bytes]:
        if data[:4].hex() == _DECIMALS:
            return True, self.decimals.to_bytes(32)
        holder = data[16:36]
        if data[:4].hex() != _BALANCE_OF or holder in self.reverts:
            return False, b""
        told = self.by_caller(holder, called)
        if told == -1:
            return False, b""
        answer = (self.balances.get(holder, 0) if told is None else told).to_bytes(32)
        return True, answer[1:] if holder in self.short else answer


@dataclass(frozen=True)
class SimBlock:
    """A block with the whole state after it."""

    height: int
    hash: str
    parent: str
    time: int
    balances: dict[bytes, int]
    tokens: dict[bytes, SimToken]


class SimEvm:
    """A chain, and the node that serves it."""

    def __init__(self, chain_id: int = 1, blocks: int = 5, begins: int = 1_700_000_000) -> None:
        self.chain_id = chain_id
        self._begins = begins  # seconds since 1970
        self.balances: dict[bytes, int] = {}
        self.tokens: dict[bytes, SimToken] = {}
        self.blocks: list[SimBlock] = []
        self._forks = 0
        self._called = Called(bytes(20), bytes(20), caller_has_code=False, price=0, gas=0)

        self.overrides = True  # whether eth_call takes a third parameter
        self.overrides_ignored = False  # it is taken, and nothing comes of it
        self.refuses: set[str] = set()  # fields of eth_call that it takes from nobody: from, gas, gasPrice
        self.init_code = True  # whether eth_call without `to` runs the data
        self.gas_cap = 50_000_000
        self.multicall: bytes | None = None  # where a Multicall3 stands
        self.arbsys = False  # whether a contract at 0x64 tells the block's number and hashes, as on Arbitrum
        self.finalized: int | None = 2  # blocks from the tip down to the finalized one; None: no such tag
        self.pruned_below = 0  # heights without state
        self.earliest = 0  # height of the oldest block that is kept
        self.lie_about: dict[bytes, int] = {}
        self.ignore_block_hash = False  # everything is answered at the tip
        self.answer_at: int | None = None  # the height that is answered at, whatever was asked
        self.number_shown: int | None = None  # what the NUMBER instruction gives
        for _ in range(blocks):
            self.mine()

    def mine(self) -> SimBlock:
        """Put what was assigned into a new block, and that on top."""
        height = len(self.blocks)
        parent = self.blocks[-1].hash if self.blocks else "0x" + "00" * 32
        digest = hashlib.sha256(f"{self.chain_id}/{self._forks}/{height}/{parent}".encode()).hexdigest()
        state = dict(self.balances), {address: token.copy() for address, token in self.tokens.items()}
        block = SimBlock(height, "0x" + digest, parent, self._begins + 12 * height, *state)
        self.blocks.append(block)
        return block

    def reorganise(self, height: int) -> None:
        """Replace all blocks from `height` on by as many others, with the state that is assigned now."""
        count = len(self.blocks) - height
        del self.blocks[height:]
        self._forks += 1
        for _ in range(count):
            self.mine()

    def answer(self, method: str, params: list[Any]) -> Any:
        """What the node answers. Raises SimError."""
        match method:
            case "eth_chainId":
                return hex(self.chain_id)
            case "eth_blockNumber":
                return hex(len(self.blocks) - 1)
            case "eth_getBlockByNumber":
                block = self._by_number(params[0])
                return block and _shown(block)
            case "eth_getBlockByHash":
                return next((_shown(block) for block in self.blocks if block.hash == params[0]), None)
            case "eth_getBalance":
                return hex(self._balance(self._state(params[1]), _bytes(params[0])))
            case "eth_getCode":
                return "0x" + ("60" if _bytes(params[0]) in self._state(params[1]).tokens else "")
            case "eth_call":
                return self._call(*params)
        raise SimError(-32601, f"the method {method} does not exist/is not available")

    def _by_number(self, tag: str) -> SimBlock | None:
        if tag == "latest":
            return self.blocks[-1]
        if tag == "finalized":
            if self.finalized is None:
                raise SimError(-32602, "invalid argument 0: hex string without 0x prefix")
            return self.blocks[max(0, len(self.blocks) - 1 - self.finalized)]
        number = self.earliest if tag == "earliest" else int(tag, 16)
        if number < self.earliest:
            raise SimError(-32000, "pruned history unavailable")
        return self.blocks[number] if number < len(self.blocks) else None

    def _state(self, asked: Any) -> SimBlock:
        if self.ignore_block_hash:
            return self.blocks[-1]
        found = next((block for block in self.blocks if block.hash == asked["blockHash"]), None)
        if found is None:
            raise SimError(-32000, "header not found")
        if found.height < self.pruned_below:
            raise SimError(-32000, f"missing trie node {found.hash[2:]} (path ) state {found.hash} is not available")
        return found if self.answer_at is None else self.blocks[self.answer_at]

    def _balance(self, block: SimBlock, account: bytes) -> int:
        return self.lie_about.get(account, block.balances.get(account, 0))

    def _call(self, call: dict[str, str], asked: Any, overrides: Any = None) -> str:
        if overrides is not None and not self.overrides:
            raise SimError(-32602, "too many arguments, want at most 2")
        for name in self.refuses & call.keys():
            raise SimError(-32000, f"{name} is not allowed here")
        block = self._state(asked)
        data = _bytes(call.get("data", "0x"))
        self._seen_of(call, overrides or {})
        if "to" not in call:
            if not self.init_code:
                raise SimError(-32000, "contract creation is not supported in eth_call")
            return self._run(block, data, b"", most=24_576)
        if overrides and call["to"] in overrides and not self.overrides_ignored:
            return self._run(block, _bytes(overrides[call["to"]]["code"]), data)
        contract = self._contract(block, _bytes(call["to"]))
        return "0x" if contract is None else self._answered(*contract(data))

    def _seen_of(self, call: dict[str, str], overrides: dict[str, dict[str, str]]) -> None:
        """Keep what a contract will see of the call, or of the code that the call runs."""
        sender, to = call.get("from", "0x" + "00" * 20), call.get("to")
        price, gas = int(call.get("gasPrice", "0x0"), 16), int(call.get("gas", hex(self.gas_cap)), 16)
        if price and int(overrides.get(sender, {}).get("balance", "0x0"), 16) < price * gas:
            raise SimError(-32000, "insufficient funds for gas * price + value")
        caller, has_code = _bytes(sender), "code" in overrides.get(sender, {})
        if to is None:
            caller, has_code = hashlib.sha256(caller).digest()[:20], False  # a contract under construction has no code
        elif to in overrides or _bytes(to) == self.multicall:
            caller, has_code = _bytes(to), True
        self._called = Called(_bytes(sender), caller, has_code, price, min(gas, self.gas_cap))

    def _gets(self, gas: int) -> None:
        self._called = replace(self._called, gas=gas)

    def _run(self, block: SimBlock, code: bytes, data: bytes, most: int = 2**30) -> str:
        seen = Block(
            self.chain_id,
            self._number(block),
            lambda number: _bytes(self.blocks[number].hash),
            lambda account: self._balance(block, account),
            lambda address: self._contract(block, address),
            self._gets,
        )
        try:
            succeeded, answer = run(code, data, seen, self.gas_cap)
        except OutOfGas:
            raise SimError(-32000, "out of gas") from None
        if len(answer) > most:
            raise SimError(-32000, "max code size exceeded")
        return self._answered(succeeded, answer)

    def _contract(self, block: SimBlock, address: bytes) -> Contract | None:
        if address == self.multicall:
            return lambda data: self._aggregate3(block, data)
        if self.arbsys and address == _ARBSYS:
            return lambda data: self._arbsys(block, data)
        token = block.tokens.get(address)
        if token is None:
            return None
        lying = token.copy()
        lying.balances.update(self.lie_about)
        return lambda data: lying.call(data, self._called)

    def _aggregate3(self, block: SimBlock, data: bytes) -> tuple[bool, bytes]:
        (calls,) = decode(["(address,bool,bytes)[]"], data[4:])
        results = []
        for target, _may_fail, call in calls:
            address, argument = _bytes(target), call[4:]
            contract = self._contract(block, address)
            if address != self.multicall:
                results.append((True, b"") if contract is None else contract(call))
            elif call[:4].hex() == _GET_CHAIN_ID:
                results.append((True, self.chain_id.to_bytes(32)))
            elif call[:4].hex() == _GET_BLOCK_NUMBER:
                results.append((True, self._number(block).to_bytes(32)))
            elif call[:4].hex() == _GET_BLOCK_HASH:
                results.append((True, _bytes(self.blocks[int.from_bytes(argument)].hash)))
            elif call[:4].hex() == _GET_ETH_BALANCE:
                results.append((True, self._balance(block, argument[12:]).to_bytes(32)))
        return True, encode(["(bool,bytes)[]"], [results])

    def _arbsys(self, block: SimBlock, data: bytes) -> tuple[bool, bytes]:
        if data.hex() == _ARB_BLOCK_NUMBER:
            return True, block.height.to_bytes(32)
        number = int.from_bytes(data[4:])
        known = data[:4].hex() == _ARB_BLOCK_HASH and block.height - 256 <= number < block.height
        return (True, _bytes(self.blocks[number].hash)) if known else (False, b"")

    def _number(self, block: SimBlock) -> int:
        return block.height if self.number_shown is None else self.number_shown

    @staticmethod
    def _answered(succeeded: bool, answer: bytes) -> str:
        if not succeeded:
            raise SimError(3, "execution reverted", "0x" + answer.hex())
        return "0x" + answer.hex()


def _shown(block: SimBlock) -> dict[str, Any]:
    return {
        "number": hex(block.height),
        "hash": block.hash,
        "parentHash": block.parent,
        "timestamp": hex(block.time),
        "transactions": [],
    }


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
