"""Which worker of a cluster brought whose answers, for the statement's `run.workers`.

It is the scheduler that names a worker's address, so all of this is as good as its word.
"""

from __future__ import annotations

from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings


class Brought:
    """Workers, distinguished and not named."""

    def __init__(self) -> None:
        self._by_worker: dict[str, set[tuple[Chain, str]]] = {}

    def note(self, worker: str, settings: NodeSettings) -> None:
        self._by_worker.setdefault(worker, set()).add((settings.chain, settings.operator))

    def by_worker(self) -> list[dict[Chain, tuple[str, ...]]]:
        """Of each worker, by chain, the operators for which it spoke, sorted."""
        return [
            {
                chain: tuple(sorted(name for at, name in pairs if at == chain))
                for chain in sorted({at for at, _ in pairs})
            }
            for pairs in self._by_worker.values()
        ]
