"""A clock that only sleeping moves, so that tests of waiting take no time."""

from __future__ import annotations

import asyncio


class VirtualTime:
    """`clock` and `sleep` for one client; `pauses` is what was slept, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
