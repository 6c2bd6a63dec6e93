"""The client itself, against a server that misbehaves: retries, patience, limits, secrets, cancellation."""

from __future__ import annotations

import asyncio
import base64
import gzip
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from scanner.chains.names import parse_chain
from scanner.clients.http_client import ATTEMPTS
from scanner.clients.jsonrpc import MessageTooLarge, RpcError, TimedOut
from scanner.clients.transport import JsonRpc
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.simulated.server import SimError, SimServer
from tests.support.virtual_time import VirtualTime

ETHEREUM = parse_chain("eip155:1")


def echo(method: str, params: list[Any]) -> Any:
    if method == "fail":
        raise SimError(-32000, "no such luck")
    return params[0] if params else method


@asynccontextmanager
async def connected(
    answer: Callable[[str, list[Any]], Any] = echo, pauses: list[float] | None = None, **changes: Any
) -> AsyncIterator[tuple[SimServer, JsonRpc]]:
    time = VirtualTime()
    time.pauses = [] if pauses is None else pauses
    limit = changes.pop("answer_limit", 2**20)
    async with SimServer(answer) as server:
        settings = NodeSettings(**{"kind": "evm", "url": server.url, "operator": "o", "chain": ETHEREUM, **changes})
        timing = {"sleep": time.sleep, "clock": time.clock, "jitter": lambda: 0.5}
        async with JsonRpc(settings, **timing, answer_limit=limit) as rpc:  # type: ignore[arg-type]
            yield server, rpc


def test_a_call_and_a_batch_are_answered_in_order() -> None:
    async def run() -> None:
        async with connected() as (_, rpc):
            assert await rpc.call("echo", [7]) == 7
            assert await rpc.batch([("echo", [number]) for number in range(50)]) == list(range(50))
            assert await rpc.batch([]) == []

    asyncio.run(run())


def test_one_failure_in_a_batch_is_a_value_with_its_code() -> None:
    async def run() -> None:
        async with connected() as (_, rpc):
            first, second, third = await rpc.batch([("echo", [1]), ("fail", []), ("echo", [3])])
            assert (first, third) == (1, 3)
            assert isinstance(second, RpcError)
            assert (second.code, second.detail) == (-32000, "no such luck (code -32000)")

    asyncio.run(run())


def test_failures_that_may_pass_are_tried_again_with_growing_pauses() -> None:
    async def run() -> None:
        pauses: list[float] = []
        async with connected(pauses=pauses) as (server, rpc):
            server.status = 503
            with pytest.raises(NodeError) as caught:
                await rpc.call("echo", [1])
            assert caught.value.why is Why.UNREACHABLE
            assert len(server.requests) == ATTEMPTS
        assert pauses == [0.375, 0.625, 1.125, 2.125]

    asyncio.run(run())


@pytest.mark.parametrize(("told", "pause"), [("7", 7.125), ("86400", 30.125), ("soon", 0.375)])
def test_a_busy_node_is_left_alone_for_as_long_as_it_asks_within_reason(told: str, pause: float) -> None:
    async def run() -> None:
        pauses: list[float] = []
        async with connected(pauses=pauses) as (server, rpc):
            server.status, server.headers, server.times = 429, {"Retry-After": told}, 1
            assert await rpc.call("echo", [1]) == 1
        assert pauses == [pause]

    asyncio.run(run())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 302, 504])
