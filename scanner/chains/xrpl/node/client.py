"""Commands to a server of the XRP Ledger, and what its errors mean. It knows no account and no ledger.

A command is one POST, and batches there are none. Errors come with HTTP 200 in `result.error`: those of a server that
is busy are waited for, as HTTP's own are; the rest is handed to the one who asked (`Refusal`), because what "not found"
means depends on what was asked.

Source: xrpl.org, "Request Formatting", "Error Formatting" and "Universal Errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import Any, Final

from scanner.clients.answer_limits import SMALL
from scanner.clients.fields import malformed
from scanner.clients.http_client import Again, HttpClient, status_error
from scanner.clients.jsonrpc import decode
from scanner.errors import NodeError, Why

_BUSY: Final = frozenset({"slowDown", "tooBusy"})  # it has no time for this client, or for anyone
_PASSING: Final = frozenset({"noCurrent", "noClosed", "noNetwork", "notSynced", "amendmentBlocked", "failedToForward"})
_MEANING: Final[Mapping[str, tuple[Why, str]]] = {
    "forbidden": (Why.UNAUTHORIZED, "the server does not allow this command"),
    "noPermission": (Why.UNAUTHORIZED, "the server does not allow this command"),
    "unknownCmd": (Why.UNSUPPORTED, "the server does not know this command"),
    "notSupported": (Why.UNSUPPORTED, "the server does not support this command"),
    "notImpl": (Why.UNSUPPORTED, "the server does not support this command"),
}


class Refusal(NodeError):
    """An error that the server gave by name, with all that it said beside it."""

    def __init__(self, name: str, result: Mapping[str, Any]) -> None:
        why, detail = _MEANING.get(name, (Why.REFUSED, f"the server's error: {name[:60]!a}"))
        super().__init__(why, detail)
        self.name = name
        self.result = result


class Commands(HttpClient):
    """One server. Commands raise Refusal for an error that the server names, and other NodeErrors."""

    async def ask(self, command: str, *, size_limit: int = SMALL, **parameters: Any) -> Mapping[str, Any]:
        """The `result` of a command that succeeded. `size_limit`: bytes of the answer."""
        body = dumps({"method": command, "params": [parameters]}).encode()

        async def attempt() -> Mapping[str, Any]:
            status, headers, answer = await self.fetch("POST", self.settings.url, body, limit=size_limit)
            if not 200 <= status < 300:
                raise status_error(status, headers, answer)
            return _result(decode(answer))

        return await self.patiently(attempt)


def _result(answer: object) -> Mapping[str, Any]:
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        raise malformed("the answer has no result")
    name = result.get("error")
    if name is None and result.get("status") == "success":
        return result
    if not isinstance(name, str):
        raise malformed("the answer is neither a success nor a named error")
    if name in _BUSY:
        raise Again(NodeError(Why.RATE_LIMITED, f"the server has no time: {name}"), fewer=True)
    if name in _PASSING:
        raise Again(NodeError(Why.UNREACHABLE, f"the server has no connection to its network: {name}"))
    raise Refusal(name, result)
