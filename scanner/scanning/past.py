"""What leads into a chain's past by way of the chain that decides what is final on it: asked of that one's nodes.

They are opened when they are needed: most anchors are made without. Not in here: the path that becomes longer by it
(`anchoring`), and whether what a node gives holds (`chains.ancestry`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from scanner.chains.interface import ServesPast
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import NodeError, Why
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pin import unserved


class PastOf:
    """The past of one chain."""

    def __init__(self, open_nodes: Callable[[], Awaitable[NodeGroup]]) -> None:
        """`open_nodes`: of the deciding chain; called once at most."""
        self._open_nodes = open_nodes
        self._sources: list[ServesPast] | None = None
        self.gap = Gap(
            Why.UNSUPPORTED, "no node of the chain that decides what is final gives what leads into the past"
        )

    async def reaches(self, newer: Snapshot, older: Snapshot) -> bool:
        """Whether a node may lead from the newer block to the older one. `gap` says why none does."""
        for source in await self._opened():
            try:
                await source.reaches(newer, older)
            except NodeError as error:
                self.gap = Gap(error.why, error.detail)
            else:
                return True
        return False

    async def records(self, newer: Snapshot, older: Snapshot) -> AsyncIterator[list[bytes]]:
        """Records that may lead there, of each node that has them. Where there are no more, `gap` says why."""
        for source in await self._opened():
            try:
                found = await source.past_records(newer, older)
            except NodeError as error:
                self.gap = Gap(error.why, error.detail)
            else:
                yield found

    async def _opened(self) -> list[ServesPast]:
        if self._sources is None:
            group = await self._open_nodes()
            if (gap := unserved(group) or next(iter(group.silent.values()), None)) is not None:
                self.gap = Gap(gap.why, f"{group.chain}: {gap.detail}")
            nodes = [node for nodes in group.nodes.values() for node in nodes]
            self._sources = [past for node in nodes if (past := node.capabilities.past) is not None]
        return self._sources
