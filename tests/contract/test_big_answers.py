"""A node that answers a small question with megabytes is left out, and costs next to nothing; nor does anybody wait."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scanner.chains.backends import open_node
from scanner.chains.names import parse_chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

MIB = 2**20
BODIES = {
    "lists": b"[" + b"[]," * (16 * MIB // 3) + b"[]]",
    "side by side": b"[]" * (8 * MIB),
    "fractions": b"[" + b"0.1," * (4 * MIB) + b"0.1]",
    "one text": b'"' + b"a" * (16 * MIB) + b'"',
    "nothing": b"\0" * (16 * MIB),
}
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
KINDS = {
    "evm": ("http", "eip155:1"),
    "bitcoind": ("http", BITCOIN),
    "esplora": ("http", BITCOIN),
    "beacon": ("http", "beacon:1"),
    "electrum": ("tcp", BITCOIN),
}


@asynccontextmanager
async def answering(body: bytes, *, packed: bool = False, line: bool = False) -> AsyncIterator[int]:
    """The port of a server that answers whatever it is asked with this body, or with it as one line without an end."""
    sent = gzip.compress(body, 1) if packed else body
    encoding = b"Content-Encoding: gzip\r\n" if packed else b""
    head = b"" if line else b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (encoding, len(sent))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65_536)
            writer.write(head)
            for start in range(0, len(sent), 2**16):
                writer.write(sent[start : start + 2**16])
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def opened(kind: str, port: int) -> NodeError:
    scheme, chain = KINDS[kind]
    settings = NodeSettings(kind, f"{scheme}://127.0.0.1:{port}", "alpha", parse_chain(chain), timeout=60)
    node = open_node(settings)
    try:
        await node.open()
    except NodeError as error:
        return error
    finally:
        await node.close()
    raise AssertionError("the node was opened")


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(("kind", "packed"), [*((kind, False) for kind in KINDS), ("evm", True), ("esplora", True)])
def test_a_long_answer_to_a_small_question_costs_next_to_nothing(kind: str, packed: bool, body: str) -> None:
    async def run() -> tuple[NodeError, int]:
        async with answering(BODIES[body], packed=packed, line=kind == "electrum") as port:
            await opened(kind, port)  # which imports what is imported when first needed
            tracemalloc.start()
            try:
                return await opened(kind, port), tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    error, peak = asyncio.run(run())
    assert error.why is Why.MALFORMED
    assert peak < 4 * MIB
