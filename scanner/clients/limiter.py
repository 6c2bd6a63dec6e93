"""The gate before one node: who wants to ask waits here, oldest first, until the node's rate lets it through.

What the node said to one request holds for all: they wait together, not each in its own retry. Clock and sleep are
arguments. Not in here: what the pace is (`pace`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from scanner.clients.rate import FIRST_PAUSE, Rate, Ticket


class Limiter:
    """Lets `pace.at_once` requests be under way, and none before the pace's pauses are over."""

    def __init__(
        self,
        most: int,
        *,
        sleep: Callable[[float], Awaitable[object]],
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        """`most`: requests at once, at most; `clock`: seconds, never running backwards; `jitter`: from 0 to 1."""
        self.pace = Rate(most)
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._under_way = 0
        self._turnstile = asyncio.Lock()  # one at a time decides whether it may go, in the order of their coming
        self._left = asyncio.Event()
        self._slept_until = float("-inf")

    async def enter(self, calls: Callable[[], int]) -> Ticket:
        """Wait for one's turn to send a request, and ask `calls` then how many it holds: what was learnt meanwhile
        counts. One that enters must `leave`; the ticket is for `answered` and `refused`.
        """
        async with self._turnstile:
            while True:
                now = self._now()
                if self._under_way >= self.pace.at_once:
                    self._left.clear()
                    await self._left.wait()
                elif pause := self.pace.pause(now):
                    await self._sleep(pause)
                    self._slept_until = max(self._slept_until, now + pause)
                else:
                    self._under_way += 1
                    return self.pace.sent(now, calls())

    def leave(self) -> None:
        """The request is over, however it ended."""
        self._under_way -= 1
        self._left.set()

    def answered(self, ticket: Ticket) -> None:
        """The node answered the request."""
        self.pace.answered(self._now(), ticket)

    def refused(self, ticket: Ticket, taken: int, after: float | None) -> None:
        """The node asked for fewer, having answered `taken` calls, and for `after` seconds of peace if it said so."""
        self.pace.refused(self._now(), ticket, taken, after, FIRST_PAUSE * self._jitter())

    def _now(self) -> float:
        """The clock's reading; time that was slept has passed, also where the sleep of a test takes none."""
        return max(self._clock(), self._slept_until)
