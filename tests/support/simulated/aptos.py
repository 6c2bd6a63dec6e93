"""Aptos in memory, and a full node that speaks its REST API, to be spoiled by assignment.

    async with SimAptos(ledger) as server:
        server.spoil = lambda path, answer: "7"      # instead of that answer
        server.heeds_version = False                 # it answers everything at its newest version
        server.keeps_from = 40                       # older versions are pruned

Written from the API's description and knowing nothing of the backend; no code of the scanner's is used. Hashes are no
real ones: they are made of the block's height and what is held at it.
Source: aptos.dev, Aptos Node API
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha3_256
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.simulated.server import SimHttp

TIME = 1_700_000_000_000_000  # of block 0, in microseconds
SECONDS = 2
VERSIONS = 3  # of each block
COIN = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>"
STORE = "0x1::fungible_asset::FungibleStore"
CONCURRENT = "0x1::fungible_asset::ConcurrentFungibleBalance"
APT = "0x" + f"{10:064x}"
Spoiler = Callable[[str, Any], Any]
"""From a path (or a view function) and its answer to what is sent instead: that, bytes, or a status."""


@dataclass
class State:
    """What accounts hold: in CoinStores by owner, in primary stores by owner and metadata, and there concurrently."""

    coins: dict[str, int] = field(default_factory=dict)
    stores: dict[tuple[str, str], int] = field(default_factory=dict)
    concurrent: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, owner: str, metadata: str) -> int:
        """What the view functions of the chain say."""
        pair = owner, metadata
        coins = self.coins.get(owner, 0) if metadata == APT else 0
        return coins + self.stores.get(pair, 0) + self.concurrent.get(pair, 0)


@dataclass
class Ledger:
    """Blocks from 0 on, each with the state after it."""

    states: list[State] = field(default_factory=list)
    begins: int = TIME  # of block 0, in microseconds

    def hash(self, height: int) -> str:
        text = f"{height} {self.states[height]}"
        return "0x" + sha3_256(text.encode()).hexdigest()


class SimAptos(SimHttp):
    """A node of this ledger."""

    def __init__(self, ledger: Ledger, chain_id: int = 1) -> None:
        super().__init__()
        self.ledger = ledger
        self.spoil: Spoiler = lambda _path, answer: answer
        self.heeds_version = True
        self.keeps_from = 0  # a version
        self.rotated: dict[str, str] = {}  # authentication keys that are not the account's address
        self.metadata = {APT: 8}  # decimals by the address of an asset's metadata
        self.asked: list[str] = []
        self.headers = {
            "X-Aptos-Chain-Id": str(chain_id),
            "X-Aptos-Ledger-Version": str(VERSIONS * len(ledger.states) - 1),
            "X-Aptos-Ledger-Oldest-Version": "0",
        }

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        url = urlsplit(path)
        name, query = unquote(url.path.split("/v1", 1)[1]), dict(parse_qsl(url.query))
        asked = json.loads(received) if method == "POST" else {}
        self.asked.append(f"{asked.get('function', name)} {query.get('ledger_version', '')}".strip())
        try:
            answer = self.answer(name, query, asked)
        except _Refused as refused:
            told = {"message": refused.code.replace("_", " "), "error_code": refused.code, "vm_error_code": None}
            return refused.status, json.dumps(told).encode()
        spoiled = self.spoil(asked.get("function", name), answer)
        if isinstance(spoiled, int):
            return spoiled, b"as told"
        if isinstance(spoiled, bytes):
            return 200, spoiled
        return 200, json.dumps(spoiled).encode()

    def answer(self, path: str, query: dict[str, str], asked: dict[str, Any]) -> Any:
        """What stands at a path, or the results of the view function that is asked for."""
        newest = len(self.ledger.states) - 1
        if path in ("", "/"):
            oldest = -(-self.keeps_from // VERSIONS)
            return {"chain_id": 1, "oldest_block_height": str(oldest), "block_height": str(newest)}
        if path.startswith("/blocks/by_height/"):
            return self._block(int(path.rsplit("/", 1)[1]))
        version = int(query.get("ledger_version", VERSIONS * newest))
        if version >= VERSIONS * len(self.ledger.states):
            raise _Refused(404, "version_not_found")
        if version < self.keeps_from:
            raise _Refused(410, "version_pruned")
        height = version // VERSIONS if self.heeds_version else newest
        if path == "/view":
            return [self._viewed(height, asked)]
        _, _, owner, _, kind = path.split("/", 4)
        return self._resource(self.ledger.states[height], owner, kind)

    def _block(self, height: int) -> dict[str, Any]:
        if height >= len(self.ledger.states):
            raise _Refused(404, "block_not_found")
        if VERSIONS * height < self.keeps_from:
            raise _Refused(410, "block_pruned")
        return {
            "block_height": str(height),
            "block_hash": self.ledger.hash(height),
            "block_timestamp": str(self.ledger.begins + 1_000_000 * SECONDS * height),
            "first_version": str(VERSIONS * height),
            "last_version": str(VERSIONS * height + VERSIONS - 1),
            "transactions": None,
        }

    def _viewed(self, height: int, asked: dict[str, Any]) -> Any:
        function, types, arguments = asked["function"], asked["type_arguments"], asked["arguments"]
        state = self.ledger.states[height]
        match function.removeprefix("0x1::"), types:
            case "block::get_current_block_height", []:
                return str(height)
            case "timestamp::now_microseconds", []:
                return str(self.ledger.begins + 1_000_000 * SECONDS * height)
            case "coin::balance", ["0x1::aptos_coin::AptosCoin"]:
                return str(state.of(arguments[0], APT))
            case "primary_fungible_store::balance", ["0x1::fungible_asset::Metadata"] if arguments[1] in self.metadata:
                return str(state.of(*arguments))
            case "fungible_asset::decimals", ["0x1::fungible_asset::Metadata"] if arguments[0] in self.metadata:
                return self.metadata[arguments[0]]
        raise _Refused(400, "invalid_input")

    def _resource(self, state: State, owner: str, kind: str) -> dict[str, Any]:
        if kind == COIN and owner in state.coins:
            return {"type": kind, "data": {"coin": {"value": str(state.coins[owner])}, "frozen": False}}
        at = {_store(*pair): pair for pair in [*state.stores, *state.concurrent]}
        pair = at.get(owner)
        if kind == STORE and pair is not None:
            held = str(state.stores.get(pair, 0))
            return {"type": kind, "data": {"balance": held, "frozen": False, "metadata": {"inner": pair[1]}}}
        if kind == CONCURRENT and pair in state.concurrent:
            value = {"max_value": str(2**64 - 1), "value": str(state.concurrent[pair])}
            return {"type": kind, "data": {"balance": value}}
        if kind == "0x1::account::Account" and owner in {*state.coins, *self.rotated}:
            return {
                "type": kind,
                "data": {"authentication_key": self.rotated.get(owner, owner), "sequence_number": "3"},
            }
        raise _Refused(404, "resource_not_found" if owner in {*at, *state.coins} else "account_not_found")


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def _store(owner: str, metadata: str) -> str:
    return "0x" + sha3_256(bytes.fromhex(owner[2:] + metadata[2:] + "fc")).hexdigest()
