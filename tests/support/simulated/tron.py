"""Tron in memory, and a node that serves its solidified part over HTTP, to be spoiled by assignment.

    async with SimTron(chain) as node:
        node.spoil = lambda path, answer: {"Error": "class java.lang.Exception : odd"}
        node.behind = 1                     # blocks behind the newest solidified one
        node.runs_code = False              # vm.supportConstant is off
    node.untold = {0x1000013}           # contracts of the machine's own that it does not have
    node.most = 4                       # accounts of which a call has time to read the balances

Code is run by `mini_evm`, which was written from the Yellow Paper. Written from the API's description and knowing
nothing of the backend; no code of the scanner's is used.
Stakes are kept as `getaccount` answers them; the machine's own contracts report of them what java-tron's do.
Sources: tronprotocol/documentation-en (HTTP API); java-tron, `PrecompiledContracts`, `AccountCapsule`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.support.simulated import mini_evm
from tests.support.simulated.server import SimHttp

CHAIN_ID = 728126428
BEGINS = 1_700_000_000  # seconds since 1970
SECONDS = 3
Spoiler = Callable[[str, Any], Any]
"""From a call's name and the answer to what is sent instead: that, bytes, or a status."""


@dataclass
class TronChain:
    """Blocks by number, with what each account of 20 bytes holds after it: of sun, and of each token."""

    headers: list[dict[str, Any]] = field(default_factory=list)
    coins: list[dict[bytes, int]] = field(default_factory=list)
    tokens: list[dict[bytes, dict[bytes, int]]] = field(default_factory=list)
    stakes: list[dict[bytes, dict[str, Any]]] = field(default_factory=list)  # fields of `getaccount`'s answer
    begins: int = BEGINS
    permissions: dict[bytes, dict[str, Any]] = field(default_factory=dict)  # of owners, by account
    refuses: set[bytes] = field(default_factory=set)  # accounts to which every token refuses a balance

    def add(
        self,
        coins: dict[bytes, int],
        tokens: dict[bytes, dict[bytes, int]],
        stakes: dict[bytes, dict[str, Any]] | None = None,
    ) -> None:
        """A block on top of all others."""
        number = len(self.headers)
        raw = {
            "number": number,
            "txTrieRoot": sha256(b"transactions %d" % number).hexdigest(),
            "witness_address": "41" + "ee" * 20,
            "parentHash": self.headers[-1]["blockID"] if self.headers else "e58f33f9baf9305dc6f82b9f1934ea8f" * 2,
            "version": 34,
            "timestamp": (self.begins + SECONDS * number) * 1000,
        }
        raw = {name: value for name, value in raw.items() if value != 0}
        self.headers.append({"blockID": _id(raw), "block_header": {"raw_data": raw, "witness_signature": "00" * 65}})
        self.coins.append(coins)
        self.tokens.append(tokens)
        self.stakes.append(stakes or {})


