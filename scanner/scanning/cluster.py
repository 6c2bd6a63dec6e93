"""A run on more than one machine: whatever is asked of a node is asked by a worker of a Dask cluster.

    scheduler    tells the coordinator which worker speaks with which node, and keeps nothing else
    workers      hold the open nodes, each node on one worker, and ask
    coordinator  the run as it always is: pins, proves, settles, writes the journal; it connects to no node

So a run changes in one place: the nodes it opens are remote ones. The coordinator looks every half second which workers
are there; what a worker that is gone was asked, the next one is asked. A scheduler that is gone ends the run.

distributed is imported when a cluster is used, and never without. docs/scaling.md says when it pays.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, Final, cast

from scanner.chains.interface import Node
from scanner.core.instrument import NodeSettings
from scanner.errors import InputError, Mistake, Why
from scanner.scanning.events import ClusterJoined, Observer, WorkerLost
from scanner.scanning.remote import RemoteNode

if TYPE_CHECKING:
    from distributed import Client

    from scanner.scanning.worker import Answer, Question

Connect = Callable[[NodeSettings], Node]

_TO_CONNECT: Final = 10  # seconds, to the scheduler
_TO_ANSWER: Final = 30  # seconds that the scheduler may take for a word of its own
_FOR_WORKERS: Final = 60  # seconds without any worker, as while they are started again
_LOOK: Final = 0.5  # seconds from one look at the workers to the next
_LARGE: Final = "1 GiB"  # of a task's arguments, before distributed warns: a batch of 250,000 scripts has 9 MB


@contextlib.asynccontextmanager
async def on_cluster(cluster: str | Client | None, connect: Connect, observe: Observer) -> AsyncIterator[Connect]:
    """`connect` for a run whose nodes live on the cluster's workers; `connect` itself where there is no cluster.

    `cluster`: a scheduler's address, such as `tcp://scheduler:8786` or `tls://...`, or a client of one. Raises
    InputError where it cannot be used, or has other code of this package than this machine.
    """
    if cluster is None:
        yield connect
        return
    _check_importable(connect)
    client = await _client(cluster)
    try:
        used = Cluster(client, connect, observe)
        observe(ClusterJoined(used.address, await used.check()))
        watching = asyncio.ensure_future(used.watch())
        try:
            yield used.connect
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    finally:
        with contextlib.suppress(Exception):  # it is left, whatever it says to that
            await asyncio.wait_for(client.close(), _TO_ANSWER)


class Cluster:
    """The coordinator's end of a cluster. All methods raise InputError once it is lost."""

    def __init__(self, client: Any, connect: Connect, observe: Observer) -> None:
        self.address: str = client.scheduler.address
        self._client = client  # asynchronous, for which distributed's annotations are not meant
        self._connect = connect
        self._observe = observe
        self._gone: dict[str, asyncio.Event] = {}  # by worker that was asked something
        self._lost = asyncio.Event()
        self.suspects = asyncio.Lock()  # of a question over which a worker was lost, while it is asked again

    def connect(self, settings: NodeSettings) -> Node:
        """The node these settings describe, on whichever worker it comes to live. Raises what `connect` does."""
        return RemoteNode(settings, self._connect, self)

    async def check(self) -> int:
        """How many workers there are, all with this very code, as has the scheduler. Raises InputError."""
        from scanner.scanning.worker import NAME, code

        async with self._reached():
            await self._client.wait_for_workers(1, timeout=_TO_ANSWER)
        async with self._reached():
            versions = await self._everywhere(metadata.version, NAME)
        ours = metadata.version(NAME)
        wrong = {where: f"has {NAME} {found}" for where, found in versions.items() if found != ours}
        wrong |= {where: f"has no {NAME}" for where, found in versions.items() if isinstance(found, Exception)}
        if not wrong:
            async with self._reached():
                digests = await self._everywhere(code)
            wrong = {where: f"has other code of {NAME} {ours}" for where, found in digests.items() if found != code()}
        if wrong:
            what = f"expected what this machine has, {ours}, on all"
            raise InputError([Mistake(where, f"{has}; {what}") for where, has in sorted(wrong.items())])
        return len(versions) - 1

    async def _everywhere(self, function: Callable[..., object], *arguments: object) -> dict[str, object]:
        """What the function gives on each worker and on the scheduler, or the exception it raises there."""
        on_workers = self._client.run(function, *arguments, on_error="return")
        found: dict[str, object] = {
            f"worker {address}": value for address, value in (await asyncio.wait_for(on_workers, _TO_ANSWER)).items()
        }
        try:
            there = self._client.run_on_scheduler(function, *arguments)
            found[f"scheduler {self.address}"] = await asyncio.wait_for(there, _TO_ANSWER)
        except (ImportError, AttributeError) as error:  # there is no such package, or no such function in it
            found[f"scheduler {self.address}"] = error
        return found

    async def worker_for(self, node: str, barred: Collection[str]) -> str | None:
        """The address of the worker that speaks with this node; None where there are none but those `barred`."""
        from scanner.scanning.worker import place

        deadline = asyncio.get_running_loop().time() + _FOR_WORKERS
        while True:
            async with self._reached():
                asked = self._client.run_on_scheduler(place, self._client.id, [node], list(barred))
                (worker,) = await asyncio.wait_for(asked, _TO_ANSWER)
            if worker is not None or barred:
                return None if worker is None else str(worker)
            if asyncio.get_running_loop().time() > deadline:
                raise InputError.at(
                    f"cluster {self.address}", f"has no worker, and had none for {_FOR_WORKERS} seconds"
                )
            await asyncio.sleep(_LOOK)

    def question(
        self,
        settings: NodeSettings,
        connect: Connect,
        method: str,
        arguments: tuple[object, ...],
        mirrored: tuple[str, ...],
    ) -> Question:
        from scanner.scanning.worker import Question, code

        return Question(self._client.id, code(), settings, connect, method, arguments, mirrored)

    async def answer(self, worker: str, question: Question, key: str) -> Answer | None:
        """What the worker answers, None where it was lost first. The key names the task, and is shown and logged."""
        import dask

        from scanner.scanning.worker import ask

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": _LARGE}):
            async with self._reached():
                future = self._client.submit(
                    ask,
                    question,
                    key=f"scanner-{key}",
                    workers=[worker],
                    allow_other_workers=False,
                    priority=0 if question.method == "read" else 1,  # a short question waits for no batch
                )
        gone = self._gone.setdefault(worker, asyncio.Event())
        outcome = asyncio.ensure_future(self._outcome(future))
        ends = [asyncio.ensure_future(event.wait()) for event in (gone, self._lost)]
        try:
            await asyncio.wait([outcome, *ends], return_when=asyncio.FIRST_COMPLETED)
            if outcome.done():
                return outcome.result()
            if self._lost.is_set():
                raise self._loss()
            return None
        finally:
            for end in ends:
                end.cancel()
            # Never cancelled: distributed fetches many results at once, and who cancels one cancels them all. Released,
            # it ends by itself.
            outcome.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            future.release()

    async def _outcome(self, future: Any) -> Answer | None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        from scanner.scanning.worker import Answer

        try:
            return cast("Answer", await future.result())
        except FutureCancelledError as error:
            if error.reason == "scheduler-connection-lost" or self._client.status != "running":
                raise self._loss() from None
            return None
        except KilledWorker:
            return None
        except Exception as error:  # noqa: BLE001 - whatever keeps a worker from taking or giving what it was sent
            told = f"a worker could not take the question: {type(error).__name__}"
            return Answer(error=(Why.UNREACHABLE, told), opened=False)

    async def watch(self) -> None:
        """Looks who is there, until cancelled; without this looking, for want of a scheduler, the cluster is lost."""
        try:
            while True:
                told: Any = await asyncio.wait_for(self._client.scheduler.identity(), _TO_ANSWER)
                for worker in self._gone.keys() - told["workers"].keys():
                    self._gone.pop(worker).set()
                    self._observe(WorkerLost(worker))
                await asyncio.sleep(_LOOK)
        finally:
            self._lost.set()

    @contextlib.asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """What of the body fails for want of a scheduler is told as that."""
        if self._lost.is_set() or self._client.status != "running":
            raise self._loss()
        try:
            yield
        except (OSError, TimeoutError):
            if self._client.status == "running" and not self._lost.is_set():
                raise InputError.at(f"cluster {self.address}", "does not answer, or has no workers") from None
            raise self._loss() from None

    def _loss(self) -> InputError:
        what = "the connection to the scheduler was lost; with a journal, the same run goes on from there"
        return InputError.at(f"cluster {self.address}", what)


