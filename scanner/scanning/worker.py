"""What runs on a cluster's own machines: on its workers the nodes and the questions to them, on its scheduler the list
of who speaks with which node.

A node lives on one worker, no matter who asks. What bounds the load on a node (requests at once, the pauses it asked
for, one scan of Bitcoin's outputs at a time) is the open node's own matter, and holds across the cluster because there
is one. The nodes of one chain's operators live on as many workers as there are, so that one worker speaks for as few as
can be.

A question holds a URL and may hold a key: it travels in a request's arguments, nothing here shows it, and an answer has
no exception that could. Everything that is given back is bytes in the form of `answers`, or JSON. Not in here: what is
asked when, and what becomes of a worker that is lost (`cluster`).

Source: distributed's documentation, "Plugins" and "Scheduler State Machine" (`extensions`).
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from distributed import WorkerPlugin

from scanner.chains.boundary import guarded
from scanner.chains.interface import Node
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.answers import PENDING, Answer, NodeLimits, encode
from scanner.scanning.remote_questions import LEAVE, METHODS, OPEN

NAME: Final = "reserve-scanner"  # of what is kept on workers and on the scheduler

_AT_ONCE: Final = 5  # seconds after which the asking side hears that its question is being worked on
_KEPT: Final = 300  # seconds that an answer is kept that is not fetched
_LEASE: Final = 60  # seconds without a word of a run after which it counts no longer

_log = logging.getLogger(__name__)

Connect = Callable[[NodeSettings], Node]


@dataclass(frozen=True, slots=True)
class NodeCall:
    """One call of one method of one node."""

    name: str  # of this one question, which its answer repeats
    run: str
    code: str  # the asking side's `code()`
    settings: NodeSettings
    connect: Connect = field(repr=False)
    method: str
    arguments: tuple[Any, ...] = field(default=(), repr=False)
    limits: bool = False  # whether what the node was found to take comes with the answer


async def ask(question: NodeCall, dask_worker: Any) -> bytes:
    """The answer, or PENDING, after which `more` is asked. Never raises, as a worker logs whatever is raised."""
    nodes = await _nodes(dask_worker)
    nodes.begin(question)
    return await nodes.outcome(question.name)


async def more(name: str, dask_worker: Any) -> bytes:
    """The answer to a question that was asked before, or PENDING still."""
    return await (await _nodes(dask_worker)).outcome(name)


def about() -> bytes:
    """Which version of this package, and which code of it, is here, as JSON."""
    return json.dumps({"version": metadata.version(NAME), "code": code()}).encode()


def look(run: str, dask_scheduler: Any) -> bytes:
    """Runs on the scheduler: the addresses of the workers that run, as JSON. The one that asks is among them."""
    for _, _, runs in dask_scheduler.extensions.setdefault(NAME, {}).values():
        if run in runs:
            runs[run] = time.monotonic()
    return json.dumps(_running(dask_scheduler)).encode()


def place(run: str, node: str, seat: str, barred: Sequence[str], dask_scheduler: Any) -> bytes:
    """Runs on the scheduler, between two of its events: the worker that speaks with `node`, as JSON; see `placed`."""
    return json.dumps(placed(run, [(node, seat)], barred, dask_scheduler, time.monotonic())[0]).encode()


def placed(
    run: str, nodes: Sequence[tuple[str, str]], barred: Collection[str], dask_scheduler: Any, now: float
) -> list[str | None]:
    """The address of the worker that speaks with each of `nodes`, given with the seat that it fills: a chain and an
    operator, as `seat` writes them. The one it has if that worker is there, else the one that speaks for the fewest
    other operators of the chain, then the one with the fewest nodes; None if there is no worker but `barred`.

    What a coordinator that is gone asked for counts no longer.
    """
    places: dict[str, tuple[str, str, dict[str, float]]] = dask_scheduler.extensions.setdefault(NAME, {})
    running = _running(dask_scheduler)
    for node, (worker, _, runs) in list(places.items()):
        for gone in [each for each, seen in runs.items() if now - seen > _LEASE]:
            del runs[gone]
        if not runs or worker not in dask_scheduler.workers:
            del places[node]
    loads = Counter(worker for worker, _, _ in places.values())
    fit = sorted(set(running).difference(barred))
    found: list[str | None] = []
    for node, filled in nodes:
        worker, _, runs = places.get(node, ("", "", dict[str, float]()))
        if not worker or worker in barred:
            if not fit:
                found.append(None)
                continue
            seats = {(at, taken) for at, taken, _ in places.values()}
            others = Counter(at for at, taken in seats if taken != filled and _chain(taken) == _chain(filled))
            worker = min(fit, key=lambda address: (others[address], loads[address], address))
            loads[worker] += 1
        places[node] = worker, filled, runs | {run: now}
        found.append(worker)
    return found


def seat(settings: NodeSettings) -> str:
    """A chain and an operator, as one text."""
    return f"{settings.chain} {settings.operator}"


def _chain(taken: str) -> str:
    return taken.partition(" ")[0]


def _running(dask_scheduler: Any) -> list[str]:
    return [address for address, worker in dask_scheduler.workers.items() if worker.status.name == "running"]


@functools.cache
def code() -> str:
    """A digest of this package's source: two machines that agree on it run the same code."""
    root = Path(__file__).parent.parent
    digest = blake2b(digest_size=16)
    for path in sorted(root.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


class Nodes(WorkerPlugin):
    """The nodes that are open on one worker, as a plugin of it: closed when it shuts down."""

    def __init__(self) -> None:
        self._opening: dict[tuple[NodeSettings, Connect], asyncio.Task[Node]] = {}
        self._runs: dict[tuple[NodeSettings, Connect], set[str]] = {}
        self._asked: dict[str, asyncio.Task[bytes]] = {}  # by the question's name

    def setup(self, worker: object) -> None:
        """Nothing to do: nodes are opened when they are asked for."""

    async def teardown(self, worker: object) -> None:  # noqa: ARG002 - as WorkerPlugin has it
        await asyncio.gather(*map(self._close, list(self._opening)), return_exceptions=True)

    def begin(self, question: NodeCall) -> None:
        """Work on a question, no matter who waits for the answer."""
        task = self._asked[question.name] = asyncio.ensure_future(self._answer(question))
        loop = asyncio.get_running_loop()
        task.add_done_callback(lambda _: loop.call_later(_KEPT, self._asked.pop, question.name, None))

    async def outcome(self, name: str) -> bytes:
        """What a question came to, within some seconds."""
        task = self._asked.get(name)
        if task is None:
            return encode(name, Answer(fault="the question is not known here"))
        done, _ = await asyncio.wait([task], timeout=_AT_ONCE)
        if not done:
            return PENDING
        self._asked.pop(name, None)
        return task.result()

    async def _answer(self, question: NodeCall) -> bytes:
        try:
            return encode(question.name, await self._tried(question))
        except Exception as error:  # noqa: BLE001 - its text may quote anything
            *_, frame = traceback.extract_tb(error.__traceback__)
            fault = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
            return encode(question.name, Answer(fault=fault))

    async def _tried(self, question: NodeCall) -> Answer:
        if question.code != code():
            return Answer(error=(Why.UNREACHABLE, "a worker runs another version of reserve-scanner"), opened=False)
        if question.method == LEAVE:
            await self.leave(question)
            return Answer()
        try:
            node = await self.opened(question)
        except NodeError as error:
            return Answer(error=(error.why, error.detail), opened=False)
        try:
            value = None if question.method == OPEN else await METHODS[question.method].of(node)(*question.arguments)
        except NodeError as error:
            return Answer(error=(error.why, error.detail))
        limits = node.capabilities.limits if question.limits else None
        return Answer(value, limits=None if limits is None else NodeLimits(limits.ways, limits.learnt))

    async def opened(self, question: NodeCall) -> Node:
        """The open node, opened once for all who ask meanwhile. Raises NodeError, and forgets, where it cannot be."""
        key = question.settings, question.connect
        task = self._opening.get(key)
        if task is None:
            task = self._opening[key] = asyncio.ensure_future(_open(*key))
        self._runs.setdefault(key, set()).add(question.run)
        try:
            return await asyncio.shield(task)
        except NodeError:
            if self._opening.get(key) is task:
                del self._opening[key]
            raise

    async def leave(self, question: NodeCall) -> None:
        """The run needs the node no longer; after the last run that did it is closed."""
        key = question.settings, question.connect
        runs = self._runs.get(key, set())
        runs.discard(question.run)
        if not runs:
            await self._close(key)

    async def _close(self, key: tuple[NodeSettings, Connect]) -> None:
        self._runs.pop(key, None)
        task = self._opening.pop(key, None)
        if task is not None:
            await (await task).close()


async def _open(settings: NodeSettings, connect: Connect) -> Node:
    node = guarded(connect(settings), lambda bug: _log.error("an answer of %s met a bug: %s", settings.operator, bug))
    try:
        await node.open()
    except BaseException:
        await node.close()
        raise
    return node


async def _nodes(worker: Any) -> Nodes:
    """This worker's nodes."""
    if NAME not in worker.plugins:
        await worker.plugin_add(plugin=Nodes(), name=NAME)
    nodes: Nodes = worker.plugins[NAME]
    return nodes
