"""Questions to aelf's Web API, and what its errors mean. It knows no account and no block.

Errors are JSON, `{"Error": {"Code", "Message"}}`, mostly with HTTP 403, which elsewhere means other credentials.

Source: aelf's documentation (Web API reference).
"""

from __future__ import annotations

import re
from json import dumps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from scanner.clients.http_client import HttpClient, status_error
from scanner.clients.jsonrpc import decode, object_in
from scanner.errors import NodeError, Why

_HEX: Final = re.compile(rb"(?:[0-9a-f]{2})+")
_ANSWER_LIMIT: Final = 2**20  # bytes: a block without its transactions


class Refusal(NodeError):
    """An error that the node gave by a number of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(Why.REFUSED, f"the node's error {code[:20]!a}: {message[:80]!a}")
        self.code = code


class WebApi(HttpClient):
    """One node. Raises Refusal for an error that the node names, and other NodeErrors."""

    async def get(self, name: str, **query: str) -> Any:
        """What is answered to a question without a body."""
        return await self._ask("GET", name, None, query)

    async def post(self, name: str, **asked: str) -> Any:
        """What is answered to a question with one. For questions alone: it may be sent again."""
        return await self._ask("POST", name, dumps(asked).encode(), {})

    async def _ask(self, method: str, name: str, body: bytes | None, query: dict[str, str]) -> Any:
        base = urlsplit(self.settings.url)
        whole = "&".join(part for part in (urlencode(query), base.query) if part)
        url = base._replace(path=f"{base.path.rstrip('/')}/api/blockChain/{name}", query=whole).geturl()

        async def attempt() -> Any:
            status, headers, answer = await self.fetch(method, url, body, limit=_ANSWER_LIMIT)
            if 200 <= status < 300:
                # A result in hex comes as JSON or as bare text, as servers are set up.
                return answer.decode("ascii") if _HEX.fullmatch(answer) else decode(answer)
            raise _error(status, headers, answer)

        return await self.patiently(attempt)


def _error(status: int, headers: Any, answer: bytes) -> Exception:
    said = object_in(answer)
    error = said.get("Error") or said.get("error")
    if isinstance(error, dict) and status in {400, 403, 404, 500}:
        code, message = (error.get(name) or error.get(name.lower()) for name in ("Code", "Message"))
        if isinstance(code, str) and isinstance(message, str):
            return Refusal(code, message)
    return status_error(status, headers, answer)