def _check_importable(connect: Connect) -> None:
    """Workers know a node by its settings and by who opens it, which must be the same function every time: one that
    they import by its name, not one that is sent to them anew with each question. Raises InputError."""
    module, name = getattr(connect, "__module__", "__main__"), getattr(connect, "__qualname__", "")
    if module == "__main__" or getattr(import_module(module), name, None) is not connect:
        raise InputError.at("connect", "on a cluster this must be a function that its workers can import by its name")


async def _client(cluster: str | Client) -> Any:
    """A client of our own, in this event loop. Raises InputError."""
    try:
        distributed, addresses = import_module("distributed"), import_module("distributed.comm.registry")
    except ImportError:
        what = "needs Dask: pip install 'reserve-scanner[dask]'"
        raise InputError.at("cluster", what) from None
    security: Any = None
    if isinstance(cluster, str):
        address = cluster
    else:
        scheduler: Any = cluster.scheduler
        if scheduler is None:
            raise InputError.at("cluster", "the client is not connected to a scheduler")
        address, security = scheduler.address, cluster.security
    options = {"asynchronous": True, "timeout": _TO_CONNECT, "security": security, "set_as_default": False}
    client = None
    try:
        addresses.get_backend(address.partition("://")[0])
        client = distributed.Client(address, **options)
        return await client
    except (OSError, TimeoutError):
        raise InputError.at(f"cluster {address}", "no scheduler answers there") from None
    except (ValueError, TypeError) as error:
        what = f"cannot be used: {error}; expected an address such as tls://scheduler:8786"
        what += ", with certificates in Dask's settings distributed.comm.tls" if address.startswith("tls") else ""
        raise InputError.at(f"cluster {address}", what) from None
    finally:
        if client is not None and client.status != "running":
            await client.close()
