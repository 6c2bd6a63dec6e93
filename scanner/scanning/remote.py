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
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import fields
from hashlib import scrypt
from typing import Any, Final, Protocol, cast
from uuid import uuid4

from scanner.chains.interface import Capabilities, Node, ObservedLimits, ProofQuestion, ReportsLimits
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, ScannerError, Why
from scanner.scanning.answers import Answer, NodeLimits, WorkerFault
from scanner.scanning.remote_questions import LEAVE, OPEN, Awaited

_WORKERS: Final = 3  # that are asked one question, one after another

Connect = Callable[[NodeSettings], Node]


class Workers(Protocol):
    """What a remote node needs of its cluster. Both methods raise InputError once the cluster is lost."""

    @property
    def suspects(self) -> AbstractAsyncContextManager[object]:
        """Held while a question over which a worker was lost is asked again."""

    async def worker_for(self, node: str, settings: NodeSettings, barred: Collection[str]) -> str | None:
        """The worker that speaks with this node; None where there is none but those `barred`."""

    async def answer(self, worker: str, asked: Awaited, connect: Connect) -> Answer | None:
        """What the worker answers, None where it was lost first. Raises WorkerFault."""


class RemoteNode:
    """One node, with the capabilities that the node itself has.

    Methods raise what `Node` says; and InputError where the cluster is lost.
    """

    def __init__(self, settings: NodeSettings, connect: Connect, workers: Workers) -> None:
        self.settings = settings
        self._connect = connect
        self._workers = workers
        self._mark = _mark(settings, connect)
        self._worker: str | None = None
        self._barred: set[str] = set()  # workers at which the node could not be opened
        can = connect(settings).capabilities  # of a node that is never opened
        self._limits = None if can.limits is None else _RemoteLimits(can.limits)
        self.capabilities = Capabilities(
            now=can.now and _RemoteNow(self._ask),
            proofs=can.proofs and _RemoteProofs(self._ask),
            owners=can.owners and _RemoteOwners(self._ask),
            movements=can.movements and _RemoteMovements(self._ask),
            withdrawals=can.withdrawals and _RemoteWithdrawals(self._ask),
            progress=can.progress and _RemoteProgress(self._ask),
            limits=self._limits,
        )

    async def open(self) -> None:
        await self._ask(OPEN)

    async def block_at(self, height: int) -> Snapshot:
        return cast(Snapshot, await self._ask("block_at", height))

    async def oldest_height(self) -> int:
        return cast(int, await self._ask("oldest_height"))

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
                await self._workers.answer(worker, Awaited(uuid4().hex, self.settings, LEAVE), self._connect)

    async def _ask(self, method: str, *arguments: object) -> object:
        """What the node's method gives. Raises NodeError; InputError where the cluster is lost."""
        failed = NodeError(Why.UNREACHABLE, "no worker of the cluster is there to ask")
        for attempt in range(_WORKERS):
            # Which of many questions a worker was lost over shows when each is asked again by itself.
            async with self._workers.suspects if attempt else contextlib.nullcontext():
                worker = self._worker = self._worker or await self._workers.worker_for(
                    self._mark, self.settings, self._barred
                )
                if worker is None:
                    break
                try:
                    answer = await self._workers.answer(worker, self._asked(method, arguments), self._connect)
                except WorkerFault as fault:
                    failed = NodeError(fault.why, fault.what)
                    self._pass_over(worker)
                    continue
            if answer is None:
                failed = NodeError(Why.UNREACHABLE, f"{attempt + 1} workers were lost while they asked for this")
            elif answer.opened:
                if self._limits is not None and answer.limits is not None:
                    self._limits.take(answer.limits)
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

    def _asked(self, method: str, arguments: tuple[Any, ...]) -> Awaited:
        return Awaited(uuid4().hex, self.settings, method, arguments, self._limits is not None)


Ask = Callable[..., Awaitable[object]]
"""Puts a question, named as in `remote_questions`, with its arguments. Raises NodeError."""


class _RemoteNow:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        return cast("tuple[Snapshot, Reading]", await self._ask("read_now", asset, accounts))


class _RemoteProofs:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def header(self, snapshot: Snapshot) -> bytes:
        return cast(bytes, await self._ask("header", snapshot))

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        return cast("list[bytes]", await self._ask("proof_records", snapshot, questions))


class _RemoteOwners:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        return cast(ContractOwners, await self._ask("contract_owners", snapshot, contract))


class _RemoteMovements:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        return cast(bytes, await self._ask("movement_record", block, transaction))


class _RemoteWithdrawals:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def withdrawal_addresses(self, batch: Batch) -> list[bytes | Gap]:
        try:
            return cast("list[bytes | Gap]", await self._ask("withdrawal_addresses", batch))
        except NodeError as error:
            return [Gap(error.why, error.detail)] * len(batch.accounts)


class _RemoteProgress:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def progress(self) -> int | None:
        return cast("int | None", await self._ask("progress"))


class _RemoteLimits:
    """As the last answer said."""

    def __init__(self, unopened: ReportsLimits) -> None:
        self.ways: tuple[str, ...] = unopened.ways
        self.learnt: ObservedLimits = unopened.learnt

    def take(self, limits: NodeLimits) -> None:
        self.ways, self.learnt = limits.ways, limits.learnt


def _mark(settings: NodeSettings, connect: Connect) -> str:
    """A name for the node in the scheduler's list. It follows from the URL and the password, so it is made slowly:
    no one finds a password by trying many."""
    stated = [f"{each.name}={getattr(settings, each.name)}" for each in fields(settings)]
    maker = f"{getattr(connect, '__module__', '')}.{getattr(connect, '__qualname__', '')}"
    return scrypt("\0".join([*stated, maker]).encode(), salt=b"reserve-scanner node", n=2**14, r=8, p=1, dklen=16).hex()
