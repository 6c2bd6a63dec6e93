"""A provider that allows so much a second, before a simulated EVM chain; what it counts and refuses is assigned.

    provider = Provider(limit=25, counts=Counts.CALLS, refuses=Refuses.WHOLE)
    node = EvmNode(settings, ProviderRpc(settings, provider), allowed=(Rung.BATCH,))

It runs in the time of the event loop, which tests make a virtual one (`virtual_loop`). Everything of the product's is
real but the connection itself: `ProviderRpc` hands the request's bytes to the provider in place of a socket. What is
counted as one second is a matter of the provider too: a bucket that fills up steadily, or whole seconds by a clock.
Not in here: HTTP and its faults, which the contract suites try over real sockets.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from scanner.clients.http_client import Sink
from scanner.clients.jsonrpc import TimedOut
from scanner.clients.transport import JsonRpc
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.server import SimError


class Counts(Enum):
    CALLS = auto()  # each call of a batch
    REQUESTS = auto()  # a batch is one
    UNITS = auto()  # each call by its method


class Refuses(Enum):
    WHOLE = auto()  # HTTP 429 for the request
    PART = auto()  # an error for each call of a batch that is over the limit


class Window(Enum):
    BUCKET = auto()  # holds a second's worth, and fills up steadily
    CLOCK = auto()  # whole seconds
    SLIDING = auto()  # the second that ends now


UNITS: Mapping[str, float] = {"eth_chainId": 0, "eth_getBlockByHash": 20, "eth_call": 26}  # Alchemy's, roughly
_UNITS_ELSEWHERE = 20.0
ROUND_TRIP = (0.02, 0.08)  # seconds


@dataclass
class Provider:
    """One endpoint. `limit` a second of what it `counts`; units are limit times a balance's."""

    limit: float
    counts: Counts = Counts.CALLS
    refuses: Refuses = Refuses.WHOLE
    window: Window = Window.BUCKET
    sim: SimEvm = field(default_factory=SimEvm)
    round_trip: tuple[float, float] = ROUND_TRIP  # seconds, at least and at most
    hangs_after: float = float("inf")  # requests, after which it answers nothing any more
    requests: int = 0
    calls: int = 0
    asked: list[float] = field(default_factory=list)  # when a request came
    refused: list[float] = field(default_factory=list)  # when one was refused, wholly or in part
    seed: int = 13  # of the round trips
    into_second: float = 0.0  # of the provider's clock, when it is first asked
    _room: float = field(init=False)
    _filled: float = 0.0
    _spent: deque[tuple[float, float]] = field(default_factory=deque)  # in the last second: when, and how much
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        if self.counts is Counts.UNITS:
            self.limit *= _UNITS_ELSEWHERE
        self._room = self.limit

    async def answer(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body."""
        if self.requests >= self.hangs_after:
            await asyncio.get_running_loop().create_future()
        way = self._random.uniform(*self.round_trip) / 2
        await asyncio.sleep(way)
        asked = json.loads(body)
        status, said = self._answered(asked)
        await asyncio.sleep(way)
        return status, {}, json.dumps(said).encode()

    def _answered(self, asked: Any) -> tuple[int, Any]:
        now = asyncio.get_running_loop().time()
        self._fill(now)
        calls = asked if isinstance(asked, list) else [asked]
        self.requests += 1
        self.asked.append(now)
        self.calls += len(calls)
        costs = [self._cost(call["method"]) for call in calls]
        if self.counts is Counts.REQUESTS:
            costs = [1.0] + [0.0] * (len(calls) - 1)
        if self.refuses is Refuses.WHOLE or self.counts is Counts.REQUESTS:
            if sum(costs) > self._room:
                self.refused.append(now)
                return 429, {"error": "Too Many Requests"}
            self._spend(now, sum(costs))
            answers = [self._one(call) for call in calls]
        else:
            answers = []
            for call, cost in zip(calls, costs, strict=True):
                if cost > self._room:
                    error = {"code": -32005, "message": "rate limit exceeded"}
                    answers.append({"jsonrpc": "2.0", "id": call["id"], "error": error})
                    continue
                self._spend(now, cost)
                answers.append(self._one(call))
            if any("error" in answer for answer in answers):
                self.refused.append(now)
        return 200, answers if isinstance(asked, list) else answers[0]

    def _cost(self, method: str) -> float:
        return UNITS.get(method, _UNITS_ELSEWHERE) if self.counts is Counts.UNITS else 1.0

    def _fill(self, now: float) -> None:
        if self.window is Window.CLOCK:
            now += self.into_second
            if int(now) > int(self._filled):
                self._room = self.limit
        elif self.window is Window.SLIDING:
            while self._spent and self._spent[0][0] <= now - 1:
                self._room += self._spent.popleft()[1]
        else:
            self._room = min(self.limit, self._room + (now - self._filled) * self.limit)
        self._filled = now

    def _spend(self, now: float, cost: float) -> None:
        self._room -= cost
        if self.window is Window.SLIDING:
            self._spent.append((now, cost))

    def _one(self, call: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"jsonrpc": "2.0", "id": call["id"], "result": self.sim.answer(call["method"], call["params"])}
        except SimError as error:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": error.code, "message": str(error)}}


class ProviderRpc(JsonRpc):
    """JSON-RPC to a made-up provider."""

    def __init__(self, settings: NodeSettings, provider: Provider) -> None:
        chance = random.Random(31)
        super().__init__(
            settings, clock=lambda: asyncio.get_running_loop().time(), jitter=chance.random, sleep=asyncio.sleep
        )
        self._provider = provider

    async def open(self) -> None:
        pass

    async def fetch(
        self,
        method: str,  # noqa: ARG002 - as the client's own
        url: str,  # noqa: ARG002
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        sink: Sink | None = None,
        limit: int | None = None,  # noqa: ARG002
        accept: str = "",  # noqa: ARG002
    ) -> tuple[int, Any, bytes]:
        """What the provider answers."""
        if body is None or sink is not None:
            raise TypeError("a provider is asked JSON-RPC alone")
        seconds = self.settings.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._provider.answer(body)
        except TimeoutError:
            raise TimedOut(Why.UNREACHABLE, f"no whole answer within {seconds:g} s") from None
