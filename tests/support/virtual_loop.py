"""An event loop whose clock jumps: who sleeps is woken at once, in order, and the time that it takes is exact.

What runs on it is the product's own code with `asyncio.sleep` and `loop.time`; a run of minutes takes the time of its
arithmetic, on any machine the same. Not in here: anything that waits for a socket or a thread, which would be starved.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: what would have been waited is added to the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout:
            self.now += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time` begins at 0 seconds."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(act: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """What `act` comes to, and how many virtual seconds it took."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        result = runner.run(act)
        return result, runner.get_loop().time()
