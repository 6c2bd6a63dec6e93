"""An HTTP proxy on this machine: lets through by CONNECT, hands on plain requests, or refuses by assignment.

with ForwardProxy() as proxy:
    proxy.refuses = 407
    ...proxy.url, proxy.asked: the first lines of the requests, and what credentials came with them
"""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class ForwardProxy:
    def __init__(self) -> None:
        self.refuses: int | None = None  # with this status
        self.says: bytes | None = None  # in place of anything that a proxy says
        self.asked: list[str] = []
        self.credentials: list[str] = []
        proxy = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._handle(self.connection)

        class Server(ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := client.recv(2**16)):
                return
            head += piece
        lines, _, body = head.partition(b"\r\n\r\n")
        first, *headers = lines.decode("latin-1").split("\r\n")
        self.asked.append(first)
        for header in headers:
            name, _, value = header.partition(": ")
            if name.lower() == "proxy-authorization":
                self.credentials.append(base64.b64decode(value.removeprefix("Basic ")).decode())
        if self.says is not None:
            client.sendall(self.says)
            return
        if self.refuses is not None:
            client.sendall(f"HTTP/1.1 {self.refuses} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        method, place, _ = first.split(" ")
        if method == "CONNECT":
            host, _, port = place.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port)), timeout=30) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _both_ways(client, server)
        else:
            parts = urlsplit(place)
            kept = [line for line in headers if not line.lower().startswith("proxy-")]
            with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as server:
                question = "\r\n".join([f"{method} {parts.path or '/'} HTTP/1.1", *kept, "", ""])
                server.sendall(question.encode("latin-1") + body)
                _both_ways(client, server)


def _both_ways(one: socket.socket, other: socket.socket) -> None:
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(2**16):
            to.sendall(piece)
    for each in (source, to):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
