"""Unit tests reach no network: a test that opens a socket fails, whatever it would have talked to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

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


@pytest.fixture(autouse=True, scope="session")
def _interrupt() -> Iterator[None]:
    """Ctrl-C ends the tests as ever, by a handler that is not Python's own: asyncio.run leaves that alone. In place of
    Python's own it puts one of each run's, and to compare that with another prints all that the run came to."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, interrupt)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in the folder where the test stands: its exit code, and what it wrote to both outputs."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = commands.main(argv)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
