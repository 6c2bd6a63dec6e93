"""A beacon chain in memory, and a node that serves it over the Beacon API, to be spoiled by assignment.

    async with SimBeacon(chain) as node:
        node.spoil = lambda path, answer: {**answer, "execution_optimistic": True}
        node.posts = False                  # a node of before POST .../validators
        node.keeps_roots = False            # finds states by slot alone, as Prysm does beyond 8,192 slots

Written from the API's description and knowing nothing of the backend; no code of the scanner's is used. States are not
real ones: their roots are hashes of their validators, while the headers that commit to them have real roots.
Source: https://github.com/ethereum/beacon-APIs
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.simulated.server import SimHttp

SLOTS_PER_EPOCH = 8
SECONDS_PER_SLOT = 12
GENESIS_TIME = 1_700_000_000
CHAIN_ID = 1337

Entry = dict[str, Any]
Spoiler = Callable[[str, Any], Any]
"""From a path and the answer to what is sent instead: that, bytes, or a status."""


def key_of(number: int) -> bytes:
    """A validator's public key: 48 bytes like any, on no curve."""
    return sha256(f"validator {number}".encode()).digest() + number.to_bytes(16)


def entry(number: int, balance: int, credentials: bytes, status: str = "active_ongoing") -> Entry:
    """A validator as the API writes it."""
    return {
        "index": str(number),
        "balance": str(balance),
        "status": status,
        "validator": {
            "pubkey": _hex(key_of(number)),
            "withdrawal_credentials": _hex(credentials),
            "effective_balance": str(balance // 10**9 * 10**9),
            "slashed": "slashed" in status,
            "activation_eligibility_epoch": "0",
            "activation_epoch": "0",
            "exit_epoch": str(2**64 - 1),
            "withdrawable_epoch": str(2**64 - 1),
        },
    }


@dataclass
class BeaconChain:
    """Blocks by slot; slots without one were missed."""

    headers: dict[int, Entry] = field(default_factory=dict)
    roots: dict[int, str] = field(default_factory=dict)
    states: dict[int, list[Entry]] = field(default_factory=dict)

    @property
    def head(self) -> int:
        return max(self.headers)

    def put(self, header: Entry, validators: list[Entry]) -> None:
        """A block with this header, above all others, with the validators as they are after it."""
        slot = int(header["slot"])
        self.headers[slot], self.roots[slot], self.states[slot] = header, _hex(_root(header)), validators

    def add(self, slot: int, validators: list[Entry]) -> None:
        """A block at `slot`, above all others, with the validators as they are after it."""
        parent = self.roots[self.head] if self.headers else _hex(bytes(32))
        header = {
            "slot": str(slot),
            "proposer_index": str(slot % 7),
            "parent_root": parent,
            "state_root": _hex(sha256(json.dumps([slot, validators]).encode()).digest()),
            "body_root": _hex(sha256(f"body {slot}".encode()).digest()),
        }
        self.headers[slot], self.roots[slot] = header, _hex(_root(header))
        self.states[slot] = json.loads(json.dumps(validators))


class SimBeacon(SimHttp):
    """A node of a BeaconChain."""

    def __init__(self, chain: BeaconChain) -> None:
        super().__init__()
        self.chain = chain
        self.spoil: Spoiler = lambda _path, answer: answer
        self.paths: list[str] = []  # method, path and number of validators asked for
        self.posts = True
        self.keeps_roots = True
        self.keeps_states = True
        self.most_ids = 10**6
        self.finalized_epoch = 0
        self.chain_id = CHAIN_ID
        self.genesis = GENESIS_TIME, sha256(b"genesis").digest()
        self.whole: dict[str, bytes] = {}  # states as SSZ writes them, by their roots
        self.light_client: dict[str, Any] = {}  # what is answered to light clients, by the path's end

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        url = urlsplit(path)
        where = url.path[max(0, url.path.find("/eth/")) :]  # behind the URL's own path
        ids = json.loads(received)["ids"] if received else parse_qs(url.query).get("id", [])
        self.paths.append(f"{method} {where} {len(ids)}")
        if method == "POST" and not self.posts:
            return 405, b"Method Not Allowed"
        if len(ids) > self.most_ids:
            return (413 if method == "POST" else 414), b"too many"
        try:
            honest = self._answer(where.split("/")[3:], ids)
            answer = self.spoil(where, honest if isinstance(honest, bytes) else json.loads(json.dumps(honest)))
        except (KeyError, ValueError):
            return 404, b'{"code":404,"message":"not found"}'
        if isinstance(answer, int):
            return answer, b'{"code":%d,"message":"as told"}' % answer
        return 200, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def _answer(self, parts: list[str], ids: list[str]) -> Any:
        match parts:
            case ["config", "spec"]:
                numbers = {"SECONDS_PER_SLOT": SECONDS_PER_SLOT, "SLOTS_PER_EPOCH": SLOTS_PER_EPOCH}
                told = {name: str(value) for name, value in {**numbers, "DEPOSIT_CHAIN_ID": self.chain_id}.items()}
                return {"data": {"PRESET_BASE": "mainnet", "BLOB_SCHEDULE": [], **told}}
            case ["beacon", "genesis"]:
                time, root = self.genesis
                return {"data": {"genesis_time": str(time), "genesis_validators_root": _hex(root)}}
            case ["node", "syncing"]:
                flags = {"is_syncing": False, "is_optimistic": False, "el_offline": False}
                return {"data": {"head_slot": str(self.chain.head), "sync_distance": "0", **flags}}
            case ["beacon", "headers", block]:
                slot = self._block(block)
                header = {"message": self.chain.headers[slot], "signature": _hex(bytes(96))}
                return _told({"root": self.chain.roots[slot], "canonical": True, "header": header})
            case ["beacon", "states", "head", "finality_checkpoints"]:
                slot = max(each for each in self.chain.roots if each <= self.finalized_epoch * SLOTS_PER_EPOCH)
                checkpoint = {"epoch": str(self.finalized_epoch), "root": self.chain.roots[slot]}
                return _told({"finalized": checkpoint})
            case ["beacon", "states", state, "root"]:
                return _told({"root": self.chain.headers[self._state(state)]["state_root"]})
            case ["beacon", "states", state, "validators"]:
                known = self.chain.states[self._state(state)]
                return _told([each for each in reversed(known) if each["validator"]["pubkey"] in ids])
            case ["debug", "beacon", "states", state]:
                return self.whole[state]
            case ["beacon", "light_client", *rest]:
                return self.light_client["/".join(rest)]
        raise KeyError(parts)

    def _block(self, block: str) -> int:
        if block == "head":
            return self.chain.head
        if block.startswith("0x"):
            return {root: slot for slot, root in self.chain.roots.items()}[block]
        return int(block)

    def _state(self, state: str) -> int:
        if not self.keeps_states:
            raise KeyError(state)
        if not state.startswith("0x"):
            return int(state)
        if not self.keeps_roots:
            raise KeyError(state)
        return {header["state_root"]: slot for slot, header in self.chain.headers.items()}[state]


def _told(data: Any) -> dict[str, Any]:
    return {"execution_optimistic": False, "finalized": True, "data": data}


def _root(header: Entry) -> bytes:
    """hash_tree_root of a header, by hand: two numbers, three roots, three empty leaves."""
    slot, proposer = (int(header[name]).to_bytes(32, "little") for name in ("slot", "proposer_index"))
    parent, state, body = (bytes.fromhex(header[name][2:]) for name in ("parent_root", "state_root", "body_root"))
    empty = bytes(32)
    left = _pair(_pair(slot, proposer), _pair(parent, state))
    return _pair(left, _pair(_pair(body, empty), _pair(empty, empty)))


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(left + right).digest()


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
