"""A node that a worker of a cluster speaks with, and that looks to the run like one it speaks with itself.

A worker that is lost takes nothing with it: the next one is asked. So it is with one that says nothing, or something
that is no answer: it is passed over. Only where several fail one after another is the question a Gap, as with any node
that fails.

Not in here: the connection to the cluster, and which worker it is (`cluster`); what the worker does (`worker`); what an
answer must be like (`answers`).

Source: RFC 7914 (scrypt).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from hashlib import scrypt
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import uuid4

from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, ScannerError, Why
from scanner.scanning.answers import LEAVE, OPEN, Asked, WorkerFault, protocols

if TYPE_CHECKING:
    from scanner.scanning.cluster import Cluster

_WORKERS: Final = 3  # that are asked one question, one after another


class RemoteNode:
    """One node. It has the methods and properties that the node itself has, of all that `chains.interface` knows.

    Methods raise what `Node` says; and InputError where the cluster is lost.
    """

    def __init__(self, settings: NodeSettings, connect: Callable[[NodeSettings], Node], cluster: Cluster) -> None:
        self.settings = settings
        self._connect = connect
        self._cluster = cluster
        self._mark = _mark(settings, connect)
        self._worker: str | None = None
        self._barred: set[str] = set()  # workers at which the node could not be opened
        kind = connect(settings)  # never opened; what it can do is all that is asked of it
        methods, self._mirrored = _beyond_the_plainest(kind)
        for name in methods:
            setattr(self, name, partial(getattr(self, f"_{name}", self._ask), name))
        for name in self._mirrored:
            setattr(self, name, getattr(kind, name))

    async def open(self) -> None:
        await self._ask(OPEN)

    async def block_at(self, height: int) -> Snapshot:
        return cast(Snapshot, await self._ask("block_at", height))

    async def final_height(self) -> int:
        return cast(int, await self._ask("final_height"))

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        try:
            return cast("int | Gap", await self._ask("decimals", asset, snapshot))
        except NodeError as error:
            return Gap(error.why, error.detail)

    async def read(self, batch: Batch) -> Reading:
        try:
            return cast(Reading, await self._ask("read", batch))
        except NodeError as error:
            return Reading.missing(len(batch.accounts), Gap(error.why, error.detail))

    async def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            with contextlib.suppress(ScannerError, WorkerFault):  # what is lost has nothing open
                await self._cluster.answer(worker, Asked(uuid4().hex, self.settings, LEAVE), self._connect)

    async def _withdrawal_addresses(self, name: str, batch: Batch) -> list[bytes | Gap]:
        try:
            return cast("list[bytes | Gap]", await self._ask(name, batch))
        except NodeError as error:
            return [Gap(error.why, error.detail)] * len(batch.accounts)

    async def _ask(self, method: str, *arguments: object) -> object:
        """What the node's method gives. Raises NodeError; InputError where the cluster is lost."""
        failed = NodeError(Why.UNREACHABLE, "no worker of the cluster is there to ask")
        for attempt in range(_WORKERS):
            # Which of many questions a worker was lost over shows when each is asked again by itself.
            async with self._cluster.suspects if attempt else contextlib.nullcontext():
                worker = self._worker = self._worker or await self._cluster.worker_for(
                    self._mark, self.settings, self._barred
                )
                if worker is None:
                    break
                try:
                    answer = await self._cluster.answer(worker, self._asked(method, arguments), self._connect)
                except WorkerFault as fault:
                    failed = NodeError(fault.why, fault.what)
                    self._pass_over(worker)
                    continue
            if answer is None:
                failed = NodeError(Why.UNREACHABLE, f"{attempt + 1} workers were lost while they asked for this")
            elif answer.opened:
                for name, value in zip(self._mirrored, answer.properties, strict=False):
                    setattr(self, name, value)
                if answer.error is not None:
                    raise NodeError(*answer.error)
                return answer.value
            else:
                failed = NodeError(*answer.error) if answer.error else failed
                if failed.why is not Why.UNREACHABLE:
                    break  # the node itself is not as it should be, wherever it is asked from
                self._barred.add(worker)
            if self._worker == worker:
                self._worker = None
        self._barred.clear()
        raise failed

    def _pass_over(self, worker: str) -> None:
        """Ask another worker from now on."""
        self._barred.add(worker)
        if self._worker == worker:
            self._worker = None

    def _asked(self, method: str, arguments: tuple[Any, ...]) -> Asked:
        return Asked(uuid4().hex, self.settings, method, arguments, self._mirrored)


def _mark(settings: NodeSettings, connect: Callable[[NodeSettings], Node]) -> str:
    """A name for the node in the scheduler's list. It follows from the URL and the password, so it is made slowly:
    nobody finds a password by trying many."""
    told = [f"{each.name}={getattr(settings, each.name)}" for each in fields(settings)]
    maker = f"{getattr(connect, '__module__', '')}.{getattr(connect, '__qualname__', '')}"
    return scrypt("\0".join([*told, maker]).encode(), salt=b"reserve-scanner node", n=2**14, r=8, p=1, dklen=16).hex()


def _beyond_the_plainest(kind: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The methods, and the properties, that this node has beyond those which every node has."""
    methods, properties = list[str](), list[str]()
    for protocol in protocols():
        if isinstance(kind, protocol):
            for name, member in vars(protocol).items():
                if not name.startswith("_"):
                    (methods if callable(member) else properties).append(name)
    return tuple(dict.fromkeys(methods)), tuple(dict.fromkeys(properties))
