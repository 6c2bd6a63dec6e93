"""Work on all processors, where there is much of it: what `map` does, with a bounded number of results under way.

Not here: what the work is. A process that cannot be had, or dies, costs time and nothing else.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final

_WAITING: Final = 3  # arguments under way for each process: enough that none of them waits

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@contextmanager
def on_all_processors(processes: int | None = None) -> Iterator[Each]:
    """Gives what does as `map` does, on as many processes as the machine has processors."""
    number = processes or os.cpu_count() or 1
    if number == 1:
        yield map
        return
    # Forking would copy whatever locks other threads hold; a fresh start copies nothing.
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:

        def each(work: Callable[[Any], Any], arguments: Iterable[Any]) -> Iterator[Any]:
            waiting: deque[tuple[Any, Future[Any] | None]] = deque()
            try:
                for argument in arguments:
                    waiting.append((argument, _submitted(pool, work, argument)))
                    if len(waiting) >= _WAITING * number:
                        yield _result(work, *waiting.popleft())
                while waiting:
                    yield _result(work, *waiting.popleft())
            finally:
                for _, future in waiting:
                    if future is not None:
                        future.cancel()

        yield each


def _submitted(pool: ProcessPoolExecutor, work: Callable[[Any], Any], argument: Any) -> Future[Any] | None:
    try:
        return pool.submit(work, argument)
    except (BrokenProcessPool, OSError, NotImplementedError):
        return None  # there are no processes to be had here


def _result(work: Callable[[Any], Any], argument: Any, future: Future[Any] | None) -> Any:
    if future is not None:
        try:
            return future.result()
        except BrokenProcessPool:
            pass  # it was killed
    return work(argument)
