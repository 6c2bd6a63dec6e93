"""Sending what a job has for others: over verified TLS, to that address and no other, patiently, within bounds.

A change of verdict goes to a webhook, and the metrics to a gateway. Tried again are failures that pass: no connection,
no answer in time, 408, 429 and 5xx; a Retry-After is kept. Nothing that the receiver says is read but its status and
that header. No text that is returned names the URL.

Source: RFC 9110 for statuses and Retry-After. aiohttp is imported when there is something to send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scanner.clients.retry_after import retry_after
from scanner.report.webhook import Message, headers

if TYPE_CHECKING:
    import aiohttp

ATTEMPTS: Final = 5
TIMEOUT: Final = 15  # seconds for one attempt
FIRST_PAUSE: Final = 1.0  # seconds; doubled from one attempt to the next

_TEXT_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"  # of Prometheus' metrics


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send to, and the key to sign with."""

    url: str = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses between attempts. `sleep` takes seconds; `jitter` gives a number from 0 to 1."""

    sleep: Callable[[float], Awaitable[object]]
    jitter: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Request:
    """`headers` are made anew for each attempt: a signature is over the time of sending."""

    method: str
    url: str = field(repr=False)
    body: bytes
    headers: Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    again: bool = True
    after: float | None = None  # seconds that the receiver asked for


async def deliver(
    target: Target,
    messages: Sequence[Message],
    *,
    delivered: Callable[[Message], None],
    clock: Callable[[], float],
    patience: Pauses,
) -> str | None:
    """Send the messages in their order, `delivered` being called for each that was taken; why the rest was not.

    `clock`: Unix time. After a message that is not taken no later one is sent, so that a receiver never sees them out
    of order.
    """
    async with _session() as session:
        for message in messages:

            def signed(message: Message = message) -> Mapping[str, str]:
                return headers(message, target.key, int(clock()))

            failure = await _sent(session, _Request("POST", target.url, message.body, signed), patience)
            if failure is not None:
                return failure
            delivered(message)
    return None


async def push(url: str, text: bytes, patience: Pauses) -> str | None:
    """Put metrics in Prometheus' text format in the place of those that the gateway has at `url`; why it took none.

    Source: the README of Prometheus' Pushgateway (PUT on /metrics/job/NAME and further labels).
    """
    async with _session() as session:
        return await _sent(session, _Request("PUT", url, text, lambda: {"Content-Type": _TEXT_FORMAT}), patience)


def _session() -> aiohttp.ClientSession:
    import aiohttp

    limits = aiohttp.ClientTimeout(total=TIMEOUT)
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=limits)


async def _sent(session: aiohttp.ClientSession, request: _Request, patience: Pauses) -> str | None:
    """Why the request was not taken at last."""
    for attempt in range(1, ATTEMPTS + 1):
        failure = await _attempt(session, request)
        if failure is None:
            return None
        if not failure.again or attempt == ATTEMPTS:
            return failure.reason
        pause = FIRST_PAUSE * 2 ** (attempt - 1) + patience.jitter()
        await patience.sleep(pause if failure.after is None else max(pause, failure.after))
    return None


async def _attempt(session: aiohttp.ClientSession, request: _Request) -> _Failure | None:
    import aiohttp

    sent = {**request.headers(), "User-Agent": "reserve-scanner"}
    try:
        async with session.request(
            request.method, request.url, data=request.body, headers=sent, allow_redirects=False
        ) as response:
            status, answered = response.status, response.headers
            response.close()  # what else it says is not read
    except aiohttp.ClientSSLError:
        return _Failure("the receiver's TLS certificate could not be verified", again=False)
    except TimeoutError:
        return _Failure(f"the receiver did not answer within {TIMEOUT} s")
    except (aiohttp.ClientConnectionError, OSError):
        return _Failure("the receiver could not be reached")
    except (aiohttp.ClientError, ValueError):
        return _Failure("the receiver's answer is no HTTP", again=False)
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return _Failure(f"HTTP {status}: the receiver redirects elsewhere, which is not followed", again=False)
    return _Failure(f"HTTP {status}", again=status in {408, 429} or status >= 500, after=retry_after(answered))
