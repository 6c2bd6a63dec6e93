"""How far the reading of one chain has come, over all of its blocks, reported batch by batch."""

from __future__ import annotations

from scanner.core.ids import Chain
from scanner.scanning.events import Observer, Progress


class Count:
    """Holdings of one chain. Each is added once."""

    def __init__(self, chain: Chain, total: int, observe: Observer) -> None:
        self._chain = chain
        self._total = total
        self._observe = observe
        self._done = self._gaps = self._kept = 0

    def add(self, holdings: int, gaps: int, *, kept: bool = False) -> None:
        """So many holdings more are settled; `kept`: as a run before this one had settled them."""
        self._done += holdings
        self._gaps += gaps
        self._kept += holdings if kept else 0
        self._observe(Progress(self._chain, self._done, self._total, self._gaps, self._kept))
