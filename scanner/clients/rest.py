"""A node's REST interface: what stands at a path, and what is answered to a question sent there.

What an answer means is the backends' matter; sizes, waits and retries are `http_client`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scanner.clients.answer_limits import SMALL
from scanner.clients.http_client import HttpClient, Sink, status_error
from scanner.errors import NodeError, Why

S = TypeVar("S", bound=Sink)


class NotFound(NodeError):
    """The node knows nothing at that path, not any longer, or takes no such request there."""


class Rest(HttpClient):
    """One node's REST interface. Paths are put behind the settings' own path, queries before its own query.

    All methods raise NodeError; NotFound where the node has nothing there, or takes no such request there.
    """

    async def get(self, path: str, query: str = "", *, limit: int = SMALL, accept: str = "") -> bytes:
        """What stands at `path`, at most `limit` bytes. `query`: without the question mark, encoded already. `accept`:
        the kind of answer, where a node gives several."""
        return await self._ask("GET", path, query, None, limit, accept=accept)

    async def post(self, path: str, body: bytes, *, limit: int) -> bytes:
        """What is answered at `path` to `body`, which is JSON. For questions alone: it may be sent again."""
        return await self._ask("POST", path, "", body, limit)

    async def pour(self, path: str, open_sink: Callable[[], S], *, seconds: float, accept: str) -> S:
        """What stands at `path`, too large to be held: each attempt, of `seconds` at most, goes into a new sink.
        Returns the one that took it in. Raises what the sink raises as well."""
        url = self._url(path, "")

        async def attempt() -> S:
            sink = open_sink()
            _require_good(*await self.fetch("GET", url, timeout=seconds, sink=sink, accept=accept))
            return sink

        return await self.patiently(attempt)

    async def _ask(
        self, method: str, path: str, query: str, body: bytes | None, limit: int, *, accept: str = ""
    ) -> bytes:
        url = self._url(path, query)

        async def attempt() -> bytes:
            return _require_good(*await self.fetch(method, url, body, limit=limit, accept=accept))

        return await self.patiently(attempt)

    def _url(self, path: str, query: str) -> str:
        base = urlsplit(self.settings.url)
        whole_query = "&".join(part for part in (query, base.query) if part)
        return base._replace(path=base.path.rstrip("/") + path, query=whole_query).geturl()


def _require_good(status: int, headers: Any, answer: bytes) -> bytes:
    if 200 <= status < 300:
        return answer
    if status in {404, 405, 410}:
        raise NotFound(Why.REFUSED, f"HTTP {status}: the node knows no such thing")
    raise status_error(status, headers, answer)
