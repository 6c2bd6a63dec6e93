"""Calls to a toncenter server, and what its errors mean. It knows no account and no block.

Errors come as JSON with a status of their own (mostly 500), so the body is read first; what it says that no one here
knows may pass, and is asked again. Blocks that the server does not keep are reported in words alone.

Source: toncenter.com/api/v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from scanner.clients.fields import field, malformed
from scanner.clients.http_client import Again, HttpClient, status_error
from scanner.clients.jsonrpc import decode
from scanner.errors import NodeError, Why

_ANSWER_LIMIT: Final = 2**20  # bytes: an account's answer has its code and data
_GONE: Final = ("not in db", "not applied", "cannot find block")


class Toncenter(HttpClient):
    """One server of the HTTP API, version 2."""

    async def call(self, method: str, **parameters: str) -> Mapping[str, Any]:
        """The `result` of a call. Raises NodeError, NO_STATE where the server does not keep the block."""
        base = urlsplit(self.settings.url)
        query = "&".join(part for part in (urlencode(parameters), base.query) if part)
        url = base._replace(path=f"{base.path.rstrip('/')}/{method}", query=query).geturl()

        async def attempt() -> Mapping[str, Any]:
            status, headers, body = await self.fetch("GET", url, None, limit=_ANSWER_LIMIT)
            if 200 <= status < 300:
                return _result(decode(body))
            if status >= 500 and _is_gone(body):
                raise NodeError(Why.NO_STATE, "the server does not keep that block")
            raise status_error(status, headers, body)

        return await self.patiently(attempt)


def _result(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise malformed("the answer is no object")
    if answer.get("ok") is True:
        return field(answer, "result", dict)
    words = answer.get("error")
    if answer.get("ok") is not False or not isinstance(words, str):
        raise malformed("the answer is neither a result nor an error")
    if any(each in words.lower() for each in _GONE):
        raise NodeError(Why.NO_STATE, "the server does not keep that block")
    raise Again(NodeError(Why.UNREACHABLE, f"the server's error: {words[:80]!a}"))


def _is_gone(body: bytes) -> bool:
    try:
        _result(decode(body))
    except NodeError as error:
        return error.why is Why.NO_STATE
    except Again:
        return False
    return False
