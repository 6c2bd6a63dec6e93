"""A real Pushgateway on this machine: where jobs that end bring their metrics, for Prometheus to scrape.

The program is Debian's package `prometheus-pushgateway`, or `pushgateway` on PATH.
"""

from __future__ import annotations

import shutil
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from localnet.errors import NodeFailed, NodeMissing
from localnet.process import Node, NodeProcess, free_port


class Pushgateway(Node):
    """A running gateway. `address`: host and port."""

    def __init__(self, process: NodeProcess, address: str) -> None:
        super().__init__(process)
        self.address = address

    @classmethod
    def start(cls) -> Self:
        """Raises NodeMissing, NodeFailed."""
        program = shutil.which("prometheus-pushgateway") or shutil.which("pushgateway")
        if program is None:
            raise NodeMissing("no Pushgateway is installed: apt-get install prometheus-pushgateway")
        process = NodeProcess("pushgateway")
        gateway = cls(process, f"127.0.0.1:{free_port()}")
        try:
            process.start([program, f"--web.listen-address={gateway.address}"])
            process.wait_for("its metrics", gateway.metrics)
        except BaseException:
            process.stop()
            raise
        return gateway

    def metrics(self) -> str:
        """What it would be scraped for. Raises NodeFailed while it does not answer."""
        try:
            with urlopen(f"http://{self.address}/metrics", timeout=30) as answer:
                return str(answer.read().decode())
        except URLError as error:
            raise NodeFailed(f"the Pushgateway does not answer: {error.reason}") from None
