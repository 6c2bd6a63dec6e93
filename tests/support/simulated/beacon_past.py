"""A beacon chain of some years, of which there are few blocks, and a state that keeps summaries of it.

    past = Past(fork=DENEB, state_fork=ELECTRA)
    past.older                   # an execution block, in the beacon block of `past.slot`
    past.newer                   # one that names the beacon block whose state has the summaries
    past.rest                    # what a beacon node answers, without one

Knows nothing of what checks it. Source: Ethereum consensus specs, `capella/beacon-chain.md`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from scanner.chains.evm.ancestry import HISTORY
from scanner.clients.http_client import Sink
from scanner.clients.rest import NotFound
from scanner.errors import Why
from tests.support.simulated import beacon_types as types
from tests.support.simulated.ancestors import CODE, ETHEREUM
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.ssz import merkle, pair, some

S = TypeVar("S", bound=Sink)
GENESIS = 1_606_824_023
PERIOD = 8192
FIRST = {types.CAPELLA: 194_048, types.DENEB: 269_568, types.ELECTRA: 364_032, types.FULU: 411_392}
"""Epochs in which the forks begin."""


def time_of(slot: int) -> datetime:
    return datetime.fromtimestamp(GENESIS + 12 * slot, UTC)


def period_in(fork: int) -> int:
    """The first that is wholly in a fork."""
    return -(-FIRST[fork] * 32 // PERIOD)


@dataclass
class Past:
    """Of one execution block, and of a later one."""

    fork: int = types.DENEB
    state_fork: int = types.ELECTRA
    at: int = 4711  # which slot of its period
    blocks: tuple[int, ...] = (-3, 5, 4000, 4711, 4712, 8191)  # slots with a block, from the period's first on
    amsterdam: bool = False
    height: int = 23_000_000  # of the newer block
    older_height: int = 18_000_000
    recent: bool = False  # whether the newer block's state is of the older one's period
    whole: bool = False  # whether that state is a whole one, which the node gives
    later: int = 0  # periods, behind the first that is wholly in the fork
    words: Mapping[bytes, int] | None = None  # in its contract of past hashes
    asked: list[str] = field(default_factory=list)
    spoil: Callable[[str, Any], Any] = lambda _path, answer: answer  # bytes, JSON or None for what is not there

    @property
    def period(self) -> int:
        return period_in(self.fork) + self.later

    @cached_property
    def slot(self) -> int:
        return self.period * PERIOD + self.at

    @cached_property
    def older(self) -> BuiltState:
        return BuiltState(ETHEREUM, {b"\x01" * 20: 1}, height=self.older_height, time=time_of(self.slot))

    @cached_property
    def block(self) -> dict[str, Any]:
        """The beacon block that carries the older one."""
        block: dict[str, Any] = some(types.block(self.fork), Random(7))
        block["message"] |= {"slot": self.slot}
        block["message"]["body"]["execution_payload"]["block_hash"] = bytes.fromhex(self.older.snapshot.hash[2:])
        return block

    @cached_property
    def headers(self) -> dict[int, dict[str, Any]]:
        """By slot, of the blocks of the older one's period."""
        found: dict[int, dict[str, Any]] = {}
        for slot in (self.period * PERIOD + each for each in self.blocks):
            found[slot] = some(types.HEADER, Random(slot)) | {"slot": slot}
        message = self.block["message"]
        if self.slot in found:
            body_root = types.body(self.fork).hash(message["body"])
            found[self.slot] = {name: message[name] for name in ("slot", "proposer_index", "parent_root", "state_root")}
            found[self.slot]["body_root"] = body_root
        return found

    @cached_property
    def roots(self) -> list[bytes]:
        """Of the period, as a state keeps them."""
        first = self.period * PERIOD
        last = max(slot for slot in self.headers if slot <= first)
        found = []
        for slot in range(first, first + PERIOD):
            last = slot if slot in self.headers else last
            found.append(self._roots[last])
        return found

    @cached_property
    def _roots(self) -> dict[int, bytes]:
        return {slot: types.HEADER.hash(header) for slot, header in self.headers.items()}

    @cached_property
    def summaries(self) -> list[dict[str, bytes]]:
        luck = Random(11)
        count = self.state_slot // PERIOD - 758
        found = [
            {"block_summary_root": luck.randbytes(32), "state_summary_root": luck.randbytes(32)} for _ in range(count)
        ]
        if (at := self.period - 758) < count:
            found[at]["block_summary_root"] = merkle(self.roots, PERIOD)
        return found

    @cached_property
    def state_slot(self) -> int:
        """Of the block whose state has the summaries."""
        return self.period * PERIOD + 8000 if self.recent else (period_in(self.state_fork) + 2) * PERIOD + 77

    @cached_property
    def field_roots(self) -> list[bytes]:
        """Of that state: all but the summaries are anything."""
        luck, type_ = Random(13), types.state(self.state_fork)
        if self.whole:
            return [each.hash(self.state[name]) for name, each in type_.fields.items()]
        return [
            type_.fields[name].hash(self.summaries) if name == "historical_summaries" else luck.randbytes(32)
            for name in type_.fields
        ]

    @cached_property
    def state(self) -> dict[str, Any]:
        """That state, where it is a whole one."""
        found: dict[str, Any] = types.state(self.state_fork).blank()
        return found | {"slot": self.state_slot, "historical_summaries": self.summaries, "block_roots": self.roots}

    @cached_property
    def top(self) -> dict[str, Any]:
        """The header of the block that the newer execution block names."""
        state_root = merkle(self.field_roots, len(self.field_roots))
        header: dict[str, Any] = some(types.HEADER, Random(17))
        return header | {"slot": self.state_slot, "state_root": state_root}

    @cached_property
    def newer(self) -> BuiltState:
        root = types.HEADER.hash(self.top)
        time = time_of(self.state_slot + 2)
        return BuiltState(
            ETHEREUM,
            {b"\x01" * 20: 1},
            {} if self.words is None else {HISTORY: self.words},
            height=self.height,
            codes={} if self.words is None else {HISTORY: CODE},
            time=time,
            beacon_parent=root,
            amsterdam=self.amsterdam,
        )

    @property
    def carrying(self) -> dict[str, Any]:
        """The header of the block that carries the newer one."""
        root = types.HEADER.hash(self.top)
        header: dict[str, Any] = some(types.HEADER, Random(19))
        return header | {"slot": self.state_slot + 2, "parent_root": root}

    @property
    def branch(self) -> list[bytes]:
        """From the list of summaries to the state."""
        layer, at, found = [*self.field_roots], 27, []
        layer += [bytes(32)] * ((64 if len(layer) > 32 else 32) - len(layer))
        while len(layer) > 1:
            found.append(layer[at ^ 1])
            layer, at = [pair(layer[each], layer[each + 1]) for each in range(0, len(layer), 2)], at // 2
        return found

    async def get(self, path: str, _query: str = "", *, limit: int = 2**16, accept: str = "") -> bytes:
        """What stands at a path of the node."""
        self.asked.append(path)
        answer = self.spoil(path, self._answer(path, accept))
        if answer is None:
            raise NotFound(Why.REFUSED, "HTTP 404: the node knows no such thing")
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        assert len(body) <= limit
        return body

    @cached_property
    def _served(self) -> dict[str, Any]:
        """Headers by their slots and roots."""
        headers = {**self.headers, self.state_slot: self.top, self.state_slot + 2: self.carrying}
        named = {f"0x{types.HEADER.hash(header).hex()}": header for header in headers.values()}
        named |= {str(slot): header for slot, header in headers.items()}
        return {name: _told(header) for name, header in named.items()}

    async def pour(self, path: str, open_sink: Callable[[], S], *, seconds: float, accept: str) -> S:
        """The same, of the whole state."""
        self.asked.append(path)
        name = path.removeprefix("/eth/v2/debug/beacon/states/")
        if not self.whole or name != str(self.state_slot) or accept != "application/octet-stream" or not seconds:
            raise NotFound(Why.REFUSED, "HTTP 404: the node knows no such thing")
        sink = open_sink()
        written = types.state(self.state_fork).write(self.state)
        for at in range(0, len(written), 2**18):
            sink.take(written[at : at + 2**18])
        return sink

    def _answer(self, path: str, accept: str) -> Any:
        match path.split("/")[1:]:
            case ["eth", "v1", "beacon", "headers", name]:
                return self._served.get(name)
            case ["nimbus", "v1", "debug", "beacon", "states", state, "historical_summaries"]:
                if state not in {str(self.state_slot), f"0x{self.top['state_root'].hex()}"}:
                    return None
                return {"data": {"historical_summaries": _json(self.summaries), "proof": _json(self.branch)}}
            case ["eth", "v2", "beacon", "blocks", root] if accept == "application/octet-stream":
                return types.block(self.fork).write(self.block) if root == f"0x{self._roots[self.slot].hex()}" else None
        return None


def _told(header: dict[str, Any]) -> dict[str, Any]:
    root = f"0x{types.HEADER.hash(header).hex()}"
    message = {"message": _json(header), "signature": f"0x{bytes(96).hex()}"}
    return {"execution_optimistic": False, "data": {"root": root, "canonical": True, "header": message}}


def _json(value: Any) -> Any:
    match value:
        case bytes():
            return f"0x{value.hex()}"
        case list():
            return [_json(each) for each in value]
        case dict():
            return {name: _json(each) for name, each in value.items()}
    return str(value)
