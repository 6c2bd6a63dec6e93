"""Unit tests reach no network: a test that opens a socket fails, whatever it would have talked to."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest


class SocketsBlocked(RuntimeError):
    """A unit test tried to reach the network."""


@pytest.fixture(autouse=True, scope="module")
def _no_sockets() -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise SocketsBlocked("unit tests open no sockets; tests of nodes belong in tests/contract or tests/nodes")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(socket.socket, "bind", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield
