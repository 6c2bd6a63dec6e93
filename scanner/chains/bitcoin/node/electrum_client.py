"""The Electrum protocol's transport: JSON-RPC a line each over one connection, many requests under way at once.

A server may hold small answers back for a second to hide what is asked, so requests are never sent one by one. A
connection that drops is made again, and only what was not answered is asked again. Lines, waits and retries are
bounded. What a method means is the backend's matter.

Source: https://electrumx.readthedocs.io/en/latest/protocol-basics.html
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from scanner.clients.answer_limits import SMALL, limit_of_one
from scanner.clients.jsonrpc import Call, RpcError, decode, encode_one, result_of
from scanner.clients.observed import OK, Observe, outcome_of, unobserved
from scanner.clients.redact import Redactor
from scanner.clients.tunnel import connected
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

LINE_LIMIT = 10 * 2**20  # bytes; the largest transaction a block has room for takes 8,000,000 digits
CONNECT_TIMEOUT = 15  # seconds
CLOSE_TIMEOUT = 2  # seconds
ATTEMPTS = 5  # connections, for one set of questions
PIPELINED = 50  # requests for each one that `max_in_flight` allows: they share one connection
FEWEST = 4  # what PIPELINED may shrink to, by half each time a server hangs up on too many requests
_FIRST_PAUSE = 0.5  # seconds; doubled from one connection to the next
_PROTOCOL = ["1.4", "1.4.3"]  # oldest and newest version understood
_PIECE = 2**18  # bytes that are read at once
_EXCESSIVE, _BUSY = -101, -102  # ElectrumX: "excessive resource usage", "server busy"

Sleep = Callable[[float], Awaitable[object]]
_Observing = tuple[Observe, Callable[[], float]]  # what to call for each request, and the clock


class ElectrumClient:
    """One server. Open it before anything is asked."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        line_limit: int = LINE_LIMIT,
        observe: Observe = unobserved,
    ) -> None:
        """`observe` is called for each request that was sent."""
        self._settings = settings
        self._sleep = sleep
        self._line_limit = line_limit
        self._observing = observe, clock
        self._redact = Redactor(settings)
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._window = PIPELINED * settings.max_in_flight  # requests under way at once

    async def close(self) -> None:
        """Hang up. May be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def ask_one(self, call: Call) -> Any:
        """The result of one call. Raises NodeError, RpcError for the server's own errors."""
        (outcome,) = await self.ask([call])
        if isinstance(outcome, NodeError):
            raise outcome
        return outcome

    async def ask(self, calls: Sequence[Call]) -> list[Any | NodeError]:
        """The outcomes of `calls` in their order, an error of the server's for one of them being a value.

        Raises NodeError when the connection cannot be kept long enough to have them all.
        """
        outcomes: list[Any | NodeError] = [None] * len(calls)
        waiting = list(range(len(calls)))
        failures = 0  # connections in a row that brought nothing
        while waiting:
            found = await self._ask([calls[position] for position in waiting])
            answers = dict(zip(waiting, found, strict=True))
            drops = {position: answer for position, answer in answers.items() if isinstance(answer, _Dropped)}
            for position in answers.keys() - drops.keys():
                outcomes[position] = answers[position]
            failures = failures + 1 if len(drops) == len(waiting) else 0
            waiting = list(drops)
            if failures == ATTEMPTS:
                raise drops[waiting[0]].error
            if drops:
                await self._sleep(_FIRST_PAUSE * 2**failures)
        return outcomes

    async def _ask(self, calls: Sequence[Call]) -> list[Any | NodeError | _Dropped]:
        """What one connection brings. Raises NodeError where another one would bring nothing else."""
        try:
            connection = await self._connected()
        except _Dropped as dropped:
            return [dropped] * len(calls)
        outcomes = await connection.ask(calls)
        if connection.over is not None and self._connection is connection:
            self._connection = None
            self._window = max(self._window // 2, FEWEST)
            await connection.close()
        return outcomes

    async def _connected(self) -> _Connection:
        async with self._connecting:
            if self._connection is None:
                connection = await _Connection.make(
                    self._settings, self._redact, self._line_limit, self._window, self._observing
                )
                try:
                    await connection.agree()
                except BaseException:
                    await connection.close()
                    raise
                self._connection = connection
            return self._connection


class _Dropped(Exception):
    """No answer came, and a new connection may bring one."""

    def __init__(self, error: NodeError) -> None:
        super().__init__(error)
        self.error = error


class _Connection:
    """One connection, read by a task of its own; once something is wrong with it, it is over for all who wait."""

    def __init__(  # noqa: PLR0917 - `make` alone calls it
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        settings: NodeSettings,
        redact: Redactor,
        line_limit: int,
        window: int,
        observing: _Observing,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout = settings.timeout
        self._redact = redact
        self._last_id = 0
        self._slots = asyncio.Semaphore(window)
        self._observe, self._clock = observing
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._limits: dict[int, int] = {}  # bytes of the answer, by request
        self._line_limit = line_limit
        self.over: NodeError | _Dropped | None = None  # why nothing more comes
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def make(
        cls, settings: NodeSettings, redact: Redactor, line_limit: int, window: int, observing: _Observing
    ) -> _Connection:
        """Raises _Dropped where trying again may help, else NodeError."""
        parts = urlsplit(settings.url)
        context = ssl.create_default_context() if parts.scheme == "ssl" else None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                host, port = parts.hostname or "", parts.port or 0
                reader, writer = await connected(host, port, proxy=settings.proxy, context=context, limit=_PIECE)
        except ssl.SSLCertVerificationError:
            raise NodeError(Why.UNREACHABLE, "the TLS certificate could not be verified") from None
        except TimeoutError:
            raise _Dropped(NodeError(Why.UNREACHABLE, f"cannot connect within {CONNECT_TIMEOUT} s")) from None
        except OSError:
            raise _Dropped(NodeError(Why.UNREACHABLE, "cannot connect")) from None
        return cls(reader, writer, settings, redact, line_limit, window, observing)

    async def agree(self) -> None:
        """Settle on a version of the protocol, which must come first. Raises NodeError, _Dropped."""
        (greeting,) = await self.ask([("server.version", ("reserve-scanner", _PROTOCOL))])
        if isinstance(greeting, Exception):
            raise greeting
        if not isinstance(greeting, list) or len(greeting) != 2:
            raise NodeError(Why.MALFORMED, "the server does not tell its version as documented")

    async def ask(self, calls: Sequence[Call]) -> list[Any | NodeError | _Dropped]:
        """For each call its result, the server's error, or _Dropped; raises nothing but CancelledError."""
        return await asyncio.gather(*(self._ask(call) for call in calls))

    async def close(self) -> None:
        self._end(_Dropped(NodeError(Why.UNREACHABLE, "the connection was closed")))
        self._reading.cancel()
        await asyncio.wait([self._reading])
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._writer.wait_closed()

    async def _ask(self, call: Call) -> Any | NodeError | _Dropped:
        async with self._slots:
            if self.over is not None:
                return self.over
            began = self._clock()
            outcome = await self._exchange(call)
            self._observe(self._clock() - began, outcome_of(outcome) if isinstance(outcome, Exception) else OK)
            return outcome

    async def _exchange(self, call: Call) -> Any | NodeError | _Dropped:
        self._last_id += 1
        request_id = self._last_id
        answer = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        self._limits[request_id] = limit_of_one(call)
        try:
            async with asyncio.timeout(self._timeout):
                self._writer.write(encode_one(request_id, call) + b"\n")
                await self._writer.drain()
                await answer
        except TimeoutError:
            self._end(_Dropped(NodeError(Why.UNREACHABLE, f"no answer within {self._timeout} s")))
        except OSError:
            self._end(_Dropped(NodeError(Why.UNREACHABLE, "the connection was dropped")))
        finally:
            del self._waiting[request_id], self._limits[request_id]
        if answer.cancelled() or not answer.done() or answer.result() is None:
            return self.over
        return self._result(answer.result(), request_id)

    def _result(self, answer: object, request_id: int) -> Any | NodeError | _Dropped:
        try:
            return result_of(answer, request_id, self._redact)
        except RpcError as error:
            if error.code not in {_EXCESSIVE, _BUSY} and error.why is not Why.RATE_LIMITED:
                return error
            self._end(_Dropped(NodeError(Why.RATE_LIMITED, error.detail)))  # the server hangs up, or would do so soon
            return self.over
        except NodeError as error:
            return error

    async def _read(self) -> None:
        """Hand each line to the one who waits for it, until the connection ends."""
        try:
            rest = bytearray()  # of a line whose end has not come
            while piece := await self._reader.read(_PIECE):
                *lines, tail = piece.split(b"\n")
                for line in lines:
                    rest += line
                    self._check_length(rest)
                    self._hand_out(decode(bytes(rest)))
                    rest = bytearray()
                rest += tail
                self._check_length(rest)
            self._end(_Dropped(NodeError(Why.UNREACHABLE, "the server hung up")))
        except NodeError as error:
            self._end(error)
        except OSError:
            self._end(_Dropped(NodeError(Why.UNREACHABLE, "the connection was dropped")))

    def _check_length(self, line: bytearray) -> None:
        """Raises NodeError for a line longer than the longest answer that is waited for, or than news are."""
        if len(line) > min(self._line_limit, SMALL + max(self._limits.values(), default=0)):
            raise NodeError(Why.MALFORMED, "the server sends a line longer than allowed")

    def _hand_out(self, answer: object) -> None:
        """Raises NodeError for an answer to what was never asked."""
        if not isinstance(answer, dict):
            raise NodeError(Why.MALFORMED, "a line of the server is no JSON object")
        if "method" in answer:
            return  # news of blocks
        request_id = answer.get("id")
        if type(request_id) is not int or not 0 < request_id <= self._last_id:
            raise NodeError(Why.MALFORMED, "the server answers what was not asked")
        future = self._waiting.get(request_id)
        if future is not None and not future.done():  # else no one waits any more
            future.set_result(answer)

    def _end(self, reason: NodeError | _Dropped) -> None:
        """From now on, `reason` is what everybody gets."""
        if self.over is None:
            self.over = reason
        for future in self._waiting.values():
            if not future.done():
                future.set_result(None)
