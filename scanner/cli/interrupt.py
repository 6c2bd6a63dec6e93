"""A run that is interrupted (Ctrl-C, or SIGTERM as job schedulers send it) ends at once, and is taken up again later.

What was settled is in the journal already, so nothing has to be waited for: the run is cancelled, and if something in
it does not let go (a thread that checks signatures, say), the process ends all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import Any, Final, TypeVar

from scanner.cli.arguments import INTERRUPTED

T = TypeVar("T")

_GRACE: Final = 0.7  # seconds for open connections and files


def interruptible(work: Coroutine[Any, Any, T], note: str) -> T:
    """The result of `work`. Raises KeyboardInterrupt where it was interrupted; `note` is for standard error if even
    that takes too long."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        return asyncio.run(_until_interrupted(work, note))
    finally:
        signal.signal(signal.SIGTERM, before)  # which the loop's end has set to the system's default


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt in the body, as SIGINT does: between the waits of `interruptible` too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _until_interrupted(work: Coroutine[Any, Any, T], note: str) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()
        killer = threading.Timer(_GRACE, _end, [note])
        killer.daemon = True
        killer.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise


def _end(note: str) -> None:
    os.write(2, note.encode() + b"\n")
    os._exit(INTERRUPTED)
