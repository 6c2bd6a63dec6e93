"""Public endpoints of EVM chains, played on this machine: what `init` writes is scanned, and no other machine asked."""

from __future__ import annotations

import json
import re
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from scanner.sources.addresses import load_claim
from tests.support.simulated.endless_evm import endless_evm
from tests.support.simulated.evm import SimEvm, SimToken
from tests.support.simulated.server import SimError


class Endpoints:
    """Public endpoints of EVM chains on this machine: /CHAIN/OPERATOR; everything else refuses."""

    def __init__(self) -> None:
        self.sims: dict[str, SimEvm] = {}
        endpoints = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two wait 40 ms for each other

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sim = endpoints.sims.get(self.path.split("/")[1])
                answer = b"" if sim is None else _answered(sim, json.loads(body))
                self.send_response(403 if sim is None else 200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                self.send_response(403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where they listen: a host and a port."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        """No longer answers."""
        self.server.shutdown()
        self.server.server_close()

    def play(self, claim: Path, moment: datetime) -> None:
        """Every EVM chain of the claim, on which each account holds what the file says of it, at this moment."""
        loaded = load_claim(claim)
        for chain in loaded.chains:
            if chain.namespace == "eip155":
                held = [each for each in loaded.holdings if each.asset.chain == chain]
                tokens: dict[bytes, SimToken] = {}
                for each in held:
                    if not each.asset.native:
                        token = tokens.setdefault(each.asset.contract, SimToken({}, loaded.assets[each.asset].decimals))
                        token.balances[each.account] = each.claimed or 0
                coins = {each.account: each.claimed or 0 for each in held if each.asset.native}
                heights = [each.height for each in held if each.height is not None]
                sim = endless_evm(int(chain.reference), max(heights, default=1_000_000), moment, coins, tokens)
                self.sims[chain.reference] = sim

    def stand_in(self, nodes: str) -> str:
        """A nodes.yaml whose chosen endpoints are these."""
        lines, chain = nodes.splitlines(), ""
        for at, line in enumerate(lines):
            if found := re.match(r"  - url: ([a-z]+)\+[a-z]+://(\S+)", line):
                chain = lines[at + 1].partition("chain: ")[2].partition(":")[2]
                kind = "esplora" if found[1] == "electrum" else found[1]
                lines[at] = f"  - url: {kind}+http://{self.address}/{chain}/{found[2].partition('/')[0]}"
        return "\n".join(lines)


def _answered(sim: SimEvm, question: Any) -> bytes:
    def one(call: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"jsonrpc": "2.0", "id": call["id"], "result": sim.answer(call["method"], call["params"])}
        except SimError as error:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": error.code, "message": str(error)}}

    return json.dumps([one(call) for call in question] if isinstance(question, list) else one(question)).encode()
