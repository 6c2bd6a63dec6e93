"""JSON-RPC to a node of ours over loopback: trusted, blocking, small.

Not in here: any client for other people's nodes. This one believes what it is told; the scanner's does not.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from localnet.errors import NodeFailed, RpcError

Call = tuple[str, Sequence[Any]]

TIMEOUT_SECONDS = 120


class JsonRpc:
    """One node's JSON-RPC at 127.0.0.1:`port`, with HTTP basic authentication where `user` is given.

    Numbers with a fraction come back as Decimal, so an amount is exact. Going over http.client keeps the proxies of
    the environment out, which urllib.request would use even for loopback.
    """

    def __init__(self, port: int, path: str = "/", user: str = "", password: str = "") -> None:
        self._port = port
        self._path = path
        self._headers = {"Content-Type": "application/json"}
        if user:
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"

    def call(self, method: str, *params: Any) -> Any:
        """The `result` of one call. Raises RpcError if the node answers an error, NodeFailed if it does not answer."""
        return _result(method, self._post({"jsonrpc": "2.0", "id": 0, "method": method, "params": list(params)}))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results of all `calls` in their order, in one request. Raises as `call` does, for the first failure."""
        if not calls:
            return []
        answers = self._post(
            [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
                for number, (method, params) in enumerate(calls)
            ]
        )
        if isinstance(answers, dict):
            return [_result("batch", answers)]
        by_id = {answer["id"]: answer for answer in answers}
        if len(answers) != len(calls) or by_id.keys() != set(range(len(calls))):
            raise NodeFailed(f"{len(answers)} answers to a batch of {len(calls)} calls")
        return [_result(method, by_id[number]) for number, (method, _) in enumerate(calls)]

    def _post(self, body: object) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, json.dumps(body), self._headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as reason:
            raise NodeFailed(f"no answer: {reason!r}") from reason
        finally:
            connection.close()
        try:
            return json.loads(content, parse_float=Decimal)
        except ValueError:
            raise NodeFailed(f"HTTP status {answer.status} and no JSON") from None


def _result(method: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is not None:
        raise RpcError(method, int(error["code"]), str(error["message"]))
    return answer["result"]
