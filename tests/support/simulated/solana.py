"""Solana in memory, and a node that serves its finalized part over JSON-RPC, to be spoiled by assignment.

    async with SimSolana(chain) as node:
        node.spoil = lambda method, result: None    # what is sent in place of a result
        node.spoil = lambda *_: SimError(-32005, "Node is behind by 42 slots")
        node.behind = 1                             # slots with a block behind the newest one

Written from the RPC's description and knowing nothing of the backend; no code of the scanner's is used.
Sources: solana.com, "Solana RPC Methods"; agave, rpc/src/rpc.rs.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any

from tests.support.simulated.server import SimError, SimHttp

GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
BEGINS = 1_700_000_000  # seconds since 1970
SYSTEM = "1" * 32
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"
CLOCK = "SysvarC1ock11111111111111111111111111111111"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

Spoiler = Callable[[str, Any], Any]
"""From a method and its result to what is sent instead: that, bytes, an HTTP status, or a SimError."""


@dataclass(frozen=True)
class Held:
    """An account at one slot."""

    lamports: int
    owner: str = SYSTEM
    data: bytes = b""
    executable: bool = False


@dataclass
class SolanaChain:
    """Accounts by address after each slot that has a block; slots between them were skipped."""

    slots: dict[int, dict[str, Held]] = field(default_factory=dict)
    begins: int = BEGINS
    milliseconds: int = 400  # a slot

    def block(self, slot: int) -> dict[str, Any]:
        """As `getBlock` has it."""
        parent = max((each for each in self.slots if each < slot), default=0)
        return {
            "blockHeight": len([each for each in self.slots if each < slot]),
            "blockTime": self.begins + slot * self.milliseconds // 1000,
            "blockhash": _name(slot),
            "parentSlot": parent,
            "previousBlockhash": _name(parent),
        }


def mint_data(decimals: int, extensions: bytes = b"") -> bytes:
    """A mint of an unlimited supply, with extensions behind it where there are any."""
    data = bytes(4 + 32) + (10**15).to_bytes(8, "little") + bytes([decimals, 1]) + bytes(4 + 32)
    return data + bytes(165 - 82) + b"\x01" + extensions if extensions else data


def token_data(mint: str, owner: str, amount: int, state: int = 1, extensions: bytes = b"") -> bytes:
    """A token account. `state`: 0 for one that was not made, 2 for a frozen one."""
    fields = _key(mint) + _key(owner) + amount.to_bytes(8, "little") + bytes(36) + bytes([state]) + bytes(56)
    return fields + b"\x02" + extensions if extensions else fields


def stake_data(withdrawer: str, staker: str = SYSTEM) -> bytes:
    """A stake account that was initialized."""
    return ((1).to_bytes(4, "little") + bytes(8) + _key(staker) + _key(withdrawer)).ljust(200, b"\0")


class SimSolana(SimHttp):
    """A node of this chain."""

    def __init__(self, chain: SolanaChain) -> None:
        super().__init__()
        self.chain = chain
        self.spoil: Spoiler = lambda _method, result: result
        self.asked: list[tuple[str, list[Any]]] = []
        self.behind = 0
        self.genesis = GENESIS
        self.lists_stakes = True  # whether stake accounts are found by their withdrawer
        self.lists_tokens = True  # whether token accounts are found by their owner

    @property
    def slot(self) -> int:
        return sorted(self.chain.slots)[-1 - self.behind]

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method, path
        request = json.loads(received)
        name, parameters = request["method"], request["params"]
        self.asked.append((name, parameters))
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            result = self.spoil(name, json.loads(json.dumps(self._result(name, parameters))))
            if isinstance(result, SimError):
                raise result
        except SimError as error:
            answer["error"] = {"code": error.code, "message": error.message, "data": error.data}
        else:
            if isinstance(result, bytes):
                return 200, result
            if type(result) is int and 400 <= result < 600 and name != "getSlot":
                return result, b"as told"
            answer["result"] = result
        return 200, json.dumps(answer).encode()

    def _result(self, name: str, parameters: list[Any]) -> Any:
        if name == "getGenesisHash":
            return self.genesis
        if name == "getSlot":
            return self.slot
        if name == "getFirstAvailableBlock":
            return min(self.chain.slots)
        if name == "getBlock":
            return self._block(parameters[0])
        if name == "getMultipleAccounts":
            return self._accounts(*parameters)
        if name == "getTokenAccountsByOwner":
            return self._tokens(*parameters)
        if name == "getProgramAccounts":
            return self._of_program(*parameters)
        raise SimError(-32601, "Method not found")

    def _block(self, slot: int) -> Any:
        if slot > self.slot:
            raise SimError(-32004, f"Block not available for slot {slot}")
        if slot < min(self.chain.slots):
            first = min(self.chain.slots)
            raise SimError(-32001, f"Block {slot} cleaned up, does not exist on node. First available block: {first}")
        if slot not in self.chain.slots:
            raise SimError(-32007, f"Slot {slot} was skipped, or missing due to ledger jump to recent snapshot")
        return self.chain.block(slot)

    def _accounts(self, addresses: list[str], options: dict[str, Any]) -> Any:
        assert options["commitment"] == "finalized"
        if len(addresses) > 100:
            raise SimError(-32602, "Too many inputs provided; max 100")
        if options.get("minContextSlot", 0) > self.slot:
            raise SimError(-32016, "Minimum context slot has not been reached", {"contextSlot": self.slot})
        held = {**self.chain.slots[self.slot], CLOCK: self._clock()}
        return self._with_context([_shown(held.get(address), options["dataSlice"]) for address in addresses])

    def _tokens(self, owner: str, which: dict[str, str], options: dict[str, Any]) -> Any:
        if not self.lists_tokens:
            raise SimError(-32010, f"{owner} excluded from account secondary indexes; this RPC method unavailable")
        found = [
            {"pubkey": address, "account": _shown(held, options["dataSlice"])}
            for address, held in self.chain.slots[self.slot].items()
            if held.owner in (TOKEN, TOKEN_2022) and held.data[:64] == _key(which["mint"]) + _key(owner)
        ]
        return self._with_context(found)

    def _of_program(self, program: str, options: dict[str, Any]) -> Any:
        if not self.lists_stakes:
            raise SimError(-32010, f"{program} excluded from account secondary indexes; this RPC method unavailable")
        assert options["withContext"]
        if options.get("minContextSlot", 0) > self.slot:
            raise SimError(-32016, "Minimum context slot has not been reached", {"contextSlot": self.slot})
        size, at = (part for part in options["filters"])
        start, wanted = at["memcmp"]["offset"], _key(at["memcmp"]["bytes"])
        return self._with_context(
            [
                {"pubkey": address, "account": _shown(held, options["dataSlice"])}
                for address, held in self.chain.slots[self.slot].items()
                if (held.owner, len(held.data)) == (program, size["dataSize"])
                and held.data[start : start + len(wanted)] == wanted
            ]
        )

    def _clock(self) -> Held:
        numbers = (self.slot, self.chain.begins, 7, 8, self.chain.begins + self.slot * self.chain.milliseconds // 1000)
        data = b"".join(each.to_bytes(8, "little") for each in numbers)
        return Held(1169280, "Sysvar1111111111111111111111111111111111111", data)

    def _with_context(self, value: Any) -> Any:
        return {"context": {"apiVersion": "3.1.8", "slot": self.slot}, "value": value}


def _shown(held: Held | None, part: dict[str, int]) -> Any:
    if held is None or held.lamports == 0:
        return None
    data = held.data[part["offset"] : part["offset"] + part["length"]]
    return {
        "lamports": held.lamports,
        "owner": held.owner,
        "data": [b64encode(data).decode(), "base64"],
        "executable": held.executable,
        "rentEpoch": 2**64 - 1,
        "space": len(held.data),
    }


def _name(slot: int) -> str:
    """A block's hash."""
    number, text = int.from_bytes(b"\x01" + sha256(b"block %d" % slot).digest()[:31]), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return text


@cache
def _key(address: str) -> bytes:
    number = 0
    for letter in address:
        number = number * 58 + _ALPHABET.index(letter)
    return number.to_bytes(32)
