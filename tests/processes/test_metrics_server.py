"""Served metrics: answered whoever else is connected, at the price of a few connections at most."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.request import urlopen

import pytest

from scanner.cli import metrics_server
from scanner.cli.job_arguments import Address
from scanner.cli.metrics_server import MOST_CONNECTIONS, Served, new_metrics

PATIENCE = 30  # seconds


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served.at(Address("0"), new_metrics())
    yield server
    server.stop()


def connected(served: Served) -> socket.socket:
    host, _, port = served.url.removeprefix("http://").removesuffix("/metrics").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def scraped(served: Served) -> str:
    with urlopen(served.url, timeout=PATIENCE) as answer:  # noqa: S310 - of this machine
        return str(answer.read().decode())


def test_connections_that_say_nothing_are_closed_for_newer_ones_and_shut_out_no_reader(
    served: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connected(served)) for _ in range(5 * MOST_CONNECTIONS)]
        assert "reserve_scanner_build_info" in scraped(served)
        for connection in idle[: -MOST_CONNECTIONS + 1]:
            assert connection.recv(1) == b"", "the oldest are closed"
        for connection in idle[-3:]:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert connection.recv(4) == b"HTTP", "the newest are still heard"
    assert capfd.readouterr().err == ""


def test_a_connection_that_says_nothing_for_too_long_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(metrics_server._Handler, "timeout", 0.01)
    with connected(served) as connection:
        connection.sendall(b"GET /met")
        assert connection.recv(1) == b""
    assert capfd.readouterr().err == ""
