"""What runs on a cluster's own machines: on its workers the nodes and the questions to them, on its scheduler the list
of who speaks with which node.

A node lives on one worker, whoever asks. What bounds the load on a node (requests at once, the pauses it asked for, one
scan of Bitcoin's outputs at a time) is the open node's own matter, and holds across the cluster because there is one.

A question holds a URL and may hold a key: it travels in a task's arguments, nothing here shows it, and an answer has no
exception that could. Not in here: what is asked when, and what becomes of a worker that is lost (`cluster`).

Source: distributed's documentation, "Plugins" and "Scheduler State Machine" (`extensions`).
"""

from __future__ import annotations

import asyncio
import functools
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from distributed import WorkerPlugin, get_worker

from scanner.chains.boundary import guarded
from scanner.chains.interface import Node
from scanner.core.instrument import NodeSettings
from scanner.errors import NodeError, Why

NAME: Final = "reserve-scanner"  # of what is kept on workers and on the scheduler
OPEN, LEAVE = "open", "leave"  # questions that are none to the node: have it open; this run needs it no longer

_log = logging.getLogger(__name__)

Connect = Callable[[NodeSettings], Node]


@dataclass(frozen=True, slots=True)
class Question:
    """One call of one method of one node."""

    run: str
    code: str  # the asking side's `code()`
    settings: NodeSettings
    connect: Connect = field(repr=False)
    method: str
    arguments: tuple[Any, ...] = field(default=(), repr=False)
    mirrored: tuple[str, ...] = ()  # what is to be told of the node beside the answer: names of its properties


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: a value, or why there is none."""

    value: Any = None
    error: tuple[Why, str] | None = None  # the node's failure
    fault: str | None = None  # a bug: the kind of exception, and where it was raised
    opened: bool = True  # False: the node could not be opened here, or this worker runs other code
    properties: tuple[Any, ...] = ()


async def ask(question: Question) -> Answer:
    """The task. Never raises, as a worker logs and hands on the arguments and the text of whatever is raised."""
    try:
        if question.code != code():
            return Answer(error=(Why.UNREACHABLE, "a worker runs another version of reserve-scanner"), opened=False)
        nodes = await _nodes()
        if question.method == LEAVE:
            await nodes.leave(question)
            return Answer()
        try:
            node = await nodes.opened(question)
        except NodeError as error:
            return Answer(error=(error.why, error.detail), opened=False)
        try:
            value = None if question.method == OPEN else await getattr(node, question.method)(*question.arguments)
            failure = None
        except NodeError as error:
            value, failure = None, (error.why, error.detail)
        return Answer(value, failure, properties=tuple(getattr(node, name) for name in question.mirrored))
    except Exception as error:  # noqa: BLE001 - its text may quote anything
        *_, frame = traceback.extract_tb(error.__traceback__)
        return Answer(fault=f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}")


def place(run: str, nodes: Sequence[str], barred: Sequence[str], dask_scheduler: Any) -> list[str | None]:
    """Runs on the scheduler, between two of its events: the address of the worker that speaks with each of `nodes`, the
    one it has if that worker is there, else the one with the fewest nodes; None if there is no worker but `barred`.

    What a coordinator that is gone asked for counts no longer.
    """
    places: dict[str, tuple[str, set[str]]] = dask_scheduler.extensions.setdefault(NAME, {})
    for node, (worker, runs) in list(places.items()):
        runs.intersection_update(dask_scheduler.clients)
        if not runs or worker not in dask_scheduler.workers:
            del places[node]
    loads = Counter(worker for worker, _ in places.values())
    running = (address for address, worker in dask_scheduler.workers.items() if worker.status.name == "running")
    fit = sorted(set(running).difference(barred))
    found: list[str | None] = []
    for node in nodes:
        worker, runs = places.get(node, ("", set[str]()))
        if not worker or worker in barred:
            if not fit:
                found.append(None)
                continue
            worker = min(fit, key=lambda address: (loads[address], address))
            loads[worker] += 1
        places[node] = worker, runs | {run}
        found.append(worker)
    return found


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

    def setup(self, worker: object) -> None:
        """Nothing to do: nodes are opened when they are asked for."""

    async def teardown(self, worker: object) -> None:  # noqa: ARG002 - as WorkerPlugin has it
        await asyncio.gather(*map(self._close, list(self._opening)), return_exceptions=True)

    async def opened(self, question: Question) -> Node:
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

    async def leave(self, question: Question) -> None:
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


async def _nodes() -> Nodes:
    """This worker's nodes."""
    worker: Any = get_worker()
    if NAME not in worker.plugins:
        await worker.plugin_add(plugin=Nodes(), name=NAME)
    nodes: Nodes = worker.plugins[NAME]
    return nodes
