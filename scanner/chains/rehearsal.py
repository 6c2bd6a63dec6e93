"""Nodes that are not there: they answer at once, take everything and count what they are asked, for `scanning.plan`.

A rehearsed node is the product's own backend, with all its ways of cutting and guarding what it asks, before a server
of this program's own that holds something in every account. So what is counted is what a healthy node would be asked,
also after the backend has changed. Backends that have no such server (those for histories of accounts, whose length
is not known beforehand) are counted by what they ask at least.

Not in here: which questions a scan puts (`scanning.plan` has the scan's own code put them), and what they cost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Final, Protocol, cast

from scanner.chains.interface import Capabilities, Node
from scanner.chains.registry import BACKENDS
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why

FIRST: Final = datetime(2009, 1, 3, tzinfo=UTC)
SECONDS: Final = 1  # between two blocks of a rehearsal
MARK: Final = bytes.fromhex("72656865617273616c2d3021")  # 12 bytes that a rehearsal's accounts begin with
_ACCOUNT: Final = 20  # bytes
_UNEQUAL: Final = 230  # accounts, after which all hold one atom: more than that many doublings is more than EVM has


@dataclass(slots=True)
class AskedOfNode:
    """What one node was asked. `calls` by method; bytes are those of the messages, before any compression."""

    requests: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    received: int = 0
    at_least: bool = False  # more, by as much as the accounts' histories are long

    def plus(self, other: AskedOfNode, times: int = 1) -> AskedOfNode:
        """Both together, the other so many times; -1 takes it away. Nothing is less than nothing."""
        calls = Counter({name: self.calls[name] + times * other.calls[name] for name in self.calls | other.calls})
        return AskedOfNode(
            max(0, self.requests + times * other.requests),
            +calls,
            max(0, self.sent + times * other.sent),
            max(0, self.received + times * other.received),
            self.at_least or other.at_least,
        )

    def scaled(self, of: int, to: int) -> AskedOfNode:
        """What `to` rows take, where `of` took this; rounded up."""

        def part(count: int) -> int:
            return -(-count * to // of)

        calls = Counter({name: part(count) for name, count in self.calls.items()})
        return AskedOfNode(part(self.requests), calls, part(self.sent), part(self.received), self.at_least)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rehearsed node is to be: the ways in which it can be asked, best first (none: all of its kind's), how many
    calls it takes in one request, whether tokens are read a second time, and what its state and its contracts hold."""

    ways: tuple[str, ...] = ()
    most_calls: int | None = None
    least_height: int = 0  # of its newest block
    second_reading: bool = True
    asset: AssetId | None = None  # whose contract, if it has one, is the one in the chain's state
    decimals: Mapping[AssetId, int] = field(default_factory=dict)


class _Rehearsing(Protocol):
    def rehearsed(self, settings: NodeSettings, scene: Scene, asked: AskedOfNode) -> Node: ...


WAYS: Final = frozenset({"override", "init_code", "multicall", "batch", "single"})
"""In which a node may be asked, where there are several ways: as a run's log names them."""

ONE_BY_ONE: Final = ("batch",)
"""The one of these in which most is asked: a call for each account."""


def rehearsed(settings: NodeSettings, scene: Scene, asked: AskedOfNode) -> Node:
    """A node of this kind that counts into `asked`."""
    _, backend = BACKENDS[settings.kind]
    if not backend.rehearsal:
        return _Floor(settings, scene, asked, *backend.asks)
    return cast(_Rehearsing, import_module(backend.rehearsal)).rehearsed(settings, scene, asked)


def has_server(kind: str) -> bool:
    """Whether nodes of this kind are counted exactly: in each of the ways in which they may be asked, proofs too."""
    return bool(BACKENDS[kind][1].rehearsal)


def account(number: int) -> bytes:
    """An account without an owner, which a server of ours knows for one of a rehearsal's."""
    return MARK + number.to_bytes(_ACCOUNT - len(MARK))


def atoms(number: int) -> int:
    """What that account holds: half as much from one to the next, so that a sample, which is drawn by amounts, has
    nearly as many rows as it may have."""
    return 1 << max(0, _UNEQUAL - number)


def newest(scene: Scene) -> int:
    """The height of the newest block."""
    return max(int((datetime.now(UTC) - FIRST) / timedelta(seconds=SECONDS)), scene.least_height)


def time_of(height: int) -> datetime:
    """When a rehearsal's block was made."""
    return FIRST + timedelta(seconds=SECONDS * height)


class _Floor:
    """A node that is asked each question once, and each account once where its kind asks for accounts one by one."""

    def __init__(
        self, settings: NodeSettings, scene: Scene, asked: AskedOfNode, of_account: str, of_batch: str
    ) -> None:
        self.settings = settings
        self._asked = asked
        self._asked.at_least = True
        self._of_account, self._of_batch = of_account, of_batch
        self._tip = newest(scene)

    async def open(self) -> None:
        self._count("open")

    async def block_at(self, height: int) -> Snapshot:
        self._count("block")
        return self._block(height)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(now=self, withdrawals=self)

    async def oldest_height(self) -> int:
        return 0

    async def final_height(self) -> int:
        self._count("tip")
        return self._tip

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002
        return Gap(Why.UNSUPPORTED, "only a contract says how many decimals it has")

    async def read(self, batch: Batch) -> Reading:
        self._count(self._of_batch)
        if self._of_account:
            self._count(self._of_account, len(batch.accounts))
        return Reading.of([1] * len(batch.accounts))

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:  # noqa: ARG002
        self._count(self._of_account or self._of_batch, len(accounts) if self._of_account else 1)
        return self._block(self._tip), Reading.of([1] * len(accounts))

    async def withdrawal_addresses(self, batch: Batch) -> list[bytes | Gap]:
        self._count(self._of_batch)
        return [bytes(20)] * len(batch.accounts)

    async def close(self) -> None:
        """Nothing is open."""

    def _block(self, height: int) -> Snapshot:
        parent = f"{max(height, 1) - 1:064x}"
        return Snapshot(self.settings.chain, height, f"{height:064x}", parent, time_of(height))

    def _count(self, method: str, calls: int = 1) -> None:
        self._asked.requests += calls
        self._asked.calls[method] += calls