class SimTron(SimHttp):
    """A node of this chain."""

    def __init__(self, chain: TronChain) -> None:
        super().__init__()
        self.chain = chain
        self.spoil: Spoiler = lambda _name, answer: answer
        self.calls: list[str] = []
        self.behind = 0
        self.runs_code = True
        self.untold: set[int] = set()
        self.most: int | None = None
        self.out_of: Callable[[], dict[str, Any]] = lambda: _refused(
            "class org.tron.core.vm.program.Program$OutOfTimeException : CPU timeout for 'JUMP' operation executing"
        )
        self.votes_apart = False  # the network's votes come from stakes for votes alone
        self.chain_id = CHAIN_ID

    @property
    def head(self) -> int:
        return len(self.chain.headers) - 1 - self.behind

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method
        name = path.rpartition("/")[2]
        self.calls.append(name)
        answer = self.spoil(name, json.loads(json.dumps(self._answer(name, json.loads(received)))))
        if isinstance(answer, int):
            return answer, b"as told"
        return 200, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def _answer(self, name: str, asked: dict[str, Any]) -> Any:
        if name == "getnowblock":
            return self.chain.headers[self.head]
        if name == "getaccount":
            return self._account(asked["address"])
        if name == "getblockbynum":
            return self.chain.headers[asked["num"]] if asked["num"] <= self.head else {}
        if name != "triggerconstantcontract":
            return {"Error": "class java.lang.NoSuchMethodException : none"}
        if not self.runs_code:
            return _refused("this node does not support constant")
        data = bytes.fromhex(asked["data"])
        if "contract_address" in asked:
            contract = self._contract(bytes.fromhex(asked["contract_address"][2:]))
            if contract is None:
                return _refused("Smart contract is not exist.")
            succeeded, output = contract(data)
        else:
            succeeded, output = mini_evm.run(data, b"", self._block())
            if self.most is not None and succeeded and len(output) > 32 * (3 + self.most):
                return self.out_of()
        if succeeded:
            return {
                "result": {"result": True},
                "energy_used": 935,
                "constant_result": [output.hex()],
                "transaction": {"ret": [{}], "visible": False},
            }
        return {
            "result": {"result": True, "message": b"REVERT opcode executed".hex()},
            "energy_used": 935,
            "constant_result": [output.hex()],
            "transaction": {"ret": [{"ret": "FAILED"}], "visible": False},
        }

    def _account(self, address: str) -> dict[str, Any]:
        if bytes.fromhex(address[2:]) not in self.chain.coins[self.head]:
            return {}
        account = bytes.fromhex(address[2:])
        answer: dict[str, Any] = {"address": address, "create_time": 1} | self.chain.stakes[self.head].get(account, {})
        permission = self.chain.permissions.get(account)
        return answer | ({} if permission is None else {"owner_permission": permission})

    def _block(self) -> mini_evm.Block:
        return mini_evm.Block(
            chain_id=self.chain_id,
            number=self.head,
            hash_of=lambda number: bytes.fromhex(self.chain.headers[number]["blockID"]),
            balance_of=lambda account: self.chain.coins[self.head].get(account, 0),
            contract_at=self._contract,
        )

    def _contract(self, address: bytes) -> mini_evm.Contract | None:
        balances = self.chain.tokens[self.head].get(address)
        if balances is None:
            return self._own_contract(int.from_bytes(address))

        def answer(data: bytes) -> tuple[bool, bytes]:
            if data == bytes.fromhex("313ce567"):  # decimals()
                return True, (6).to_bytes(32)
            account = data[16:36]
            if account in self.chain.refuses:
                return False, b""
            return True, balances.get(account, 0).to_bytes(32)

        return answer

    def _own_contract(self, number: int) -> mini_evm.Contract | None:
        """A contract of the machine's own, which gives a zero to a question of another length."""
        if number not in range(0x100000A, 0x1000016) or number in self.untold:
            return None

        def answer(data: bytes) -> tuple[bool, bytes]:
            if len(data) != (32 if number in (0x100000A, 0x100000C) else 64):
                return True, bytes(32)
            account = self.chain.stakes[self.head].get(data[12:32], {})
            return True, _told(number, account, int.from_bytes(data[32:]), self.votes_apart).to_bytes(32)

        return answer


def _told(number: int, account: dict[str, Any], kind: int, votes_apart: bool) -> int:
    resource = account.get("account_resource", {})
    frozen = sum(each.get("frozen_balance", 0) for each in account.get("frozen", []))
    energy = resource.get("frozen_balance_for_energy", {}).get("frozen_balance", 0)
    names = ("BANDWIDTH", "ENERGY", "TRON_POWER")
    newer = [
        sum(each.get("amount", 0) for each in account.get("frozenV2", []) if each.get("type", "BANDWIDTH") == name)
        for name in names
    ]

    def both(what: str) -> tuple[int, int]:
        return (
            account.get(f"{what}frozen_balance_for_bandwidth", 0)
            + account.get(f"{what}frozenV2_balance_for_bandwidth", 0),
            resource.get(f"{what}frozen_balance_for_energy", 0) + resource.get(f"{what}frozenV2_balance_for_energy", 0),
        )

    delegated, acquired = both("delegated_"), both("acquired_delegated_")
    match number:
        case 0x100000A:
            apart = account.get("tron_power", {}).get("frozen_balance", 0) + newer[2]
            return int(apart if votes_apart else frozen + energy + sum(newer[:2]) + sum(delegated)) // 10**6
        case 0x100000D:
            return newer[kind] if kind < len(newer) else 0
        case 0x100000E:
            within = 2**63 - 1 if kind >= (2**63 - 1) // 1000 else kind * 1000
            unfrozen = account.get("unfrozenV2", [])
            return sum(
                each.get("unfreeze_amount", 0) for each in unfrozen if each.get("unfreeze_expire_time", 0) <= within
            )
        case 0x1000013:
            return ((frozen, energy)[kind] + newer[kind] + acquired[kind]) if kind < 2 else 0
        case 0x1000014:
            return delegated[kind] if kind < 2 else 0
        case 0x1000015:
            return acquired[kind] if kind < 2 else 0
        case _:
            return 0


def _refused(text: str) -> dict[str, Any]:
    return {"result": {"code": "CONTRACT_VALIDATE_ERROR", "message": text.encode().hex()}}


def _id(raw: dict[str, Any]) -> str:
    numbers = {"timestamp": 1, "txTrieRoot": 2, "parentHash": 3, "number": 7, "witness_address": 9, "version": 10}
    encoded = b""
    for name, number in numbers.items():
        value = raw.get(name)
        if isinstance(value, int):
            encoded += _varint(number << 3) + _varint(value)
        elif value:
            data = bytes.fromhex(value)
            encoded += _varint(number << 3 | 2) + _varint(len(data)) + data
    height = int(raw.get("number", 0))
    return (height.to_bytes(8) + sha256(encoded).digest()[8:]).hex()


def _varint(number: int) -> bytes:
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([*groups, number])
