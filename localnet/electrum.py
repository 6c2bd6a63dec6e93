"""An Electrum server over a bitcoind of ours: ElectrumX, its Bitcoin line (`e-x` on PyPI), in a folder of its own.

Not in here: how it is asked anything. Its 2.x versions do not work here: they want a newer Bitcoin Core than Debian's.
"""

from __future__ import annotations

import json
import shlex
import socket
import sys
from pathlib import Path
from typing import Any, Self

from localnet.bitcoind import Bitcoind
from localnet.errors import NodeFailed
from localnet.fetch import Program, command_of
from localnet.process import Node, NodeProcess, free_port
from localnet.shell import run, say

VERSION = "1.20.0"
ANSWER_SECONDS = 10
SYNC_SECONDS = 60  # takes a second for some hundred blocks
_PYTHON = f"py{sys.version_info.major}{sys.version_info.minor}"


def _fetch(folder: Path) -> None:
    """Put an environment with ElectrumX into the empty `folder`. Raises LocalnetError."""
    say(f"fetching ElectrumX {VERSION} from PyPI (15 MB, into an environment of its own)")
    run([sys.executable, "-m", "venv", folder / "venv"])
    python = folder / "venv" / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "--no-cache-dir", f"e-x[leveldb]=={VERSION}"])
    run([*_command(folder), "--help"])


def _command(folder: Path) -> list[str]:
    """The script by way of its interpreter: its own first line names the folder in which it was made."""
    scripts = folder / "venv" / "bin"
    return [str(scripts / "python"), str(scripts / "electrumx_server")]


ELECTRUMX = Program(
    name="electrumx_server",
    variable="RESERVE_SCANNER_ELECTRUMX",
    release=f"electrumx-{VERSION}-{_PYTHON}",
    advice="install ElectrumX 1.16 or newer, below 2",
    fetch=_fetch,
    command=_command,
)

_ENVIRONMENT = {
    "ALLOW_ROOT": "1",
    "COIN": "Bitcoin",
    "NET": "regtest",
    "DB_ENGINE": "leveldb",
    "PEER_DISCOVERY": "off",
    "PEER_ANNOUNCE": "",
    "COST_SOFT_LIMIT": "0",
    "COST_HARD_LIMIT": "0",
    "LOG_LEVEL": "warning",
}


class ElectrumServer(Node):
    """A running server. `with ElectrumServer.start(bitcoind) as server:` stops it at the end. `url` is for scanners."""

    def __init__(self, process: NodeProcess, port: int) -> None:
        super().__init__(process)
        self.port = port
        self.url = f"tcp://127.0.0.1:{port}"

    @classmethod
    def start(cls, bitcoind: Bitcoind, **environment: str) -> Self:
        """Start a server on a free port and wait until it has all blocks. Raises NodeMissing, NodeFailed.

        `environment` is added to ElectrumX's settings, which it takes from the environment alone.
        """
        command = command_of(ELECTRUMX)
        process = NodeProcess("electrumx")
        server = cls(process, free_port())
        settings = _ENVIRONMENT | {
            "DB_DIRECTORY": str(process.folder),
            "DAEMON_URL": f"http://{bitcoind.user}:{bitcoind.password}@127.0.0.1:{bitcoind.port}/",
            "SERVICES": f"tcp://127.0.0.1:{server.port}",
        }
        try:
            lines = [f"{name}={shlex.quote(value)}\n" for name, value in (settings | environment).items()]
            (process.folder / "environment").write_text("".join(lines))  # off the command line, as it has the password
            process.start(["sh", "-c", 'set -a; . ./environment; exec "$@"', "sh", *command])
            server.wait_for_height(bitcoind.tip().height)
        except BaseException:
            process.stop()
            raise
        return server

    def wait_for_height(self, height: int) -> None:
        """Wait until the server has indexed the block at `height`. Raises NodeFailed."""
        self._process.wait_for(
            f"block {height}",
            lambda: True if self.call("blockchain.headers.subscribe")["height"] >= height else None,
            SYNC_SECONDS,
        )

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call over a connection of its own. Raises NodeFailed."""
        hello = {"jsonrpc": "2.0", "id": 0, "method": "server.version", "params": ["localnet", "1.4"]}
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        try:
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS) as connection:
                connection.sendall(f"{json.dumps(hello)}\n{json.dumps(request)}\n".encode())
                for line in connection.makefile("rb"):
                    answer = json.loads(line)
                    if answer.get("id") == 1:
                        return answer["result"]
        except (OSError, ValueError, KeyError) as reason:
            raise NodeFailed(f"no answer from the Electrum server: {reason!r}") from reason
        raise NodeFailed("the Electrum server hung up")
