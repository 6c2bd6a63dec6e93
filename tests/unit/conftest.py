"""Unit tests reach no network: a test that opens a socket fails, whatever it would have talked to."""

from __future__ import annotations

import socket

import pytest


class SocketsBlocked(RuntimeError):
    """A unit test tried to reach the network."""


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SocketsBlocked("unit tests open no sockets; tests of nodes belong in tests/contract or tests/nodes")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
