"""Metrics that are served while a scan runs: to this machine alone, unless the command line names another address."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING, Any

from scanner.cli.job_arguments import Address
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.report.metrics import Metrics


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
    _server: Any
    _thread: Thread

    @classmethod
    def at(cls, address: Address, metrics: Metrics) -> Served:
        """Port 0 is any free one. Raises InputError where nothing can listen there."""
        from prometheus_client import start_http_server

        try:
            server, thread = start_http_server(address.port, address.host, metrics.registry)
        except OSError as error:
            what = f"cannot listen at {address.host}, port {address.port}: {error.strerror or error}"
            raise InputError.at("--metrics-port", what) from None
        host = f"[{address.host}]" if ":" in address.host else address.host
        return cls(f"http://{host}:{server.server_port}/metrics", server, thread)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
