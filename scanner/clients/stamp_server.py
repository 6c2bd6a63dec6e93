"""One question to a server that stamps digests, and its answer: over HTTP, bounded in size and time, and never again.

A time-stamping authority is asked over plain HTTP as often as not: what it is sent is no secret, and what it answers is
checked. No redirect is followed, and no text that is raised names the URL. Not here: what is asked, and what an answer
means. aiohttp is imported when there is something to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.errors import NodeError, Why

TIMEOUT: Final = 30  # seconds for one question and its answer


@dataclass(frozen=True, slots=True)
class StampRequest:
    """What a server is asked."""

    body: bytes | None  # posted; None: what stands at the URL
    content_type: str  # of the body
    accept: str  # the kind of answer that is expected
    most: int  # bytes that the answer may have


async def ask(url: str, question: StampRequest) -> bytes:
    """The body of a good answer. Raises NodeError: REFUSED with the HTTP status for any other, UNREACHABLE where there
    is none, MALFORMED for one that is too long or in another encoding."""
    import aiohttp

    headers = {"Accept": question.accept, "Accept-Encoding": "identity", "User-Agent": "reserve-scanner"}
    if question.body is not None:
        headers["Content-Type"] = question.content_type
    method = "GET" if question.body is None else "POST"
    limits = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), timeout=limits, headers=headers, auto_decompress=False
            ) as session,
            session.request(method, url, data=question.body, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise NodeError(Why.REFUSED, f"HTTP {response.status}")
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise NodeError(Why.MALFORMED, "the answer is in an encoding that was not asked for")
            answer = bytearray()
            async for piece in response.content.iter_any():
                answer += piece
                if len(answer) > question.most:
                    raise NodeError(Why.MALFORMED, f"the answer is longer than {question.most} bytes")
            return bytes(answer)
    except aiohttp.ClientSSLError:
        raise NodeError(Why.UNREACHABLE, "the server's TLS certificate could not be verified") from None
    except TimeoutError:
        raise NodeError(Why.UNREACHABLE, f"no whole answer within {TIMEOUT} s") from None
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError):
        raise NodeError(Why.UNREACHABLE, "the server could not be reached, or ended the connection early") from None
    except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, ValueError):
        raise NodeError(Why.MALFORMED, "the answer is no HTTP") from None
