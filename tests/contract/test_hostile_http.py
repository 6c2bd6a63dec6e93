"""Whatever stands in the HTTP of an answer, numbers above all, is that node's failure, or that receiver's."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scanner.chains.backends import open_node
from scanner.chains.boundary import Bug, guarded
from scanner.chains.names import parse_chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError
from scanner.report.delivery import Pauses, Target, deliver, push
from scanner.report.webhook import Message

FAR = b"Wed, 21 Oct 99999999999999999999 07:28:00 GMT"
BODY = b'{"jsonrpc":"2.0","id":1,"result":"0x1"}'
ANSWERS = {
    "a date beyond all calendars": b"HTTP/1.1 429 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n" % FAR,
    "a date of its own beyond them": (
        b"HTTP/1.1 503 No\r\nDate: %s\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n" % FAR
    ),
    "a pause of 5,000 digits": b"HTTP/1.1 429 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n" % (b"9" * 5_000),
    "a length of 5,000 digits": b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5_000) + BODY,
    "a length beyond 64 bits": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n" + BODY,
    "a length below zero": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + BODY,
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n" + BODY,
    "a piece of any size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n" + BODY,
    "a status of many digits": b"HTTP/1.1 99999999999999999999 OK\r\n\r\n",
    "a status that is none": b"HTTP/1.1 abc OK\r\n\r\n",
    "status 999": b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    "a version of its own": b"HTTP/99999999999.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a header of a megabyte": b"HTTP/1.1 200 OK\r\nX: %s\r\n\r\n" % (b"a" * 2**20),
    "ten thousand headers": b"HTTP/1.1 200 OK\r\n%s\r\n" % (b"X: a\r\n" * 10_000),
    "bytes that are no text": b"HTTP/1.1 200 \xff\xfe\r\nX\xff: \x80\r\nContent-Length: 0\r\n\r\n",
    "a charset that nobody knows": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/x; charset=\xff\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        + BODY[:-1]
        + b"]"
    ),
    "cookies and a place to go": (
        b"HTTP/1.1 302 Go\r\nLocation: http://[::ffff:\xff\r\nSet-Cookie: a=b; expires=%s\r\nContent-Length: 0\r\n\r\n"
        % FAR
    ),
    "news before the answer": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    "another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "nothing": b"",
}


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """The port of a server that sends these bytes to whoever asks, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65_536)
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def no_time(_: float) -> None:
    return


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize(("kind", "chain"), [("evm", "eip155:7"), ("beacon", "beacon:1")])
def test_a_node_fails_and_no_bug_is_met(name: str, kind: str, chain: str) -> None:
    bugs: list[Bug] = []

    async def run() -> None:
        async with answering(ANSWERS[name]) as port:
            settings = NodeSettings(kind, f"http://127.0.0.1:{port}", "alpha", parse_chain(chain), timeout=20)
            node = open_node(settings)
            client = getattr(node, "_rpc", None) or node._rest  # type: ignore[attr-defined]
            client._sleep = client._gate._sleep = no_time
            with pytest.raises(NodeError):
                await guarded(node, bugs.append).open()
            await node.close()

    asyncio.run(run())
    assert bugs == []


@pytest.mark.parametrize("name", ANSWERS)
def test_a_receiver_has_the_message_or_is_told_of(name: str) -> None:
    async def run() -> tuple[str | None, list[Message]]:
        taken: list[Message] = []
        async with answering(ANSWERS[name]) as port:
            why = await deliver(
                Target(f"http://127.0.0.1:{port}/hook", b"k" * 32),
                [Message("ab" * 16, b"{}")],
                delivered=taken.append,
                clock=time.time,
                patience=Pauses(no_time, random.random),
            )
        return why, taken

    why, taken = asyncio.run(run())
    assert (why is None) == bool(taken)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_gateway_takes_metrics_or_is_told_of(name: str) -> None:
    async def run() -> str | None:
        async with answering(ANSWERS[name]) as port:
            return await push(f"http://127.0.0.1:{port}/metrics/job/a", b"a 1\n", Pauses(no_time, random.random))

    why = asyncio.run(run())
    assert why is None or why.startswith(("HTTP ", "the receiver"))
