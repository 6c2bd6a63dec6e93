"""A JSON-RPC client over HTTP that pairs by id and believes in no order and no completeness of a batch's answers.

What a result means is the backends' matter; how messages are written is `jsonrpc`'s; sizes, waits and retries are
`http_client`'s. Beside what is retried there, errors in which a node asks for fewer requests are, and faults that may
pass (`error_texts`): for all of a request, or, as providers who count calls do, for those calls of a batch that are
over the limit.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any, Protocol, TypeVar

from scanner.clients.answer_limits import ANSWER_LIMIT, limit_of
from scanner.clients.error_texts import timed_out_behind
from scanner.clients.http_client import Again, HttpClient, Sink, status_error
from scanner.clients.jsonrpc import (
    Call,
    MessageTooLarge,
    RpcError,
    TimedOut,
    decode,
    encode,
    encode_one,
    error_of,
    is_size_limit,
    requested_pause,
    result_of,
    results_of,
)
from scanner.clients.observed import Observe, unobserved
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why


class JsonSink(Sink, Protocol):
    """Takes in a large JSON answer, uses up its bulk, and leaves the rest."""

    def rest(self) -> bytes:
        """The answer without its bulk: JSON again. Raises NodeError for an answer whose bulk it cannot use."""


S = TypeVar("S", bound=JsonSink)


class JsonRpc(HttpClient):
    """One node's JSON-RPC."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        answer_limit: int = ANSWER_LIMIT,
        observe: Observe = unobserved,
    ) -> None:
        super().__init__(settings, sleep=sleep, clock=clock, jitter=jitter, answer_limit=answer_limit, observe=observe)
        self._ids = count(1)

    async def call(self, method: str, params: Sequence[Any], *, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - bounds each attempt, not the whole
        """The result of one call, JSON null as None. `timeout`: seconds for each attempt, else the settings'.

        Raises RpcError for an error of the node, TooLarge, TimedOut, or another NodeError.
        """
        request_id = next(self._ids)
        body, limit = encode_one(request_id, (method, params)), limit_of([(method, params)])

        async def attempt() -> Any:
            try:
                return result_of(await self._post(body, timeout, limit), request_id, self.redact)
            except RpcError as error:
                raise _again_if_worth_it(error) from None

        return await self.patiently(attempt)

    async def pour(
        self,
        method: str,
        params: Sequence[Any],
        open_sink: Callable[[], S],
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> tuple[Any, S]:
        """As `call`, for an answer too large to be held: each attempt goes into a new sink.

        Returns what is left of the result beside the sink that took the answer in. What takes so long is not asked for
        again here when it fails, but for a node that wants fewer requests. Raises what the sink raises as well.
        """
        request_id = next(self._ids)
        body = encode_one(request_id, (method, params))

        async def attempt() -> tuple[Any, S]:
            sink = open_sink()
            try:
                status, headers, answer = await self.fetch("POST", self.settings.url, body, timeout=timeout, sink=sink)
                good = 200 <= status < 300
                value = decode(sink.rest()) if good else self._answer_in_error(status, headers, answer)
                return result_of(value, request_id, self.redact), sink
            except RpcError as error:
                raise _again_if_worth_it(error) from None
            except Again as failure:
                raise failure if failure.error.why is Why.RATE_LIMITED else failure.error from None

        return await self.patiently(attempt)

    async def batch(self, calls: Sequence[Call], *, timeout: float | None = None) -> list[Any | NodeError]:  # noqa: ASYNC109
        """The outcomes of `calls`, in their order, asked for in one request. Single failures are values.

        Calls of the batch that the node was too busy for are asked again, without the others, as many in a request as
        it has shown to take. Raises NodeError (RpcError, TooLarge, TimedOut) when the batch failed as a whole.
        """
        outcomes: list[Any | NodeError] = [None] * len(calls)
        waiting = list(range(len(calls)))

        def held() -> int:
            return min(len(waiting), self.pace.calls_at_once)

        async def attempt() -> None:
            asked = waiting[: held()]
            first_id = next(self._ids)
            self._ids = count(first_id + len(asked))
            sent = [calls[position] for position in asked]
            body, limit = encode(first_id, sent), limit_of(sent)
            try:
                found = results_of(await self._post(body, timeout, limit), first_id, len(asked), self.redact)
            except RpcError as error:
                raise _again_if_worth_it(error) from None
            for position, outcome in zip(asked, found, strict=True):
                outcomes[position] = outcome
            left = [position for position in asked if _is_worth_another_try(outcomes[position])]
            waiting[: len(asked)] = left
            busy = [outcomes[position] for position in left if outcomes[position].why is Why.RATE_LIMITED]
            if busy:
                busy_error = NodeError(Why.RATE_LIMITED, "the node was too busy for a part of the batch")
                raise Again(busy_error, requested_pause(busy[0]), answered=len(asked) - len(left))
            if left:
                raise _again_if_worth_it(outcomes[left[0]])

        try:
            while waiting:
                await self.patiently(attempt, held)
        except NodeError as error:
            if len(waiting) == len(calls):
                raise
            for position in waiting:  # what was answered stays; the others keep the error that they met
                if not isinstance(outcomes[position], NodeError):
                    outcomes[position] = error
        return outcomes

    async def _post(self, body: bytes, timeout: float | None, limit: int) -> Any:  # noqa: ASYNC109
        """The JSON value, of at most `limit` bytes, that the node answers `body` with. Raises NodeError, or Again for
        what may pass."""
        status, headers, answer = await self.fetch("POST", self.settings.url, body, timeout=timeout, limit=limit)
        if 200 <= status < 300:
            return decode(answer)
        return self._answer_in_error(status, headers, answer)

    def _answer_in_error(self, status: int, headers: Any, body: bytes) -> Any:
        """A JSON-RPC answer that came with an HTTP error, as Bitcoin Core sends every error of a single call."""
        error = status_error(status, headers, body)
        try:
            answer = decode(body)
            found = error_of(answer["error"], self.redact) if _holds_error(answer) else None
        except NodeError:
            found = None
        if found is None or (isinstance(error, MessageTooLarge | TimedOut) and found.why is not Why.UNREACHABLE):
            raise error from None
        if isinstance(error, Again) and status != 500:
            if found.why is Why.UNREACHABLE:
                raise Again(found, error.after or requested_pause(found))
            if not is_size_limit(found):  # Nethermind sends "Batch size limit exceeded" with HTTP 503
                raise Again(error.error, error.after or requested_pause(found), fewer=error.fewer)
        return answer


def _holds_error(answer: object) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("error"), dict)


def _again_if_worth_it(error: NodeError) -> Exception:
    """What `error` is to `patiently`: Again where fewer requests are asked for, or for a fault that may pass."""
    if not _is_worth_another_try(error):
        return error
    return Again(error, requested_pause(error), slow=timed_out_behind(error.detail))


def _is_worth_another_try(outcome: object) -> bool:
    return isinstance(outcome, RpcError) and outcome.why in {Why.RATE_LIMITED, Why.UNREACHABLE}
