"""Scans that are killed and started again, each a process of its own; and a proxy that sees what they ask a node for.

Used by tests/nodes/test_resume.py in a short form, and by bench/kill.py in full.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from localnet.anvil import Anvil

BATCH: Final = 400  # accounts; small, so that a short scan has many moments to be killed at
AT_ONCE: Final = 4  # batches under way
CHAIN: Final = "eip155:31998"

_SCANNER: Final = f"""
import sys
from scanner.scanning import block
block.batch_size = lambda _: {BATCH}
from scanner.cli.commands import main
sys.exit(main(sys.argv[1:]))
"""


class SeeingProxy:
    """Stands before one anvil, passes everything on, and counts for how many balances it was asked.

    `asked` counts by our code, which holds the token, and account. `before` is called with the number of each request
    for balances, counted from 1, before it is passed on; with a `method`, of each that calls that instead.
    """

    def __init__(self, port: int, before: Callable[[int], None] = lambda _: None, method: str = "") -> None:
        self._method = method
        self.asked: Counter[tuple[str, str]] = Counter()
        self.requests = 0
        self.before = before
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two wait 40 ms for each other

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy._see(body)
                node = HTTPConnection("127.0.0.1", port, timeout=60)
                node.request("POST", "/", body, {"Content-Type": "application/json"})
                answer = node.getresponse().read()
                node.close()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:  # a client that was killed
                return

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

    def _see(self, body: bytes) -> None:
        request = json.loads(body)
        if self._method:
            if self._method in body.decode():
                with self._lock:
                    self.requests += 1
                    number = self.requests
                self.before(number)
            return
        if not isinstance(request, dict) or request["method"] != "eth_call" or len(request["params"]) != 3:
            return
        call, _, override = request["params"]
        code = override.get(call.get("to"), {}).get("code")
        accounts = call["data"][2:]
        if code is None or len(accounts) <= 2 * 40:  # not in the way that is counted, or the probe
            return
        with self._lock:
            self.requests += 1
            number = self.requests
            self.asked.update((code, accounts[at : at + 40]) for at in range(0, len(accounts), 40))
        self.before(number)


@dataclass
class Scans:
    """One claim of coins and of a token on one anvil, scanned as often as wanted."""

    folder: Path
    anvil: Anvil
    accounts: Sequence[str]
    height: int
    token: str
    process: subprocess.Popen[bytes] | None = None
    errors: list[str] = field(default_factory=list)

    def write(self, url: str, owed: Mapping[str, int]) -> None:
        """The claim, and the nodes' file, which asks at `url`."""
        chain = CHAIN
        listed = "\n".join(f'      - "{account}"' for account in self.accounts)
        (self.folder / "claim.yaml").write_text(
            f"version: 1\nexchange: Killed\nas_of: {self.anvil.block(self.height).moment}\n"
            f"snapshots: {{'{chain}': {self.height}}}\n"
            f"assets:\n"
            f"  ETH: {{id: '{chain}/slip44:60', backs: ETH, decimals: 18}}\n"
            f"  TOKEN: {{id: '{chain}/erc20:{self.token}', backs: TOKEN, decimals: 0}}\n"
            f"liabilities: {{ETH: '{owed['ETH']}', TOKEN: '{owed['TOKEN']}'}}\n"
            f"holdings:\n  - asset: [ETH, TOKEN]\n    accounts:\n{listed}\n"
        )
        (self.folder / "nodes.yaml").write_text(
            f"policy: {{quorum: 1, threshold: '1', contracts: ['{chain}/erc20:{self.token}']}}\nprove: none\n"
            f"nodes:\n  - {{url: 'evm+{url}', chain: '{chain}', operator: self, own: true}}\n"
        )

    def start(self, out: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _SCANNER, "scan", str(self.folder / "claim.yaml"), "--out", out, "--json"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self.process

    def finish(self, out: str) -> dict[str, Any]:
        """A scan to its end: the finding."""
        process = self.start(out)
        told, complaints = process.communicate(timeout=300)
        if process.returncode != 0:
            raise RuntimeError(f"exit {process.returncode}: {complaints.decode()}")
        self.errors.append(complaints.decode())
        finding: dict[str, Any] = json.loads(told)["finding"]
        return finding

    def ended(self, out: str) -> int:
        """A scan that does not come to its end: the exit code."""
        process = self.start(out)
        process.communicate(timeout=300)
        return process.returncode

    def kill(self) -> None:
        """As `kill -9` does."""
        if self.process is not None:
            self.process.kill()

    def evidence(self, out: str) -> bytes:
        return (self.folder / out / "evidence.csv.gz").read_bytes()
