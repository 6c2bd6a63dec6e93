"""Metrics that are served while a scan runs: to this machine alone, unless the command line names another address.

A connection that says nothing is closed after some seconds, and the oldest of too many for the newest: anyone who can
reach the port can neither keep threads of the scan's process for themselves nor shut out who reads the metrics.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from socketserver import ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from scanner.cli.job_arguments import Address
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.report.metrics import Metrics

MOST_CONNECTIONS: Final = 16
IDLE: Final = 10  # seconds without a byte


def new_metrics() -> Metrics:
    """The metrics of a run that begins. Raises InputError where the extra is not installed."""
    try:
        from prometheus_client import disable_created_metrics

        from scanner.report.metrics import Metrics
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        what = "needs the extra metrics: pip install 'reserve-scanner[metrics]'"
        raise InputError.at("--metrics", what) from None
    disable_created_metrics()  # type: ignore[no-untyped-call]  # which nothing reads
    return Metrics(version("reserve-scanner"))


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a thread of its own."""

    url: str
    _server: _Server
    _thread: Thread

    @classmethod
    def at(cls, address: Address, metrics: Metrics) -> Served:
        """Port 0 is any free one. Raises InputError where nothing can listen there."""
        from prometheus_client import make_wsgi_app

        try:
            server = _Server(address)
        except OSError as error:
            what = f"cannot listen at {address.host}, port {address.port}: {error.strerror or error}"
            raise InputError.at("--metrics-port", what) from None
        server.set_app(make_wsgi_app(metrics.registry))
        thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        host = f"[{address.host}]" if ":" in address.host else address.host
        return cls(f"http://{host}:{server.server_port}/metrics", server, thread)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(WSGIRequestHandler):
    """One request a connection (HTTP/1.0)."""

    timeout = IDLE

    def log_message(self, *_: object) -> None:
        """Nothing: stderr is the scan's."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each of a few connections."""

    daemon_threads = True

    def __init__(self, address: Address) -> None:
        """Raises OSError where nothing can listen at `address`."""
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family, *_, where = found[0]
        self._connections: dict[socket.socket, None] = {}  # in the order of their coming
        self._lock = Lock()
        super().__init__((str(where[0]), address.port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, for which the oldest makes room."""
        with self._lock:
            while len(self._connections) >= MOST_CONNECTIONS:
                oldest = next(iter(self._connections))
                del self._connections[oldest]
                with suppress(OSError):  # it may just have ended
                    oldest.shutdown(socket.SHUT_RDWR)
            self._connections[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: who hangs up, or says nothing for too long, is no concern of the scan's."""
