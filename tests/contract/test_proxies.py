"""Nodes asked through a proxy, which the instrument's file names and the environment does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from scanner.chains.bitcoin.node.electrum import ElectrumNode
from scanner.chains.names import parse_chain
from scanner.clients.transport import JsonRpc
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.real.bitcoin_nodes import REGTEST
from tests.support.real.forward_proxy import ForwardProxy
from tests.support.simulated.bitcoin import SimBitcoin
from tests.support.simulated.electrum import LineServer, SimElectrum
from tests.support.simulated.server import SimServer

EVM = NodeSettings("evm", "http://node.example:8545/v3/key", "o", parse_chain("eip155:1"), timeout=20)
_CREDENTIALS = "au%40ditor:p%3Aw"


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with ForwardProxy() as server:
        yield server


def asked(settings: NodeSettings) -> Any:
    """What the node answers, each pause of a retry taking no time."""

    async def run() -> Any:
        async def no_sleep(_seconds: float) -> None:
            return None

        async with JsonRpc(settings, sleep=no_sleep) as rpc:
            return await rpc.call("echo", [7])

    return asyncio.run(run())


def failed(settings: NodeSettings) -> NodeError:
    with pytest.raises(NodeError) as caught:
        asked(settings)
    return caught.value


def test_a_node_is_asked_through_its_proxy_with_the_proxys_own_credentials(proxy: ForwardProxy) -> None:
    async def run() -> None:
        async with SimServer(lambda _method, params: params[0]) as server:
            through = proxy.url.replace("http://", f"http://{_CREDENTIALS}@")
            settings = replace(EVM, url=server.url, proxy=through, user="node", password="secret")
            async with JsonRpc(settings) as rpc:
                assert await rpc.call("echo", [7]) == 7
            (first,) = proxy.asked
            assert first.startswith(f"POST {server.url}")

    asyncio.run(run())
    assert proxy.credentials == ["au@ditor:p:w"]


def test_an_encrypted_node_is_asked_through_a_tunnel_that_the_proxy_cannot_look_into(proxy: ForwardProxy) -> None:
    proxy.refuses = 403
    error = failed(replace(EVM, url="https://node.example/v3/key", proxy=proxy.url))
    assert proxy.asked == ["CONNECT node.example:443 HTTP/1.1"]
    assert (error.why, error.detail) == (Why.UNREACHABLE, "the proxy does not let us through: HTTP 403")


@pytest.mark.parametrize("url", ["https://node.example/v3/key", "http://node.example/v3/key"])
def test_a_proxy_that_wants_other_credentials_is_told_of_as_such(proxy: ForwardProxy, url: str) -> None:
    proxy.refuses = 407
    error = failed(replace(EVM, url=url, proxy=proxy.url))
    assert (error.why, error.detail) == (Why.UNREACHABLE, "the proxy does not let us through: HTTP 407")


def test_a_proxy_that_is_not_there_is_told_of_without_its_name() -> None:
    error = failed(replace(EVM, url="https://node.example/v3/key", proxy="http://user:word@127.0.0.1:9"))
    assert error.why is Why.UNREACHABLE
    assert error.detail.startswith("cannot connect to the proxy: ")
    assert "127.0.0.1" not in error.detail


def test_the_environments_proxies_are_not_heeded(proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def run() -> None:
        async with SimServer(lambda _method, params: params[0]) as server, JsonRpc(replace(EVM, url=server.url)) as rpc:
            assert await rpc.call("echo", [7]) == 7

    asyncio.run(run())
    assert proxy.asked == []


# --- Electrum, which is no HTTP


def electrum(server: LineServer, through: str) -> ElectrumNode:
    async def no_sleep(_seconds: float) -> None:
        return None

    settings = NodeSettings("electrum", server.url, "o", REGTEST, timeout=10, proxy=through)
    return ElectrumNode(settings, sleep=no_sleep)


def opened(node: ElectrumNode) -> int:
    async def run() -> int:
        try:
            await node.open()
            return await node.final_height()
        finally:
            await node.close()

    return asyncio.run(run())


@pytest.fixture
def server() -> Iterator[LineServer]:
    chain = SimBitcoin(Random(7), [b"\x51"], 12)
    with LineServer(SimElectrum(chain).answer) as lines:
        yield lines


def test_an_electrum_server_is_asked_through_a_tunnel(proxy: ForwardProxy, server: LineServer) -> None:
    directly = opened(electrum(server, ""))
    assert proxy.asked == []
    assert opened(electrum(server, proxy.url.replace("http://", f"http://{_CREDENTIALS}@"))) == directly
    assert proxy.asked == [f"CONNECT {server.url.removeprefix('tcp://')} HTTP/1.1"]
    assert proxy.credentials == ["au@ditor:p:w"]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy does not let us through: HTTP 403"),
        (b"HTTP/1.1 2000 OK\r\n\r\n{}", "the proxy does not answer as a proxy does"),
        (b"HTTP/1.1 OK\r\n\r\n", "the proxy does not answer as a proxy does"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "the proxy does not answer as a proxy does"),
        (b"", "the proxy does not answer as a proxy does"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 2**21, "the proxy does not answer as a proxy does"),
    ],
)
def test_a_proxy_that_says_something_else_is_told_of_and_never_taken_for_the_server(
    proxy: ForwardProxy, server: LineServer, says: bytes, told: str
) -> None:
    proxy.says = says
    with pytest.raises(NodeError) as caught:
        opened(electrum(server, proxy.url))
    assert (caught.value.why, caught.value.detail) == (Why.UNREACHABLE, told)
