"""A client of the scanner's whose requests go to a simulated node without a socket, for runs on a virtual clock.

    node = TronNode(settings, in_process(Rest, settings, server, before=moves))

Everything above the sending is the client's own: what it asks, its pace, its retries, how it reads a status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scanner.clients.http_client import HttpClient
from scanner.core.node_settings import NodeSettings
from tests.support.simulated.server import SimHttp

SECONDS = 0.05  # that a request takes

_Client = TypeVar("_Client", bound=HttpClient)


def in_process(client: type[_Client], settings: NodeSettings, server: SimHttp, before: Callable[[], object]) -> _Client:
    """`before` is called as each request arrives."""

    class InProcess(client):  # type: ignore[valid-type, misc]
        async def open(self) -> None:
            pass

        async def close(self) -> None:
            pass

        async def fetch(self, method: str, url: str, body: bytes | None = None, **_: Any) -> tuple[int, Any, bytes]:
            await asyncio.sleep(SECONDS)
            before()
            parts = urlsplit(url)
            path = parts._replace(scheme="", netloc="").geturl()
            status, answer = server._answer_to(method, path, body or b"")
            return status, {}, answer

    found: _Client = InProcess(settings)
    return found
