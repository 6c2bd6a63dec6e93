"""A real receiver of webhooks on this machine, for tests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

PATH: Final = "/path-that-must-not-leak"

Answer = tuple[int, dict[str, str]]


@dataclass
class Receiver:
    """Answers as it is told, the last answer again and again; `got`: path, headers and body of each request."""

    answers: list[Answer]
    got: list[tuple[str, Headers, bytes]] = field(default_factory=list)
    url: str = ""
    before: Callable[[], object] = lambda: None  # called before each answer


@contextmanager
def receiving(answers: Sequence[Answer], context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """`context`: for TLS."""
    receiver = Receiver(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.path, self.headers, body))
            receiver.before()
            status, more = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_PUT = do_POST  # noqa: N815 - so that a redirect that is followed is seen, and a push

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # a client that ends the handshake
            return

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}{PATH}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
