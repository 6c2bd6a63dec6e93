"""Sending a message to a webhook: over verified TLS, to that address and no other, patiently, within bounds.

Tried again are failures that pass: no connection, no answer in time, 408, 429 and 5xx; a Retry-After is kept. Nothing
that the receiver says is read but its status and that header. No text that is returned names the URL.

Source: RFC 9110 for statuses and Retry-After. aiohttp is imported when there is something to send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scanner.clients.retry_after import retry_after
from scanner.report.webhook import Message, headers

if TYPE_CHECKING:
    import aiohttp

ATTEMPTS: Final = 5
TIMEOUT: Final = 15  # seconds for one attempt
FIRST_PAUSE: Final = 1.0  # seconds; doubled from one attempt to the next


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send to, and the key to sign with."""

    url: str = field(repr=False)
    key: bytes = field(repr=False)


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
    sleep: Callable[[float], Awaitable[object]],
    jitter: Callable[[], float],
) -> str | None:
    """Send the messages in their order, `delivered` being called for each that was taken; why the rest was not.

    `clock`: Unix time; `jitter`: from 0 to 1. After a message that is not taken no later one is sent, so that a
    receiver never sees them out of order.
    """
    import aiohttp

    limits = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=limits) as session:
        for message in messages:
            for attempt in range(1, ATTEMPTS + 1):
                failure = await _attempt(session, target, message, clock)
                if failure is None:
                    delivered(message)
                    break
                if not failure.again or attempt == ATTEMPTS:
                    return failure.reason
                pause = FIRST_PAUSE * 2 ** (attempt - 1) + jitter()
                await sleep(pause if failure.after is None else max(pause, failure.after))
    return None


async def _attempt(
    session: aiohttp.ClientSession, target: Target, message: Message, clock: Callable[[], float]
) -> _Failure | None:
    import aiohttp

    sent = headers(message, target.key, int(clock())) | {"User-Agent": "reserve-scanner"}
    try:
        async with session.post(target.url, data=message.body, headers=sent, allow_redirects=False) as response:
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
