"""Unit tests reach no network: a test that opens a socket fails, whatever it would have talked to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from scanner.cli import commands

Run = Callable[..., tuple[int, str, str]]


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


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in the folder where the test stands: its exit code, and what it wrote to both outputs."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = commands.main(argv)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
