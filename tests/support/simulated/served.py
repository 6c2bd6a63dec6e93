"""A simulated node that serves while other code blocks: for tests that run the program as a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.simulated.server import Answer, SimServer


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """The URL at which `answer` is served, by a thread of its own."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with SimServer(answer) as server:
            urls.append(server.url)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        if not ready.wait(30):
            raise RuntimeError("the simulated node did not start")
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        loop.close()
