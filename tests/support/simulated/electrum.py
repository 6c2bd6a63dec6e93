"""A simulated Electrum server over a simulated chain, and the server that lets it, or a real one, misbehave.

Not in here: any code of the backend. Protocol 1.4, as far as a scanner asks.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, Self

from localnet.electrum import ElectrumServer
from localnet.errors import RpcError
from scanner.chains.bitcoin.header import double_sha256
from tests.support.simulated.bitcoin import Answer, SimBitcoin, Spoiler

Line = Callable[[str, bytes], bytes | None]
"""From a method and the line that answers it to what is sent instead; None hangs up."""


class LineServer:
    """Line-wise JSON-RPC over TCP on a free port of the loopback; results and lines are spoiled as told.

    Answers come from a function, or from a real server that everything is passed on to, as it comes.
    """

    def __init__(self, behind: Answer | ElectrumServer) -> None:
        self.calls: list[str] = []
        self.connections = 0
        self.behave()
        server = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                server.connections += 1
                with suppress(OSError, ValueError):  # the other side hung up, or speaks TLS
                    if isinstance(behind, ElectrumServer):
                        server._pass_on(self.connection, behind.port)
                    else:
                        for line in self.rfile:
                            request = json.loads(line)
                            self.connection.sendall(server._respond(request, _answered(behind, request)))

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._tcp = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"tcp://127.0.0.1:{self._tcp.server_address[1]}"

    def behave(self) -> None:
        """Misbehave no longer."""
        self.spoil: Spoiler = lambda _method, _params, result: result
        self.line: Line = lambda _method, line: line
        self.calls.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._tcp.shutdown()
        self._thread.join()
        self._tcp.server_close()

    def _respond(self, request: dict[str, Any], answer: dict[str, Any]) -> bytes:
        """The spoiled line that answers `request`. Raises ConnectionError to hang up."""
        method, params = request["method"], request["params"]
        self.calls.append(method)
        try:
            if "error" not in answer:
                answer["result"] = self.spoil(method, params, answer["result"])
        except RpcError as error:
            del answer["result"]
            answer["error"] = {"code": error.code, "message": error.message}
        line = self.line(method, json.dumps(answer).encode() + b"\n")
        if line is None:
            raise ConnectionError
        return line

    def _pass_on(self, client: socket.socket, port: int) -> None:
        """Requests one way, in a thread of their own, and spoiled answers the other."""
        requests: dict[int, dict[str, Any]] = {}
        with socket.create_connection(("127.0.0.1", port)) as upstream:

            def upwards() -> None:
                with suppress(OSError, ValueError):
                    for line in client.makefile("rb"):
                        request = json.loads(line)
                        requests[request["id"]] = request
                        upstream.sendall(line)
                with suppress(OSError):
                    upstream.shutdown(socket.SHUT_RDWR)

            threading.Thread(target=upwards, daemon=True).start()
            for line in upstream.makefile("rb"):
                answer = json.loads(line)
                if answer.get("id") in requests:
                    client.sendall(self._respond(requests[answer["id"]], answer))


def _answered(answer: Answer, request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
    try:
        return found | {"result": answer(request["method"], request["params"])}
    except RpcError as error:
        return found | {"error": {"code": error.code, "message": error.message}}


class SimElectrum:
    """Answers from a simulated chain.

    `truncates`: it leaves out what stands behind merge-mined headers below a checkpoint, as servers do since protocol
    1.4.1.
    """

    def __init__(self, chain: SimBitcoin, *, truncates: bool = False) -> None:
        self._chain = chain
        self._truncates = truncates

    def answer(self, method: str, params: list[Any]) -> Any:
        handlers: dict[str, Callable[..., Any]] = {
            "server.version": lambda *_: ["simulated", "1.4"],
            "blockchain.headers.subscribe": self._tip,
            "blockchain.block.header": lambda height: self._headers(height, 1)["hex"],
            "blockchain.block.headers": self._headers,
            "blockchain.scripthash.get_history": self._history,
            "blockchain.transaction.get": self._transaction,
            "blockchain.transaction.get_merkle": self._merkle,
        }
        return handlers[method](*params)

    def _tip(self) -> dict[str, Any]:
        return {"height": len(self._chain.blocks) - 1, "hex": self._chain.blocks[-1].header.hex()}

    def _headers(self, start: int, count: int, checkpoint: int = 0) -> dict[str, Any]:
        kept = 80 if checkpoint and self._truncates else None
        found = [block.header[:kept] for block in self._chain.blocks[start : start + count]]
        return {"hex": b"".join(found).hex(), "count": len(found), "max": 2016}

    def _history(self, scripthash: str) -> list[dict[str, Any]]:
        return [
            {"tx_hash": tx.txid, "height": height}
            for height, block in enumerate(self._chain.blocks)
            for tx in block.transactions
            if any(sha256(each.script).digest()[::-1].hex() == scripthash for each in [*tx.outputs, *tx.spends])
        ]

    def _transaction(self, txid: str) -> str:
        for block in self._chain.blocks:
            for tx in block.transactions:
                if tx.txid == txid:
                    return tx.raw.hex()
        raise RpcError("blockchain.transaction.get", 2, "no such transaction")

    def _merkle(self, txid: str, height: int) -> dict[str, Any]:
        level = [bytes.fromhex(tx.txid)[::-1] for tx in self._chain.blocks[height].transactions]
        wanted = bytes.fromhex(txid)[::-1]
        if wanted not in level:
            raise RpcError("blockchain.transaction.get_merkle", 1, "no such transaction in that block")
        position = at = level.index(wanted)
        branch = []
        while len(level) > 1:
            level += level[-1:] * (len(level) % 2)
            branch.append(level[at ^ 1][::-1].hex())
            level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
            at //= 2
        return {"block_height": height, "merkle": branch, "pos": position}
