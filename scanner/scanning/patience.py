"""How long is waited for the operators that have not answered, once those that have are enough.

An operator that hangs must not hold up a quorum that stands, and one that disagrees must be heard if it can be. So what
is bounded is the time that is waited for others when nothing depends on them any more: so many seconds on one chain, in
all, not for each question. While they last everyone is waited for; when they are used up, none is, and who has not
answered a question by then counts as not heard. Where the answers so far are not enough, all are waited for as ever:
then only the node's own timeout ends it.

Not in here: what is enough (`weighing.quorum`), who is asked (`node_group`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """The seconds that are left for one chain. Waits that overlap use them up once."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._waiting = 0
        self._since = 0.0  # when the waits that are going on began

    @property
    def used_up(self) -> bool:
        return self._now_left() <= 0

    async def gather(
        self, asked: Sequence[Awaitable[T]], enough: Callable[[Sequence[T | None]], bool]
    ) -> list[T | None]:
        """What each of `asked` comes to, in their order; None for those that were no longer waited for.

        `enough` is given the same of those that have come to something, and says whether the others may be left out.
        Raises what one of them raises; the others are cancelled and awaited then.
        """
        tasks = [asyncio.ensure_future(each) for each in asked]
        try:
            while pending := [task for task in tasks if not task.done()]:
                answers = [task.result() if task.done() else None for task in tasks]
                if len(pending) == len(tasks) or not enough(answers):
                    await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                elif not await self._wait(pending):
                    break
            return [task.result() if task.done() else None for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self, pending: Sequence[asyncio.Future[T]]) -> bool:
        """Until one of them is done; False if there is no time left for that."""
        if self.used_up:
            return False
        if self._waiting == 0:
            self._since = _now()
        self._waiting += 1
        try:
            done, _ = await asyncio.wait(pending, timeout=self._now_left(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting -= 1
            if self._waiting == 0:
                self._left -= _now() - self._since
        return bool(done)

    def _now_left(self) -> float:
        return self._left - (_now() - self._since if self._waiting else 0.0)


def _now() -> float:
    return asyncio.get_running_loop().time()
