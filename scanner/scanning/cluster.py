"""A run on more than one machine: whatever is asked of a node is asked by a worker of a Dask cluster.

    scheduler    passes on what is asked and answered, keeps the list of which worker speaks with which node
    workers      hold the open nodes, each node on one worker, and ask
    coordinator  the run as it always is: pins, proves, settles, writes the journal; it connects to no node

So a run changes in one place: the nodes it opens are remote ones. The coordinator looks every half second which workers
are there; what a worker that is gone was asked, the next one is asked. A scheduler that is gone ends the run.

The signing key lies where the coordinator runs, so scheduler and workers are strangers to it: it reads from them plain
data alone (`dask_wire`), of the form that was asked for (`answers`), within bounds of size and time.

Of distributed only the settings for TLS are used here, when a cluster is. docs/scaling.md says when one pays.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Collection
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from scanner.chains.interface import Node
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError, Why
from scanner.scanning.answers import PENDING, Answer, WorkerFault, decode
from scanner.scanning.brought import Brought
from scanner.scanning.dask_wire import SchedulerLink, WireError, call, result
from scanner.scanning.events import ClusterJoined, Observer, WorkerDistrusted, WorkerLost
from scanner.scanning.remote import Connect, RemoteNode
from scanner.scanning.remote_questions import OPEN, Awaited
from scanner.scanning.same_code import require_same_code
from scanner.scanning.scheduler_address import WORKER, SchedulerAddress, access

if TYPE_CHECKING:
    from distributed import Client

_TO_CONNECT: Final = 10  # seconds, to the scheduler
_TO_ANSWER: Final = 30  # seconds that a scheduler or a worker may take for a word, if only that it is at it
_FOR_WORKERS: Final = 60  # seconds without any worker, as while they are started again
_TO_BE_MISSED: Final = 10  # seconds that a scheduler may take to notice that a worker is gone
_LOOK: Final = 0.5  # seconds from one look at the workers to the next
_WORD: Final = 4 * 1024 * 1024  # bytes of what a scheduler says of itself and its workers
_AT_ONCE: Final = 256  # questions under way; a scheduler has some 500 connections to its workers


@contextlib.asynccontextmanager
async def on_cluster(
    cluster: str | Client | None, connect: Connect, observe: Observer, *, plaintext: bool = False
) -> AsyncIterator[tuple[Connect, Brought | None]]:
    """`connect` for a run whose nodes live on the cluster's workers, and who brought what; `connect` itself, and None,
    where there is no cluster.

    `cluster`: a scheduler's address, such as `tls://scheduler:8786`, or a client of one; `plaintext` allows an
    unencrypted one on another machine. Raises InputError where it cannot be used, or has other code of this package
    than this machine.
    """
    if cluster is None:
        yield connect, None
        return
    _check_importable(connect)
    address, tls = access(cluster, plaintext=plaintext)
    used = Cluster(address, SchedulerLink(address, tls), connect, observe)
    try:
        observe(ClusterJoined(used.address, await used.check()))
        watching = asyncio.ensure_future(used.watch())
        try:
            yield used.connect, used.workers
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    finally:
        used.close()


class Cluster:
    """The coordinator's end of a cluster. All methods raise InputError once it is lost."""

    def __init__(self, address: SchedulerAddress, link: SchedulerLink, connect: Connect, observe: Observer) -> None:
        self.address = str(address)
        self.workers = Brought()
        self.suspects = asyncio.Lock()  # of a question over which a worker was lost, while it is asked again
        self._link = link
        self._connect = connect
        self._observe = observe
        self._run = uuid4().hex
        self._gone: dict[str, asyncio.Event] = {}  # by worker that was asked something
        self._lost = asyncio.Event()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._distrusted: set[str] = set()
        self._going: dict[str, float] = {}  # workers that were lost, and that the scheduler has not missed: since when

    def connect(self, settings: NodeSettings) -> Node:
        """The node these settings describe, on whichever worker it comes to live. Raises what `connect` does."""
        return RemoteNode(settings, self._connect, self)

    def close(self) -> None:
        self._link.close()

    async def check(self) -> int:
        """How many workers there are, all with this very code, as has the scheduler. Raises InputError."""
        from scanner.scanning.worker import about

        try:
            reached = await asyncio.wait_for(self._link.request({"op": "identity"}, _WORD), _TO_CONNECT)
        except (OSError, TimeoutError, WireError, ssl.SSLError):
            raise InputError.at(f"cluster {self.address}", "no scheduler answers there") from None
        if not isinstance(reached, dict) or reached.get("type") != "Scheduler":
            raise InputError.at(f"cluster {self.address}", "no scheduler answers there")
        code = {f"scheduler {self.address}": await self._reply({"op": "run_function", **call(about)})}
        workers = await self._some_workers()
        asked = await self._asked({"op": "broadcast", "msg": {"op": "run", **call(about)}, "on_error": "ignore"})
        for worker in workers:
            code[f"worker {worker}"] = result(asked.get(worker)) if isinstance(asked, dict) else None
        require_same_code(code)
        return len(workers)

    async def _some_workers(self) -> list[str]:
        deadline = asyncio.get_running_loop().time() + _TO_ANSWER
        while not (workers := await self._running()):
            if asyncio.get_running_loop().time() > deadline:
                raise InputError.at(f"cluster {self.address}", "does not answer, or has no workers")
            await asyncio.sleep(_LOOK)
        return workers

    async def _running(self) -> list[str]:
        from scanner.scanning.worker import look

        reply = await self._reply({"op": "run_function", **call(look, self._run)})
        try:
            workers = msgspec.json.decode(b"" if reply is None else reply, type=list[str])
        except msgspec.MsgspecError:
            raise self._strange() from None
        if not all(map(WORKER.fullmatch, workers)):
            raise self._strange()
        return workers

    async def worker_for(self, node: str, settings: NodeSettings, barred: Collection[str]) -> str | None:
        """The address of the worker that speaks with this node; None where there are none but those `barred`, and
        those that gave a wrong answer before."""
        from scanner.scanning.worker import place, seat

        deadline = asyncio.get_running_loop().time() + _FOR_WORKERS
        while True:
            unfit = self._distrusted.union(barred)
            passed = sorted(unfit.union(self._going))
            reply = await self._reply({"op": "run_function", **call(place, self._run, node, seat(settings), passed)})
            try:
                worker = msgspec.json.decode(b"" if reply is None else reply, type=str | None)
            except msgspec.MsgspecError:
                raise self._strange() from None
            if worker is not None and (not WORKER.fullmatch(worker) or worker in passed):
                raise self._strange()
            if worker is not None or unfit:
                return worker
            if asyncio.get_running_loop().time() > deadline:
                raise InputError.at(
                    f"cluster {self.address}", f"has no worker, and had none for {_FOR_WORKERS} seconds"
                )
            await asyncio.sleep(_LOOK)

    async def answer(self, worker: str, asked: Awaited, connect: Connect) -> Answer | None:
        """What the worker answers, None where it was lost first. Raises WorkerFault for one that does not answer, or
        not as it was asked."""
        if self._lost.is_set():
            raise self._loss()
        gone = self._gone.setdefault(worker, asyncio.Event())
        outcome = asyncio.ensure_future(self._outcome(worker, asked, connect))
        ends = [asyncio.ensure_future(event.wait()) for event in (gone, self._lost)]
        try:
            await asyncio.wait([outcome, *ends], return_when=asyncio.FIRST_COMPLETED)
            if not outcome.done() and self._lost.is_set():
                raise self._loss()
            answer = outcome.result() if outcome.done() else None
        except WorkerFault as fault:
            if fault.lasting and worker not in self._distrusted:
                self._distrusted.add(worker)
                self._observe(WorkerDistrusted(worker, fault.what))
            raise
        finally:
            for task in (outcome, *ends):
                task.cancel()
            outcome.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        if answer is None:
            self._going.setdefault(worker, asyncio.get_running_loop().time())
            self._miss(worker)
        return answer

    async def _outcome(self, worker: str, asked: Awaited, connect: Connect) -> Answer | None:
        from scanner.scanning.worker import NodeCall, ask, code, more

        question = NodeCall(
            asked.name, self._run, code(), asked.settings, connect, asked.method, asked.arguments, asked.limits
        )
        deadline = asyncio.get_running_loop().time() + asked.patience
        async with self._turns:
            reply = await self._of_worker(worker, asked, call(ask, question))
        while reply == PENDING:
            if asyncio.get_running_loop().time() > deadline:
                raise WorkerFault(Why.UNREACHABLE, f"a worker had no answer within {asked.patience:.0f} seconds")
            async with self._turns:
                reply = await self._of_worker(worker, asked, call(more, asked.name))
        if reply is None:
            return None
        answer = decode(asked, reply)
        if answer.error is None and asked.method != OPEN:
            self.workers.note(worker, asked.settings)
        return answer

    async def _of_worker(self, worker: str, asked: Awaited, called: dict[str, Any]) -> bytes | None:
        """What a function called at the worker gives; None where the worker was lost."""
        message = {"op": "broadcast", "msg": {"op": "run", **called}, "workers": [worker], "on_error": "ignore"}
        try:
            reply = await asyncio.wait_for(self._link.request(message, asked.most), _TO_ANSWER)
        except TimeoutError:
            raise WorkerFault(Why.UNREACHABLE, f"a worker said nothing for {_TO_ANSWER} seconds") from None
        except WireError as error:
            raise WorkerFault(Why.MALFORMED, f"a worker's answer could not be read: {error}") from None
        except OSError:
            self._lost.set()
            raise self._loss() from None
        if not isinstance(reply, dict) or worker not in reply:
            return None
        found = result(reply[worker])
        if found is None:
            raise WorkerFault(Why.MALFORMED, "a worker's answer is no data")
        return found

    async def watch(self) -> None:
        """Looks who is there, until cancelled; without this looking, for want of a scheduler, the cluster is lost."""
        try:
            while True:
                there = await self._running()
                self._look_after(there)
                for worker in self._gone.keys() - set(there):
                    self._miss(worker)
                await asyncio.sleep(_LOOK)
        finally:
            self._lost.set()

    def _look_after(self, there: Collection[str]) -> None:
        """Workers that were lost and are there all the same took a question, and gave nothing."""
        now = asyncio.get_running_loop().time()
        for worker, since in list(self._going.items()):
            if worker not in there:
                del self._going[worker]
            elif now - since > _TO_BE_MISSED and worker not in self._distrusted:
                self._distrusted.add(worker)
                self._observe(WorkerDistrusted(worker, "it took a question, and gave nothing back"))

    def _miss(self, worker: str) -> None:
        gone = self._gone.pop(worker, None)
        if gone is not None:
            gone.set()
            self._observe(WorkerLost(worker))

    async def _reply(self, message: dict[str, Any]) -> bytes | None:
        return result(await self._asked(message))

    async def _asked(self, message: dict[str, Any]) -> Any:
        """What the scheduler says. Raises InputError where it is lost."""
        if self._lost.is_set():
            raise self._loss()
        try:
            return await asyncio.wait_for(self._link.request(message, _WORD), _TO_ANSWER)
        except WireError:
            raise self._strange() from None
        except (OSError, TimeoutError):
            raise self._loss() from None

    def _loss(self) -> InputError:
        what = "the connection to the scheduler was lost; with a journal, the same run goes on from there"
        return InputError.at(f"cluster {self.address}", what)

    def _strange(self) -> InputError:
        return InputError.at(f"cluster {self.address}", "the scheduler's answer is none")


def _check_importable(connect: Connect) -> None:
    """Workers know a node by its settings and by who opens it, which must be the same function every time: one that
    they import by its name, not one that is sent to them anew with each question. Raises InputError."""
    module, name = getattr(connect, "__module__", "__main__"), getattr(connect, "__qualname__", "")
    if module == "__main__" or getattr(import_module(module), name, None) is not connect:
        raise InputError.at("connect", "on a cluster this must be a function that its workers can import by its name")
