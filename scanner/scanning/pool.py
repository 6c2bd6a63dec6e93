"""Many batches, few at once: the bound on how much work a run has under way.

How hard a single node is driven is that node's own matter (`max_in_flight`, and what it answers). What is bounded here
is memory: a batch is begun only when an earlier one is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def in_order(items: Iterable[T], work: Callable[[T], Awaitable[R]], at_once: int) -> AsyncIterator[R]:
    """The result of `work` for each item, in the items' order, with at most `at_once` of them under way.

    An exception of one ends all: the others are cancelled and awaited before it is raised.
    """
    waiting: list[asyncio.Task[R]] = []
    pending = iter(items)
    try:
        for item in pending:
            waiting.append(asyncio.ensure_future(work(item)))
            if len(waiting) == at_once:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def as_ready(items: Iterable[T], work: Callable[[T], Awaitable[R]], at_once: int) -> AsyncIterator[R]:
    """The result of `work` for each item as it comes, whichever is ready first, with at most `at_once` under way.

    An exception of one ends all: the others are cancelled and awaited before it is raised.
    """
    waiting: set[asyncio.Future[R]] = set()
    pending = iter(items)
    try:
        for item in islice(pending, at_once):
            waiting.add(asyncio.ensure_future(work(item)))
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            results = [each.result() for each in done]
            waiting |= {asyncio.ensure_future(work(item)) for item in islice(pending, len(results))}
            for result in results:
                yield result
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
