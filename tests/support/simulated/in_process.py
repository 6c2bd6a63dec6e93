"""A client of the scanner's whose requests go to a simulated node without a socket, for runs on a virtual clock.

    node = TronNode(settings, in_process(Rest, settings, server, before=moves))

Everything above the sending is the client's own: what it asks, its pace, its retries, how it reads a status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scanner.clients.http_client import HttpClient, Sink
from scanner.clients.jsonrpc import MessageTooLarge
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from tests.support.simulated.server import SimHttp

SECONDS = 0.05  # that a request takes
_PIECE = 100  # bytes that a sink is given at once

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""

_Client = TypeVar("_Client", bound=HttpClient)


def in_process(
    client: type[_Client],
    settings: NodeSettings,
    server: SimHttp,
    before: Callable[[], object] = bool,
    spoil: Callable[[Answer], Answer] = lambda answer: answer,
) -> _Client:
    """`before` is called as each request arrives, `spoil` with what is answered."""

    class InProcess(client):  # type: ignore[valid-type, misc]
        async def open(self) -> None:
            pass

        async def close(self) -> None:
            pass

        async def fetch(
            self,
            method: str,
            url: str,
            body: bytes | None = None,
            *,
            limit: int | None = None,
            sink: Sink | None = None,
            **_: Any,
        ) -> tuple[int, Any, bytes]:
            await asyncio.sleep(SECONDS)
            before()
            parts = urlsplit(url)
            path = parts._replace(scheme="", netloc="").geturl()
            status, answer = server._answer_to(method, path, body or b"")
            status, headers, answer = spoil((status, server.headers, answer))
            good = 200 <= status < 300
            most = sink.limit if sink is not None and good else limit
            if most is not None and len(answer) > most:
                raise MessageTooLarge(Why.MALFORMED, f"the answer is larger than {most} bytes")
            if sink is not None and good:
                for start in range(0, len(answer), _PIECE):
                    sink.take(answer[start : start + _PIECE])
                return status, headers, b""
            return status, headers, answer

    found: _Client = InProcess(settings)
    return found
