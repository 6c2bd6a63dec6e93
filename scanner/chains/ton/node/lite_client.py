"""A lite server that is asked: questions side by side over one encrypted connection, which is made again when it drops.

What a question means is the node's matter, how it is written `tl`'s, and how it travels `adnl`'s.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from scanner.chains.ton.node.adnl import KEY_BYTES, AdnlStream
from scanner.chains.ton.node.tl import HASH, answer, query
from scanner.clients.observed import Observe, observed, unobserved
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

_CONNECT_TIMEOUT: Final = 15  # seconds
_ATTEMPTS: Final = 4  # connections, for one question
_FIRST_PAUSE: Final = 0.5  # seconds; doubled from one to the next


class LiteClient:
    """One server, by the key that stands as the URL's path."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        observe: Observe = unobserved,
    ) -> None:
        self._settings = settings
        self._sleep, self._clock, self._observe = sleep, clock, observe
        self._room = asyncio.Semaphore(settings.max_in_flight)
        self._connecting = asyncio.Lock()
        self._connection: _Connection | None = None

    async def ask(self, question: bytes) -> bytes:
        """The object that answers a question. Raises NodeError."""
        async with self._room:
            for attempt in range(_ATTEMPTS):
                try:
                    return await observed(lambda: self._once(question), self._observe, self._clock)
                except NodeError as error:
                    if error.why is not Why.UNREACHABLE or attempt + 1 == _ATTEMPTS:
                        raise
                await self._sleep(_FIRST_PAUSE * 2**attempt)
        raise NodeError(Why.UNREACHABLE, "no answer came")

    async def close(self) -> None:
        """Hang up. May be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _once(self, question: bytes) -> bytes:
        connection = await self._connected()
        try:
            async with asyncio.timeout(self._settings.timeout):
                return await connection.ask(question)
        except TimeoutError:
            connection.over = NodeError(Why.UNREACHABLE, f"no answer within {self._settings.timeout} s")
            raise connection.over from None

    async def _connected(self) -> _Connection:
        """The connection that there is, or a new one. Raises NodeError."""
        async with self._connecting:
            if self._connection is not None and self._connection.over is not None:
                await self.close()
            if self._connection is None:
                parts = urlsplit(self._settings.url)
                key = server_key(parts.path)
                try:
                    async with asyncio.timeout(_CONNECT_TIMEOUT):
                        stream = await AdnlStream.open(
                            parts.hostname or "", parts.port or 0, key, proxy=self._settings.proxy
                        )
                except TimeoutError:
                    raise NodeError(Why.UNREACHABLE, f"cannot connect within {_CONNECT_TIMEOUT} s") from None
                except OSError:
                    raise NodeError(Why.UNREACHABLE, "cannot connect") from None
                self._connection = _Connection(stream)
            return self._connection


class _Connection:
    """One stream, read by a task of its own; once something is wrong with it, it is over for all questions."""

    def __init__(self, stream: AdnlStream) -> None:
        self._stream = stream
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self.over: NodeError | None = None
        self._reading = asyncio.create_task(self._read())

    async def ask(self, question: bytes) -> bytes:
        """Raises NodeError."""
        if self.over is not None:
            raise self.over
        number = secrets.token_bytes(HASH)
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await self._stream.send(query(number, question))
            return await waiting
        except OSError:
            raise NodeError(Why.UNREACHABLE, "the connection was dropped") from None
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._end(NodeError(Why.UNREACHABLE, "the connection was closed"))
        await self._stream.close()

    async def _read(self) -> None:
        try:
            while True:
                found = answer(await self._stream.receive())
                waiting = None if found is None else self._waiting.get(found[0])
                if found is not None and waiting is not None and not waiting.done():
                    waiting.set_result(found[1])
        except NodeError as error:
            self._end(error)
        except OSError:
            self._end(NodeError(Why.UNREACHABLE, "the connection was dropped"))

    def _end(self, reason: NodeError) -> None:
        self.over = self.over or reason
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self.over)


def server_key(path: str) -> bytes:
    """The server's Ed25519 key, from the path of its URL: base64 in the alphabet of URLs. Raises NodeError."""
    text = path.strip("/").rstrip("=")
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise NodeError(Why.UNREACHABLE, "the URL does not end in the server's key: 32 bytes in base64 for URLs")
    return key
