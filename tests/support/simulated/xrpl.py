"""A network of the XRP Ledger in memory, and a server that speaks its JSON-RPC, to be spoiled by assignment.

    async with SimRippled(ledgers) as server:
        server.spoil = lambda command, result: {**result, "validated": False}
        server.keeps = range(5, 9)          # ledgers that it has not let go of
        server.network = None               # as older servers, which name none

Written from the API's description and knowing nothing of the backend; no code of the scanner's is used. The state is no
real one: its hash is made of its balances, while the headers that commit to it hash as real ones do.
Source: https://xrpl.org/docs/references/http-websocket-apis
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from hashlib import sha512
from typing import Any

from tests.support.simulated.server import SimHttp

FIRST = 40_000
CLOSE_TIME = 750_000_000  # of the first, in seconds since 2000
Spoiler = Callable[[str, Any], Any]
"""From a command and its result to what is sent instead: that, bytes, or a status."""


@dataclass
class Ledgers:
    """Validated ledgers by index, with what each account holds in drops."""

    headers: dict[int, dict[str, Any]] = field(default_factory=dict)
    balances: dict[int, dict[str, int]] = field(default_factory=dict)
    entries: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    begins: int = CLOSE_TIME

    @property
    def newest(self) -> int:
        return max(self.headers)

    def add(self, balances: dict[str, int], entries: Iterable[dict[str, Any]] = ()) -> None:
        """A ledger on top of all others, ten seconds later. `entries`: of accounts, such as escrows."""
        index = self.newest + 1 if self.headers else FIRST
        parent = self.headers[index - 1] if self.headers else {"ledger_hash": "0" * 64, "close_time": self.begins - 10}
        header = {
            "ledger_index": str(index),
            "total_coins": str(99_999_999_999_996_310),
            "parent_hash": parent["ledger_hash"],
            "transaction_hash": _half(f"transactions {index}".encode()),
            "account_hash": _half(json.dumps(balances).encode()),
            "parent_close_time": parent["close_time"],
            "close_time": self.begins + 10 * (index - FIRST),
            "close_time_resolution": 10,
            "close_flags": 0,
        }
        self.headers[index] = {**header, "ledger_hash": _hash(header), "closed": True}
        self.balances[index] = dict(balances)
        self.entries[index] = [dict(entry) for entry in entries]


class SimRippled(SimHttp):
    """A server of these ledgers."""

    def __init__(self, ledgers: Ledgers) -> None:
        super().__init__()
        self.ledgers = ledgers
        self.spoil: Spoiler = lambda _command, result: result
        self.commands: list[str] = []
        self.network: int | None = 0
        self.signing: dict[str, dict[str, Any]] = {}  # fields of account_data, by account: flags, regular key, signers
        self.keeps: Container[int] = range(10**9)
        self.page = 400  # entries that are looked through for a page, at most

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method, path
        asked = json.loads(received)
        command, parameters = asked["method"], asked["params"][0]
        self.commands.append(command)
        result = self._result(command, parameters)
        spoiled = self.spoil(command, json.loads(json.dumps(result)))
        if isinstance(spoiled, int):
            return spoiled, b"as told"
        return 200, spoiled if isinstance(spoiled, bytes) else json.dumps({"result": spoiled}).encode()

    def _result(self, command: str, parameters: dict[str, Any]) -> Any:
        if command == "server_info":
            kept = [index for index in self.ledgers.headers if index in self.keeps]
            info = {"complete_ledgers": f"{min(kept)}-{max(kept)}" if kept else "empty", "server_state": "full"}
            return _success({"info": info if self.network is None else {**info, "network_id": self.network}})
        if command not in ("ledger", "account_info", "account_objects"):
            return _error("unknownCmd", parameters)
        index = self._index(parameters)
        if index not in self.ledgers.headers or index not in self.keeps:
            return _error("lgrNotFound", parameters)
        header = self.ledgers.headers[index]
        named = {"ledger_hash": header["ledger_hash"], "ledger_index": index, "validated": True}
        if command == "ledger":
            return _success({"ledger": header, **named})
        account = parameters["account"]
        held = self.ledgers.balances[index].get(account)
        if held is None:
            return {**_error("actNotFound", parameters), "account": account, **named}
        entries = self.ledgers.entries[index]
        if command == "account_objects":
            return _success({"account": account, **named, **self._listed(account, entries, parameters)})
        owned = sum(entry["Account"] == account for entry in entries)
        data = {"Account": account, "Balance": str(held), "LedgerEntryType": "AccountRoot", "OwnerCount": owned}
        data["Flags"] = 0
        if parameters.get("signer_lists"):
            data |= {"signer_lists": [], **self.signing.get(account, {})}
        return _success({"account_data": data, **named})

    def _listed(self, account: str, entries: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
        """The entries of an account that are of the type asked for: the page after the marker, and where it ends."""
        all_of = [entry for entry in entries if account in (entry["Account"], entry.get("Destination"))]
        start = int(parameters.get("marker", "0"))
        end = start + min(self.page, parameters["limit"])
        wanted = parameters["type"].capitalize()
        found = [entry for entry in all_of[start:end] if entry["LedgerEntryType"] == wanted]
        return {"account_objects": found, **({"marker": str(end)} if end < len(all_of) else {})}

    def _index(self, parameters: dict[str, Any]) -> int:
        if "ledger_hash" in parameters:
            hashes = {header["ledger_hash"]: index for index, header in self.ledgers.headers.items()}
            return hashes.get(parameters["ledger_hash"], -1)
        asked = parameters["ledger_index"]
        return self.ledgers.newest if asked == "validated" else int(asked)


def escrow(payer: str, payee: str, drops: int, **more: Any) -> dict[str, Any]:
    """An escrow that ends by time alone, where `more` does not say otherwise."""
    entry = {"Account": payer, "Destination": payee, "Amount": str(drops), "FinishAfter": CLOSE_TIME + 10**6, **more}
    entry |= {"Flags": 0, "LedgerEntryType": "Escrow", "OwnerNode": "0000000000000000"}
    return {**entry, "index": _half(json.dumps(entry).encode())}


def _success(result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "status": "success"}


def _error(name: str, request: dict[str, Any]) -> dict[str, Any]:
    return {"error": name, "error_code": 21, "error_message": name, "request": request, "status": "error"}


def _hash(header: dict[str, Any]) -> str:
    numbers = [(header["ledger_index"], 4), (header["total_coins"], 8)]
    data = b"LWR\0" + b"".join(int(number).to_bytes(size) for number, size in numbers)
    data += b"".join(bytes.fromhex(header[name]) for name in ("parent_hash", "transaction_hash", "account_hash"))
    times = [("parent_close_time", 4), ("close_time", 4), ("close_time_resolution", 1), ("close_flags", 1)]
    return _half(data + b"".join(header[name].to_bytes(size) for name, size in times))


def _half(data: bytes) -> str:
    return sha512(data).digest()[:32].hex().upper()
