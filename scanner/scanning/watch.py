"""How far nodes have come with work that they do for us without answering: a Bitcoin node's pass over its outputs takes
minutes, and says how far it is only to who asks beside it.

For watching alone: what is reported here decides nothing, and a node that does not report is left in peace.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from scanner.chains.interface import ReportsProgress
from scanner.errors import NodeError
from scanner.scanning.events import NodeProgress, Observer, ignore
from scanner.scanning.node_group import NodeGroup

_PAUSE = 2.0  # seconds between two questions


@contextlib.asynccontextmanager
async def watched(group: NodeGroup, observe: Observer, pause: float = _PAUSE) -> AsyncIterator[None]:
    """While the body runs, tell of each of the group's nodes that says how far it is."""
    if observe is ignore:
        yield
        return
    watchers = [
        asyncio.ensure_future(_watch(group, operator.name, node.capabilities.progress, observe, pause))
        for operator, nodes in group.nodes.items()
        for node in nodes
        if node.capabilities.progress is not None
    ]
    try:
        yield
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


async def _watch(group: NodeGroup, operator: str, node: ReportsProgress, observe: Observer, pause: float) -> None:
    reported: int | None = None
    while True:
        await asyncio.sleep(pause)
        try:
            percent = await node.progress()
        except NodeError:
            return
        if percent is not None and percent != reported:
            reported = percent
            observe(NodeProgress(group.chain, operator, percent))
