"""A node that can be spoiled by one assignment: over HTTP on the loopback, for any chain kept in memory.

    async with SimServer(chain.answer) as server:
        server.status = 429                 # until set back
        server.times = 2                    # only for the next two requests
        server.spoil_answers = lambda answers: answers[1:]

Here stands what can go wrong between a node and its client, whatever the chain: HTTP and bodies (SimHttp), and JSON-RPC
with its ids and batches (SimServer). What a chain's state is, and how a node lies about it, stands with each chain
(`sim_evm`, `sim_beacon`). No code of the scanner's is used.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

Answer = Callable[[str, list[Any]], Any]
Message = dict[str, Any]


class SimError(Exception):
    """An error that the simulated node answers."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class SimHttp:
    """Serves what `_answer_to` gives for each request, and misbehaves as assigned."""

    def __init__(self) -> None:
        self.request_headers: list[dict[str, str]] = []  # and the connection's other end as `peer`

        self.times: int | None = None  # how many more requests meet the misbehaviour; None: all
        self.status = 200  # in place of the answer's own, when it is another
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None  # in place of the answer
        self.spoil_body: Callable[[bytes], bytes] | None = None
        self.close_at: int | None = None  # bytes of the body after which the connection is dropped
        self.stall_at: int | None = None  # bytes of the body after which nothing more comes
        self.endless = False  # the body goes on for ever
        self.most_bytes: int | None = None  # of a request's body: HTTP 413 beyond
        self.instead: Callable[[bytes], tuple[int, bytes] | None] | None = None  # by a request's body: status and body

        self._over = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        """Status and body for a request, whose path has its query behind it."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v3/secret-key"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        received = await request.read()
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        self.request_headers.append({**request.headers, "peer": str(peer)})
        if self.most_bytes is not None and len(received) > self.most_bytes:
            return web.Response(status=413, text="request entity too large")
        told = self.instead(received) if self.instead is not None else None
        if told is not None:
            return web.Response(status=told[0], body=told[1], headers=self.headers, content_type="application/json")
        status, body = self._answer_to(request.method, request.raw_path, received)
        if self.times is not None:
            self.times -= 1
            if self.times < 0:
                return web.Response(status=status, body=body, content_type="application/json")
        status = self.status if self.status != 200 else status
        if self.body is not None:
            body = self.body
        if self.spoil_body is not None:
            body = self.spoil_body(body)
        if self.close_at is None and self.stall_at is None and not self.endless:
            return web.Response(status=status, body=body, headers=self.headers)
        return await self._break_off(request, status, body)

    async def _break_off(self, request: web.Request, status: int, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers=self.headers)
        if not self.endless:
            response.content_length = len(body)
        await response.prepare(request)
        if self.endless:
            try:
                while not self._over.is_set():
                    await response.write(b" " * 65_536)
            except OSError:
                pass  # the client had enough, which is what is to be shown
            return response
        await response.write(body[: self.close_at if self.close_at is not None else self.stall_at])
        if self.stall_at is not None:
            await self._over.wait()
        if request.transport is not None:
            request.transport.abort()
        return response


class SimServer(SimHttp):
    """Serves `answer(method, params)`, which may raise SimError, by JSON-RPC."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer
        self.requests: list[list[str]] = []  # the methods of each HTTP request, in order
        self.spoil_result: Callable[[str, list[Any], Any], Any] | None = None
        self.spoil_answers: Callable[[list[Message]], Any] | None = None  # the answers of a request, a list always
        self.batches = True  # whether batches are taken at all
        self.most_answers: int | None = None  # of a batch: the calls beyond are refused each by itself, as Geth does
        self.most_calls: int | None = None  # calls in a batch

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:  # noqa: ARG002
        return 200, self._respond(json.loads(received))

    def _respond(self, request: Any) -> bytes:
        misbehave = self.times is None or self.times > 0
        calls: list[Message] = request if isinstance(request, list) else [request]
        self.requests.append([call["method"] for call in calls])
        if not self.batches and isinstance(request, list):
            error = {"code": -32005, "message": "Batched requests are not supported by this server"}
            return _json({"jsonrpc": "2.0", "id": None, "error": error})
        if self.most_calls is not None and isinstance(request, list) and len(calls) > self.most_calls:
            return _json({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch too large"}})
        answers: Any = [self._one(call, misbehave) for call in calls]
        if self.most_answers is not None:
            for answer in answers[self.most_answers :]:
                answer.pop("result", None)
                answer["error"] = {"code": -32003, "message": "response too large"}
        if self.spoil_answers is not None and misbehave:
            answers = self.spoil_answers(answers)
            if not isinstance(request, list) and isinstance(answers, list) and len(answers) == 1:
                answers = answers[0]
        elif not isinstance(request, list):
            answers = answers[0]
        return _json(answers)

    def _one(self, call: Message, misbehave: bool) -> Message:
        try:
            result = self.answer(call["method"], call["params"])
            if self.spoil_result is not None and misbehave:
                result = self.spoil_result(call["method"], call["params"], result)
        except SimError as error:
            told = {"code": error.code, "message": error.message, "data": error.data}
            return {"jsonrpc": "2.0", "id": call["id"], "error": told}
        return {"jsonrpc": "2.0", "id": call["id"], "result": result}


class Raw(str):
    """A number to be written into JSON as it stands, such as `1e400`."""

    __slots__ = ()


def _json(value: Any) -> bytes:
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return json.dumps(value)
