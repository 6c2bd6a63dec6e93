"""A real Prometheus on this machine, which scrapes one address and judges our alerts.

The program is Debian's package `prometheus` or one on PATH. It listens on a free port of 127.0.0.1. Not in here: what
is scraped, and what it should show.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from localnet.errors import NodeFailed, NodeMissing
from localnet.process import Node, NodeProcess, free_port

_CONFIGURATION = """\
global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}
rule_files: ['{rules}']
scrape_configs: [{{job_name: scanner, static_configs: [{{targets: ['{target}']}}]}}]
"""


class Prometheus(Node):
    """A running server."""

    def __init__(self, process: NodeProcess, port: int) -> None:
        super().__init__(process)
        self.port = port

    @classmethod
    def start(cls, target: str, rules: Path) -> Self:
        """Scrapes `target`, "127.0.0.1:9464", five times a second. Raises NodeMissing, NodeFailed."""
        program = found("prometheus")
        process, port = NodeProcess("prometheus"), free_port()
        server = cls(process, port)
        try:
            configuration = process.folder / "prometheus.yml"
            configuration.write_text(_CONFIGURATION.format(rules=rules, target=target))
            options = {"config.file": configuration, "storage.tsdb.path": process.folder / "data"}
            listen = f"--web.listen-address=127.0.0.1:{port}"
            process.start([program, *(f"--{name}={value}" for name, value in options.items()), listen])
            server.wait_for("up == 1")
        except BaseException:
            process.stop()
            raise
        return server

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that the expression gives now. Raises NodeFailed, with what Prometheus says is wrong with it."""
        return list(self._asked("query", query=expression)["result"])

    def rules(self) -> list[dict[str, Any]]:
        """Every rule, and how it stands."""
        return [rule for group in self._asked("rules")["groups"] for rule in group["rules"]]

    def wait_for(self, expression: str) -> list[dict[str, Any]]:
        """The series that the expression gives once it gives any. Raises NodeFailed."""
        return self._process.wait_for(expression, lambda: self.query(expression) or None)

    def _asked(self, what: str, **parameters: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urlencode(parameters)}"
        try:
            with urlopen(url, timeout=30) as answer:
                told: dict[str, Any] = json.load(answer)["data"]
        except URLError as error:
            said = error.read().decode(errors="replace") if hasattr(error, "read") else str(error.reason)
            raise NodeFailed(f"{what} {parameters}: {said}") from None
        return told


def found(program: str) -> str:
    """Where the program is. Raises NodeMissing."""
    path = shutil.which(program)
    if path is None:
        raise NodeMissing(f"no {program} is installed: apt-get install prometheus")
    return path
