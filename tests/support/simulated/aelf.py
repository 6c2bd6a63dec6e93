"""An aelf chain in memory, and a node that speaks its Web API, to be spoiled by assignment.

    async with SimAelf(chain) as server:
        server.moves_at = {3}                # the third call of a contract, before which the best block changes
        server.lag = 2                       # blocks on top of which a block is irreversible; a question each later
        server.spoil = lambda name, answer: 429

Written from aelf's documentation and knowing nothing of the backend; no code of the scanner's is used. A call of a
contract is run only if its signature is by the key of the account that it names as its sender, as nodes demand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.secp256k1_signing import recovered
from tests.support.simulated.server import SimHttp

FIRST = 5_000
TOKEN = "JRmBduh4nXWi1aXgdUsj5gJrzeZb2LxmrAbf7W99faZSvoAaE"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
Spoiler = Callable[[str, Any], Any]
"""From a question's name and its answer to what is sent instead: that, bytes, or a status."""


@dataclass
class AelfChain:
    """What accounts hold of ELF, by block from FIRST on."""

    states: list[dict[bytes, int]] = field(default_factory=list)
    name: str = "AELF"
    fork: str = ""
    begins: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def hash(self, height: int) -> str:
        return sha256(f"{self.name}{self.fork}{height}".encode()).hexdigest()


class SimAelf(SimHttp):
    """A node of this chain."""

    def __init__(self, chain: AelfChain, best: int | None = None) -> None:
        super().__init__()
        self.chain = chain
        self.best = FIRST + len(chain.states) - 1 if best is None else best
        self.lag = 0
        self.final = FIRST
        self.moves_at: Container[int] = ()
        self.spoil: Spoiler = lambda _name, answer: answer
        self.token = TOKEN
        self.asked: list[str] = []
        self._calls = 0
        self._settled = 0

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method
        url = urlsplit(path)
        name, query = url.path.rpartition("/api/blockChain/")[2], dict(parse_qsl(url.query))
        self.asked.append(name)
        try:
            answer = self.answer(name, query, json.loads(received) if received else {})
        except _Refused as refused:
            told = {"Error": {"Code": refused.code, "Message": str(refused), "Details": None, "ValidationErrors": None}}
            return 403, json.dumps(told).encode()
        spoiled = self.spoil(name, answer)
        if isinstance(spoiled, int):
            return spoiled, b"as told"
        return 200, spoiled if isinstance(spoiled, bytes) else json.dumps(spoiled).encode()

    def answer(self, name: str, query: dict[str, str], asked: dict[str, str]) -> Any:
        if name == "chainStatus":
            self.final = max(self.final, self.best - max(0, self.lag - self._settled))
            self._settled += 1
            return {
                "ChainId": self.chain.name,
                "BestChainHeight": self.best,
                "BestChainHash": self.chain.hash(self.best),
                "LastIrreversibleBlockHeight": self.final,
                "LastIrreversibleBlockHash": self.chain.hash(self.final),
            }
        if name == "blockByHeight":
            height = int(query["blockHeight"])
            if not FIRST <= height <= self.best:
                raise _Refused("20001", "Not found")
            time = self.chain.begins + timedelta(seconds=(height - FIRST) / 2)
            header = {
                "PreviousBlockHash": self.chain.hash(height - 1),
                "Height": height,
                "Time": time.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
                "ChainId": self.chain.name,
            }
            return {"BlockHash": self.chain.hash(height), "Header": header}
        if name != "executeTransaction":
            raise _Refused("20000", "no such question")
        return self._called(bytes.fromhex(asked["RawTransaction"]))

    def _called(self, raw: bytes) -> str:
        self._calls += 1
        if self._calls in self.moves_at:
            self.best += 1
            self._settled = 0
        call = _message(raw)
        unsigned = raw[: raw.index(b"\x82\xf1\x04\x41" + call[10_000])]
        key = recovered(sha256(unsigned).digest(), call[10_000])
        sender = sha256(sha256(key).digest()).digest()
        contract, method = _message(call[2])[1], call[5].decode()
        if _message(call[1])[1] != sender or _text(contract) != self.token or method != "GetBalance":
            raise _Refused("20003", "Invalid transaction")
        asked = _message(call[6])
        owner = _message(asked[2])[1]
        held = self.chain.states[min(self.best - FIRST, len(self.chain.states) - 1)].get(owner, 0)
        answer: bytes = b"\x0a\x03ELF" + b"\x12\x22" + asked[2]
        return (answer + (b"\x18" + _varint(held) if held else b"")).hex()


class _Refused(Exception):
    """An error of the node's, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _message(raw: bytes) -> dict[int, Any]:
    """The fields of a message; the reference to a block is a number, which nobody asks for here."""
    found: dict[int, Any] = {}
    at = 0
    while at < len(raw):
        key, at = _number(raw, at)
        value, at = _number(raw, at)
        if key & 7 == 2:
            found[key >> 3], at = raw[at : at + value], at + value
    return found


def _number(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (raw[at] & 0x7F) << shift
        shift += 7
        at += 1
        if raw[at - 1] < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + _varint(value >> 7)


def _text(account: bytes) -> str:
    """An account in Base58Check."""
    whole = account + sha256(sha256(account).digest()).digest()[:4]
    number, text = int.from_bytes(whole), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + text
