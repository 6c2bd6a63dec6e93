"""A run that is interrupted ends at once, and is taken up again later: by Ctrl-C, by SIGTERM as job schedulers send it,
or by SIGHUP as a terminal sends it that goes away.

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

from scanner.cli.command import INTERRUPTED

T = TypeVar("T")

_GRACE: Final = 0.7  # seconds for open connections and files


def interruptible(work: Coroutine[Any, Any, T], note: str) -> T:
    """The result of `work`. Raises KeyboardInterrupt where it was interrupted; `note` is for standard error if even
    that takes too long."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, *_hangup())}
    try:
        return asyncio.run(_until_interrupted(work, note))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # which the loop's end has set to the system's default


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt in the body, as SIGINT does: also between waits of `interruptible`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, *_hangup())}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hangup() -> tuple[signal.Signals, ...]:
    """SIGHUP, which is sent when the terminal goes away; not where it is ignored, as `nohup` has it."""
    return () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)


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

    for number in (signal.SIGINT, signal.SIGTERM, *_hangup()):
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
