"""A door before a real node, which counts who goes through: a HTTP server in a thread that hands requests on.

    with CountedNode(anvil.url) as node:
        node.on_request = lambda number: ...    # called in the server's thread, before the request is handed on
        node.refuse_next(1, after=1)            # the next request gets 429 and Retry-After: 1

`node.url` has a secret in its path, as providers' URLs have.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

SECRET = "key-that-must-not-leak-anywhere"


class CountedNode:
    """`latency`: seconds that each request takes more than the node itself needs."""

    def __init__(self, url: str, latency: float = 0.0) -> None:
        self.url = ""
        self.requests = 0
        self.most_under_way = 0
        self.came: list[float] = []  # by this machine's clock
        self.refused: list[float] = []
        self.on_request: Callable[[int], object] = lambda _: None
        self._to = url
        self.latency = latency
        self._refusals, self._after = 0, 0
        self._under_way = 0
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def refuse_next(self, count: int, *, after: int) -> None:
        self._refusals, self._after = count, after

    async def _serve(self) -> None:
        async with aiohttp.ClientSession() as session:

            async def handle(request: web.Request) -> web.Response:
                self.requests += 1
                self._under_way += 1
                self.most_under_way = max(self.most_under_way, self._under_way)
                self.came.append(time.monotonic())
                try:
                    self.on_request(self.requests)
                    if self._refusals:
                        self._refusals -= 1
                        self.refused.append(time.monotonic())
                        return web.Response(status=429, headers={"Retry-After": str(self._after)})
                    await asyncio.sleep(self.latency)
                    headers = {"Content-Type": "application/json"}
                    async with session.post(self._to, data=await request.read(), headers=headers) as answer:
                        body = await answer.read()
                        return web.Response(status=answer.status, body=body, content_type="application/json")
                finally:
                    self._under_way -= 1

            app = web.Application(client_max_size=2**30)
            app.router.add_post("/{path:.*}", handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v3/{SECRET}"
            self._ready.set()
            await self._stop.wait()
            await runner.cleanup()
