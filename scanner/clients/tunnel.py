"""A connection through an HTTP proxy: for protocols that are not HTTP themselves. HTTP goes through aiohttp's own way.

Source: RFC 9110, 9.3.6 (CONNECT).
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from urllib.parse import unquote, urlsplit

from scanner.errors import NodeError, Why

_LONGEST_ANSWER = 16 * 2**10  # bytes of the proxy's answer
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_OK = b"200"


async def connected(
    host: str, port: int, *, proxy: str, context: ssl.SSLContext | None, limit: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream to the host, with TLS where there is a `context`; directly where `proxy` is empty.

    `limit`: bytes that the reader holds. Raises OSError, and NodeError where the proxy does not let us through. The one
    who calls bounds the time.
    """
    if not proxy:
        return await asyncio.open_connection(host, port, ssl=context, limit=limit)
    parts = urlsplit(proxy)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=max(limit, _LONGEST_ANSWER))
    try:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        writer.write(_question(place, unquote(parts.username or ""), unquote(parts.password or "")))
        await writer.drain()
        await _let_through(reader)
        if context is not None:
            await writer.start_tls(context, server_hostname=host)
    except BaseException:
        writer.close()
        raise
    return reader, writer


def _question(place: str, user: str, password: str) -> bytes:
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if user or password:
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _let_through(reader: asyncio.StreamReader) -> None:
    """Read the proxy's answer to its end, and not a byte of what the server says. Raises NodeError."""
    try:
        answer = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NodeError(Why.UNREACHABLE, "the proxy does not answer as a proxy does") from None
    status = _STATUS.match(answer)
    if status is None or len(answer) > _LONGEST_ANSWER:
        raise NodeError(Why.UNREACHABLE, "the proxy does not answer as a proxy does")
    if status[1] != _OK:
        raise NodeError(Why.UNREACHABLE, f"the proxy does not let us through: HTTP {status[1].decode()}")