def test_failures_that_will_not_pass_are_not_tried_again(status: int) -> None:
    async def run() -> None:
        async with connected() as (server, rpc):
            server.status = status
            with pytest.raises(NodeError):
                await rpc.call("echo", [1])
            assert len(server.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize(("status", "kind"), [(413, MessageTooLarge), (504, TimedOut), (524, TimedOut)])
def test_a_request_that_was_too_much_is_told_as_such(status: int, kind: type[NodeError]) -> None:
    async def run() -> None:
        async with connected() as (server, rpc):
            server.status = status
            with pytest.raises(kind):
                await rpc.batch([("echo", [1])])

    asyncio.run(run())


def test_only_the_calls_of_a_batch_that_met_a_busy_node_are_asked_again() -> None:
    asked: list[Any] = []

    def sometimes_busy(_method: str, params: list[Any]) -> Any:
        asked.append(params[0])
        if params[0] % 3 == 0 and asked.count(params[0]) < 3:
            raise SimError(-32005, "limit exceeded")
        return params[0]

    async def run() -> None:
        async with connected(sometimes_busy) as (server, rpc):
            assert await rpc.batch([("echo", [number]) for number in range(6)]) == list(range(6))
            assert [len(request) for request in server.requests] == [6, 1, 1, 1, 1]

    asyncio.run(run())


def test_calls_that_stay_too_much_for_a_busy_node_fail_alone() -> None:
    def busy_for_two(_method: str, params: list[Any]) -> Any:
        if params[0] == 2:
            raise SimError(-32005, "limit exceeded")
        return params[0]

    async def run() -> None:
        async with connected(busy_for_two) as (_, rpc):
            outcomes = await rpc.batch([("echo", [number]) for number in range(4)])
            assert [outcomes[0], outcomes[1], outcomes[3]] == [0, 1, 3]
            assert isinstance(outcomes[2], RpcError)
            assert outcomes[2].why is Why.RATE_LIMITED

    asyncio.run(run())


def test_an_rpc_error_that_comes_with_http_500_keeps_its_code() -> None:
    async def run() -> None:
        async with connected() as (server, rpc):
            server.status = 500
            with pytest.raises(RpcError) as caught:
                await rpc.call("fail", [])
            assert caught.value.code == -32000
            assert len(server.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_over_the_limit_is_not_read_to_its_end(compressed: bool) -> None:
    async def run() -> None:
        async with connected(answer_limit=10_000) as (server, rpc):
            server.body = gzip.compress(bytes(2**24)) if compressed else bytes(2**24)
            server.headers = {"Content-Encoding": "gzip"} if compressed else {}
            with pytest.raises(MessageTooLarge, match="longer than 10000 bytes"):
                await rpc.call("echo", [1])

    asyncio.run(run())


def test_an_answer_of_just_the_limit_is_read() -> None:
    async def run() -> None:
        async with connected(answer_limit=10_000) as (server, rpc):
            server.spoil_body = lambda body: body.ljust(10_000)
            assert await rpc.call("echo", [1]) == 1
            server.spoil_body = lambda body: body.ljust(10_001)
            with pytest.raises(MessageTooLarge):
                await rpc.call("echo", [1])

    asyncio.run(run())


def test_connections_are_used_again_and_at_most_max_in_flight_at_once() -> None:
    under_way = most = 0

    async def run() -> None:
        async with connected(max_in_flight=3) as (server, rpc):
            plain = server._serve

            async def counted(request: Any) -> Any:
                nonlocal under_way, most
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                try:
                    return await plain(request)
                finally:
                    under_way -= 1

            server._serve = counted  # type: ignore[method-assign]
            assert await asyncio.gather(*(rpc.call("echo", [number]) for number in range(40))) == list(range(40))
            assert len({headers["peer"] for headers in server.request_headers}) <= 3

    asyncio.run(run())
    assert most <= 3


def test_a_storm_of_cancelled_calls_leaves_the_client_usable() -> None:
    async def run() -> None:
        async with connected(max_in_flight=2) as (_, rpc):
            tasks = [asyncio.create_task(rpc.call("echo", [number])) for number in range(100)]
            for turn in range(20):
                await asyncio.sleep(0)
                for task in tasks[turn * 5 : turn * 5 + 5]:
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert await rpc.call("echo", ["still there"]) == "still there"

    asyncio.run(run())


def test_credentials_go_in_a_header_and_into_no_error() -> None:
    async def run() -> None:
        async with connected(user="alice", password="pa:ss wörd") as (server, rpc):
            await rpc.call("echo", [1])
            token = base64.b64encode("alice:pa:ss wörd".encode()).decode()
            assert server.request_headers[0]["Authorization"] == f"Basic {token}"
            server.answer = lambda *_: _raise(SimError(-1, f"bad key in {server.url} for alice, pa:ss wörd"))
            with pytest.raises(NodeError) as caught:
                await rpc.call("echo", [1])
            for secret in ("alice", "ss w", "127.0.0.1", "secret-key", server.url):
                assert secret not in str(caught.value)

    asyncio.run(run())


def _raise(error: Exception) -> Any:
    raise error


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/key-1234", "http://host.invalid/key-1234", "http://[::1]:1/key-1234", "nonsense-1234", ""],
)
def test_a_node_that_cannot_be_reached_is_unreachable_and_not_named(url: str) -> None:
    async def run() -> None:
        settings = NodeSettings("evm", url, "o", ETHEREUM)
        async with JsonRpc(settings, sleep=lambda _: asyncio.sleep(0)) as rpc:
            with pytest.raises(NodeError) as caught:
                await rpc.call("echo", [1])
        assert caught.value.why is Why.UNREACHABLE
        for secret in ("1234", "127.0.0.1", "host.invalid", "::1"):
            assert secret not in str(caught.value)

    asyncio.run(run())


def test_a_server_whose_certificate_nobody_vouches_for_is_not_talked_to(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost", "-days", "1", "-nodes"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(["openssl", "req", "-x509", *curve, *made], check=True, capture_output=True)
    received = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read())
        writer.close()

    async def run() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        settings = NodeSettings("evm", f"https://localhost:{port}/", "o", ETHEREUM)
        async with server, JsonRpc(settings) as rpc:
            with pytest.raises(NodeError, match="TLS certificate could not be verified") as caught:
                await rpc.call("echo", [1])
        assert caught.value.why is Why.UNREACHABLE

    asyncio.run(run())
    assert not received


def test_a_client_that_is_not_open_says_so() -> None:
    async def run() -> None:
        rpc = JsonRpc(NodeSettings("evm", "http://127.0.0.1:1", "o", ETHEREUM))
        with pytest.raises(NodeError, match="not open"):
            await rpc.call("echo", [1])
        await rpc.close()
        await rpc.close()

    asyncio.run(run())


def test_every_request_is_told_with_its_time_and_how_it_ended() -> None:
    told: list[tuple[float, str]] = []

    async def run() -> None:
        ticks = iter(range(100))
        async with SimServer(echo) as server:
            settings = NodeSettings("evm", server.url, "o", ETHEREUM)
            node = JsonRpc(
                settings,
                sleep=lambda _: asyncio.sleep(0),
                clock=lambda: next(ticks),
                observe=lambda seconds, outcome: told.append((seconds, outcome)),
            )
            async with node as rpc:
                await rpc.call("echo", [1])
                await rpc.batch([("echo", [number]) for number in range(3)])
                with pytest.raises(NodeError):
                    await rpc.call("fail", [])
        async with JsonRpc(
            NodeSettings("evm", server.url, "o", ETHEREUM),
            sleep=lambda _: asyncio.sleep(0),
            observe=lambda _, outcome: told.append((1, outcome)),
        ) as rpc:
            with pytest.raises(NodeError):
                await rpc.call("echo", [1])

    asyncio.run(run())
    assert [outcome for _, outcome in told] == ["OK", "OK", "REFUSED", *["UNREACHABLE"] * ATTEMPTS]
    assert all(seconds > 0 for seconds, _ in told)
