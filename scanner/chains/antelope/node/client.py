"""Calls to nodeos' chain API, and what its errors mean. It knows no account and no block.

Errors are JSON with HTTP 400 or 500: a code, and details in words, which is all that tells an account that does not
exist from a node that fails. A busy node answers 503, and providers before it 429.

Source: Antelope's documentation (chain_api_plugin); leap, `http_plugin` for the form of errors.
"""

from __future__ import annotations

from json import dumps
from typing import Any, Final
from urllib.parse import urlsplit

from scanner.clients.http_client import HttpClient, status_error
from scanner.clients.jsonrpc import decode, object_in
from scanner.errors import NodeError, Why

_ANSWER_LIMIT: Final = 2**20  # bytes: an account with its permissions, a block's header


class Refusal(NodeError):
    """An error that the node gave in its own words."""

    def __init__(self, details: tuple[str, ...]) -> None:
        first = details[0] if details else "no details"
        super().__init__(Why.REFUSED, f"the node's error: {first[:80]!a}")
        self.details = details


class Nodeos(HttpClient):
    """One node. Raises Refusal for an error that the node words itself, and other NodeErrors."""

    async def ask(self, call: str, **parameters: Any) -> Any:
        """What a call answers."""
        base = urlsplit(self.settings.url)
        url = base._replace(path=f"{base.path.rstrip('/')}/v1/chain/{call}").geturl()
        body = dumps(parameters).encode()

        async def attempt() -> Any:
            status, headers, answer = await self.fetch("POST", url, body, limit=_ANSWER_LIMIT)
            if 200 <= status < 300:
                return decode(answer)
            raise _error(status, headers, answer)

        return await self.patiently(attempt)


def _error(status: int, headers: Any, answer: bytes) -> Exception:
    error = object_in(answer).get("error")
    details = error.get("details") if isinstance(error, dict) else None
    if status in {400, 500} and isinstance(details, list):
        words = (each.get("message") for each in details if isinstance(each, dict))
        return Refusal(tuple(each for each in words if isinstance(each, str)))
    return status_error(status, headers, answer)
