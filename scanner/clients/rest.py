"""A node's REST interface: what stands at a path, and what is answered to a question sent there.

What an answer means is the backends' matter; sizes, waits and retries are `http_client`'s.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scanner.clients.answer_limits import SMALL
from scanner.clients.http_client import HttpClient, status_error
from scanner.errors import NodeError, Why


class NotFound(NodeError):
    """The node knows nothing at that path, not any longer, or takes no such request there."""


class Rest(HttpClient):
    """One node's REST interface. Paths are put behind the settings' own path, queries before its own query.

    Both methods raise NodeError; NotFound where the node has nothing there, or takes no such request there.
    """

    async def get(self, path: str, query: str = "", *, limit: int = SMALL, accept: str = "") -> bytes:
        """What stands at `path`, at most `limit` bytes. `query`: without the question mark, encoded already. `accept`:
        the kind of answer, where a node gives several."""
        return await self._ask("GET", path, query, None, limit, accept=accept)

    async def post(self, path: str, body: bytes, *, limit: int) -> bytes:
        """What is answered at `path` to `body`, which is JSON. For questions alone: it may be sent again."""
        return await self._ask("POST", path, "", body, limit)

    async def _ask(
        self, method: str, path: str, query: str, body: bytes | None, limit: int, *, accept: str = ""
    ) -> bytes:
        base = urlsplit(self.settings.url)
        whole_query = "&".join(part for part in (query, base.query) if part)
        url = base._replace(path=base.path.rstrip("/") + path, query=whole_query).geturl()

        async def attempt() -> bytes:
            status, headers, answer = await self.fetch(method, url, body, limit=limit, accept=accept)
            if 200 <= status < 300:
                return answer
            if status in {404, 405, 410}:
                raise NotFound(Why.REFUSED, f"HTTP {status}: the node knows no such thing")
            raise status_error(status, headers, answer)

        return await self.patiently(attempt)
