"""A TCP proxy in front of a node on this machine, which counts what HTTP clients send and get. It runs in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_REQUEST = b" HTTP/1.1\r\n"  # ends the request line; cannot stand in a JSON-RPC body, where line ends are escaped
_CALL = b'"jsonrpc"'  # once in every call of JSON-RPC 2.0


@dataclass
class Traffic:
    """HTTP requests, the JSON-RPC calls in them, and the bytes both ways with their HTTP headers."""

    requests: int = 0
    calls: int = 0
    total: int = 0


class CountingProxy:
    """`with CountingProxy(port) as proxy:` listens at `proxy.url`; `proxy.traffic` is complete after the end."""

    def __init__(self, to_port: int) -> None:
        self.traffic = Traffic()
        self.url = ""
        self._to_port = to_port
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        pumps: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            from_node, to_node = await asyncio.open_connection("127.0.0.1", self._to_port)
            for pump in (
                _pump(reader, to_node, self._counter_of_requests()),
                _pump(from_node, writer, self._count_bytes),
            ):
                pumps.add(asyncio.create_task(pump))

        server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=4096)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        server.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)

    def _count_bytes(self, piece: bytes) -> None:
        self.traffic.total += len(piece)

    def _counter_of_requests(self) -> Callable[[bytes], None]:
        """Counts for one connection: what is looked for may be cut in two by the end of a piece."""
        seen = {_REQUEST: b"", _CALL: b""}

        def count(piece: bytes) -> None:
            self._count_bytes(piece)
            found = {}
            for wanted, rest in seen.items():
                content = rest + piece
                found[wanted] = content.count(wanted)
                seen[wanted] = content[-(len(wanted) - 1) :]  # one byte too short to be counted twice
            self.traffic.requests += found[_REQUEST]
            self.traffic.calls += found[_CALL]

        return count


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[bytes], None]) -> None:
    try:
        while piece := await reader.read(2**18):
            count(piece)
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
