"""HTTP to one node: bounded in size and time, patient with what passes by itself, silent about URLs and keys.

Everything a node sends is bounded here: connections, answers (decompressed bytes are counted), waits and retries. What
is asked, and what an answer means, is the matter of `transport` (JSON-RPC), `rest` and the backends. aiohttp is
imported in `open`, off the path of commands that need no node.

Retried are failures that pass by themselves: dropped connections, 429, 500, 502 and 503. Not retried are answers that
would be the same again, and timeouts: after those, asking for less helps, which only the caller can do. A node that
asks for fewer requests (429, 503, any Retry-After) is asked for fewer by all who wait for it (`gate`, `pace`); another
failure pauses its own request alone.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import random
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from scanner.clients.answer_limits import ANSWER_LIMIT
from scanner.clients.error_texts import refused_for_rate, suspended_for
from scanner.clients.jsonrpc import MessageTooLarge, TimedOut
from scanner.clients.limiter import Limiter
from scanner.clients.observed import Observe, observed, unobserved
from scanner.clients.rate import FIRST_PAUSE, Rate
from scanner.clients.redact import Redactor
from scanner.clients.retry_after import retry_after
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

if TYPE_CHECKING:
    import aiohttp

_T = TypeVar("_T")

_ERROR_LIMIT = 64 * 2**10  # bytes of the body of an HTTP error
CONNECT_TIMEOUT = 15  # seconds
ATTEMPTS = 5
_ATTEMPTS_IN_VAIN = 2  # where each costs a timeout of the gateway's: after that, asking for less helps more
_NOT_THROUGH = "the proxy does not let us through"
_AT_A_WRITE = 2**20  # bytes of a request's body; of a longer one aiohttp wants a file, to write it piece by piece
_ATTEMPTS_BESIDE_OTHERS = 20  # of a request that is asked to wait while the node answers others


class Again(Exception):
    """A failure that may pass. `fewer`: the node asks for fewer requests; `after`: seconds it asked to be left alone;
    `answered`: calls of the request that it answered all the same; `slow`: it took long, and may again."""

    def __init__(
        self,
        error: NodeError,
        after: float | None = None,
        *,
        fewer: bool = False,
        answered: int = 0,
        slow: bool = False,
    ) -> None:
        super().__init__(error)
        self.slow = slow
        self.error = error
        self.after = after
        self.fewer = fewer or after is not None or error.why is Why.RATE_LIMITED
        self.answered = answered


class Sink(Protocol):
    """Takes in an answer too large to be held, piece by piece, decompressed."""

    limit: int  # bytes of the answer, in place of the client's own limit

    def take(self, piece: bytes) -> None:
        """The next bytes. Raises NodeError, which ends the answer, for what it cannot use."""


class HttpClient:
    """One node's HTTP. Open it before the first request; at most `max_in_flight` requests are under way at once, fewer
    while the node asks for fewer.

    Every method raises NodeError and, when cancelled, CancelledError; nothing else, but for `fetch`, whose Again is for
    `patiently` to catch.
    """

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
        """`observe` is called with each request, with the seconds from its turn to its answer."""
        self.settings = settings
        self._sleep = sleep
        self._clock = clock
        self._observe = observe
        self._jitter = jitter  # a number from 0 to 1
        self._answer_limit = answer_limit
        self.redact = Redactor(settings)
        self._gate = Limiter(settings.max_in_flight, sleep=sleep, clock=clock, jitter=jitter)
        self._session: aiohttp.ClientSession | None = None

    @property
    def pace(self) -> Rate:
        """How hard the node is driven now."""
        return self._gate.pace

    async def open(self) -> None:
        """Make ready to connect; the first call connects."""
        import aiohttp

        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip", "User-Agent": "reserve-scanner"}
        if self.settings.user or self.settings.password:
            credentials = f"{self.settings.user}:{self.settings.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        await self.close()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.settings.max_in_flight),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # decompressed here, where the bytes are counted
            read_bufsize=2**18,
        )

    async def close(self) -> None:
        """Let go of all connections. May be called twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def patiently(self, attempt: Callable[[], Awaitable[_T]], calls: Callable[[], int] = lambda: 1) -> _T:
        """`attempt` until it succeeds; its last failure when patience is used up. `calls`: how many the next one holds.

        A request that the node has no time for goes back to the gate, where all wait. One that fails otherwise pauses
        by itself and keeps its place, so that a faltering node is not asked for more meanwhile.
        """
        failures = 0
        while True:
            ticket = await self._gate.enter(calls)
            try:
                answer = await observed(attempt, self._observe, self._clock)
            except Again as failure:
                failures += 1
                if failure.fewer:
                    self._gate.refused(ticket, failure.answered, failure.after)
                if self._is_over(failures, failure):
                    raise failure.error from None
                if not failure.fewer:
                    await self._sleep(FIRST_PAUSE * (2 ** (failures - 1) + self._jitter()))
            except NodeError as error:
                if error.why is not Why.UNREACHABLE:  # an answer, though not the one that was hoped for
                    self._gate.answered(ticket)
                raise
            else:
                self._gate.answered(ticket)
                return answer
            finally:
                self._gate.leave()

    def _is_over(self, failures: int, failure: Again) -> bool:
        """Whether patience is used up: with a node that answers no one, or with this request beside answered ones."""
        if failure.error.why is Why.RATE_LIMITED:
            return self.pace.refusals >= ATTEMPTS or failures >= _ATTEMPTS_BESIDE_OTHERS
        return failures >= (_ATTEMPTS_IN_VAIN if failure.slow else ATTEMPTS)

    async def fetch(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        sink: Sink | None = None,
        limit: int | None = None,
        accept: str = "",
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body of one answer. Raises NodeError, or Again for what may pass.

        With a sink, the body of a good answer goes there, and the one returned is empty. `limit`: bytes of the answer,
        where it should be shorter than the client's own limit. `accept`: the kind of answer that is asked for.
        """
        import aiohttp

        if self._session is None:
            raise NodeError(Why.UNREACHABLE, "the connection is not open")
        seconds = self.settings.timeout if timeout is None else timeout
        data = body if body is None or len(body) <= _AT_A_WRITE else io.BytesIO(body)
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_TIMEOUT, seconds))
        proxy, headers = self.settings.proxy or None, {"Accept": accept} if accept else None
        answer = bytearray()
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=limits, allow_redirects=False, proxy=proxy
            ) as response:
                if (good := 200 <= response.status < 300) and sink is not None:
                    await _read(response, sink.limit, sink.take)
                else:
                    most = min(self._answer_limit, self._answer_limit if limit is None else limit)
                    await _read(response, most if good else _ERROR_LIMIT, answer.extend)
        except MessageTooLarge:
            if not good:
                raise status_error(response.status, response.headers, b"") from None
            raise
        except aiohttp.ClientSSLError:
            raise NodeError(Why.UNREACHABLE, "the TLS certificate could not be verified") from None
        except aiohttp.ClientConnectorError as error:
            to = " to the proxy" if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
            raise Again(NodeError(Why.UNREACHABLE, f"cannot connect{to}: {_reason(error.os_error)}")) from None
        except aiohttp.ConnectionTimeoutError:
            raise Again(NodeError(Why.UNREACHABLE, f"cannot connect within {limits.sock_connect:g} s")) from None
        except TimeoutError:
            raise TimedOut(Why.UNREACHABLE, f"no whole answer within {seconds:g} s") from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            raise Again(NodeError(Why.UNREACHABLE, "the connection was dropped before the answer's end")) from None
        except (aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError) as error:
            raise _no_answer(error) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise NodeError(Why.UNREACHABLE, "the request could not be sent to the configured URL") from None
        return response.status, response.headers, bytes(answer)


async def _read(response: aiohttp.ClientResponse, limit: int, take: Callable[[bytes], object]) -> None:
    """Give `take` the body of `response`, decompressed. Raises TooLarge beyond `limit` bytes, and what `take` raises.

    Raises NodeError for an encoding that was not asked for, or a body that is cut short.
    """
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in {"identity", "gzip"}:
        raise NodeError(Why.MALFORMED, "the answer is in an encoding that was not asked for")
    too_large = MessageTooLarge(Why.MALFORMED, f"the answer is longer than {limit} bytes")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    too_large.size = response.content_length if unpacker is None else None
    room = limit
    try:
        async for chunk in response.content.iter_any():
            if unpacker is None:
                piece = chunk
            else:
                piece = unpacker.decompress(chunk, room + 1)  # a zip bomb stops one byte beyond the limit
                if unpacker.unused_data:
                    raise NodeError(Why.MALFORMED, "the compressed answer goes on after its end")
            if len(piece) > room:
                raise too_large
            room -= len(piece)
            take(piece)
    except zlib.error:
        raise NodeError(Why.MALFORMED, "the compressed answer is damaged") from None
    if unpacker is not None and not unpacker.eof:
        raise NodeError(Why.MALFORMED, "the compressed answer is cut short")


def status_error(status: int, headers: Any, body: bytes) -> Exception:
    """What an HTTP status other than 2xx means. By RFC 9110, and 524, Cloudflare's timeout; of the body only the text
    of a 403 is looked at."""
    if status == 403 and refused_for_rate(body):
        error = NodeError(Why.RATE_LIMITED, "HTTP 403: the node asks for fewer requests")
        return Again(error, retry_after(headers) or suspended_for(body))
    if status in {401, 403}:
        return NodeError(Why.UNAUTHORIZED, f"HTTP {status}: the node refuses these credentials, or such requests")
    if status == 407:
        return NodeError(Why.UNREACHABLE, f"{_NOT_THROUGH}: HTTP 407")
    if status in {413, 414}:
        return MessageTooLarge(Why.REFUSED, f"HTTP {status}: the node refuses a request of this size")
    if status in {408, 504, 524}:
        return TimedOut(Why.UNREACHABLE, f"HTTP {status}: the node was not ready in time")
    if status == 429:
        return Again(NodeError(Why.RATE_LIMITED, "HTTP 429: the node asks for fewer requests"), retry_after(headers))
    if status in {500, 502, 503}:
        error = NodeError(Why.UNREACHABLE, f"HTTP {status}: the node failed")
        return Again(error, retry_after(headers), fewer=status == 503)  # which Erigon and Nethermind send when busy
    if 300 <= status < 400:
        return NodeError(Why.REFUSED, f"HTTP {status}: the node redirects elsewhere, which is not followed")
    return NodeError(Why.REFUSED, f"HTTP {status}")


def _no_answer(error: Exception) -> NodeError:
    """What came in place of an answer of the node: a proxy's refusal, or something that is no HTTP."""
    import aiohttp

    if isinstance(error, aiohttp.ClientHttpProxyError):
        return NodeError(Why.UNREACHABLE, f"{_NOT_THROUGH}: HTTP {error.status}")
    return NodeError(Why.MALFORMED, "the answer is no HTTP")


def _reason(error: OSError) -> str:
    """Why connecting failed, in the system's words; never the exception's own, which name the host."""
    return os.strerror(error.errno).lower() if error.errno is not None and error.errno > 0 else "host not found"
