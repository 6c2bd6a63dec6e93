"""An Antelope chain in memory, and a node that speaks nodeos' chain API, to be spoiled by assignment.

    async with SimNodeos(chain) as server:
        server.moves_at = {3}                # the third question for an account, before which the head moves on
        server.lag = 2                       # blocks on top of which a block is irreversible; a question each later
        server.spoil = lambda call, answer: 429

Written from Antelope's documentation and knowing nothing of the backend; no code of the scanner's is used. Ids begin
with their block's number, as real ones do; the rest is no real hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.support.simulated.server import SimHttp

CHAIN_ID = "aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906"
FIRST = 1_000
Spoiler = Callable[[str, Any], Any]
"""From a call and its answer to what is sent instead: that, bytes, or a status."""


@dataclass
class Held:
    """What an account holds, in texts; None of liquid EOS: it has no row."""

    liquid: str | None = None
    vaulta: str | None = None
    staked: tuple[str, str] | None = None
    refund: tuple[str, str] | None = None


@dataclass
class AntelopeChain:
    """What accounts hold, by block from FIRST on."""

    states: list[dict[str, Held]] = field(default_factory=list)
    fork: str = ""  # a chain with another text has other ids
    begins: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def id(self, number: int) -> str:
        return f"{number:08x}" + sha256(f"{self.fork}{number}".encode()).hexdigest()[8:]


class SimNodeos(SimHttp):
    """A node of this chain."""

    def __init__(self, chain: AntelopeChain, head: int | None = None) -> None:
        super().__init__()
        self.chain = chain
        self.head = FIRST + len(chain.states) - 1 if head is None else head
        self.lag = 0
        self.final = FIRST
        self.moves_at: Container[int] = ()
        self.spoil: Spoiler = lambda _call, answer: answer
        self.asked: list[str] = []
        self.permissions: dict[str, list[dict[str, Any]]] = {}  # of accounts
        self._accounts = 0
        self._settled = 0  # questions for the head since it is where it is

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method
        call, asked = path.rpartition("/v1/chain/")[2], json.loads(received)
        self.asked.append(call)
        try:
            answer = self.answer(call, asked)
        except _Refused as refused:
            details = [{"message": str(refused), "file": "http_plugin.cpp", "line_number": 954, "method": "handle"}]
            error = {"code": 0, "name": "exception", "what": "unspecified", "details": details}
            told = {"code": 500, "message": "Internal Service Error", "error": error}
            return 500, json.dumps(told).encode()
        spoiled = self.spoil(call, answer)
        if isinstance(spoiled, int):
            return spoiled, b"as told"
        return 200, spoiled if isinstance(spoiled, bytes) else json.dumps(spoiled).encode()

    def answer(self, call: str, asked: dict[str, Any]) -> Any:
        if call == "get_info":
            self.final = max(self.final, self.head - max(0, self.lag - self._settled))
            self._settled += 1
            return {
                "chain_id": CHAIN_ID,
                "head_block_num": self.head,
                "head_block_id": self.chain.id(self.head),
                "last_irreversible_block_num": self.final,
                "last_irreversible_block_id": self.chain.id(self.final),
                "earliest_available_block_num": FIRST,
            }
        if call == "get_block_info":
            number = asked["block_num"]
            if not FIRST <= number <= self.head:
                raise _Refused(f"Could not find block: {number}")
            time = self.chain.begins + timedelta(seconds=(number - FIRST) / 2)
            ids = {"id": self.chain.id(number), "previous": self.chain.id(number - 1)}
            return {"block_num": number, "timestamp": time.isoformat(timespec="milliseconds")[:-6], **ids}
        if call not in {"get_account", "get_currency_balance"}:
            raise _Refused("Unknown Endpoint")
        return self._of_account(call, asked)

    def _of_account(self, call: str, asked: dict[str, Any]) -> Any:
        self._accounts += 1
        if self._accounts in self.moves_at:
            self.head += 1
            self._settled = 0
        name: str = asked["account_name" if call == "get_account" else "account"]
        held = self.chain.states[min(self.head - FIRST, len(self.chain.states) - 1)].get(name)
        if call == "get_currency_balance":
            rows = held and asked["code"] == "core.vaulta" and asked["symbol"] == "A" and held.vaulta
            return [rows] if rows else []
        if held is None:
            raise _Refused(f"unknown key (eosio::chain::name): {name}")
        permissions = self.permissions.get(name, [])
        answer: dict[str, Any] = {"account_name": name, "head_block_num": self.head, "permissions": permissions}
        if held.liquid is not None:
            answer["core_liquid_balance"] = held.liquid
        answer["self_delegated_bandwidth"] = held.staked and {
            "from": name,
            "to": name,
            "net_weight": held.staked[0],
            "cpu_weight": held.staked[1],
        }
        answer["refund_request"] = held.refund and {
            "owner": name,
            "net_amount": held.refund[0],
            "cpu_amount": held.refund[1],
        }
        return answer


class _Refused(Exception):
    """An error of the node's, in its words."""
