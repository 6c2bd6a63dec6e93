"""Esplora's documented answers, served from the blocks of a bitcoind, simulated or real.

No Esplora server can be had from a package registry, so this stands in for one: written from its API's documentation,
and knowing nothing of the backend. Source: https://github.com/Blockstream/esplora/blob/master/API.md
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from localnet.utxos import satoshi
from scanner.chains.bitcoin.merkle import branch_of
from tests.support.simulated.bitcoin import Answer
from tests.support.simulated.server import SimHttp

PAGE = 25

Spoiler = Callable[[str, Any], Any]
"""From a path and the answer (a string, or what becomes JSON) to what is sent instead: that, bytes, or a status."""


class EsploraIndex:
    """All blocks that `answer`, a bitcoind's RPC, has when this is made, and what a server answers of them."""

    def __init__(self, answer: Answer) -> None:
        self.tip: int = answer("getblockchaininfo", [])["blocks"]
        self._answer = answer
        self._blocks: dict[str, tuple[int, list[str]]] = {}  # by transaction: the height, and all that are there
        self._headers: dict[str, str] = {}
        self._hashes: list[str] = []
        self._histories: dict[str, list[dict[str, Any]]] = defaultdict(list)  # oldest first
        for height in range(self.tip + 1):
            name = answer("getblockhash", [height])
            self._hashes.append(name)
            self._headers[name] = answer("getblockheader", [name, False])
            listed = answer("getblock", [name, 3])["tx"]
            self._blocks |= dict.fromkeys((tx["txid"] for tx in listed), (height, [tx["txid"] for tx in listed]))
            for tx in listed:
                self._add(tx, height, name)

    def _add(self, tx: dict[str, Any], height: int, name: str) -> None:
        entry = {
            "txid": tx["txid"],
            "vin": [_input(each) for each in tx["vin"]],
            "vout": [_output(each) for each in tx["vout"]],
            "status": {"confirmed": True, "block_height": height, "block_hash": name, "block_time": 0},
        }
        prevouts = [each["prevout"] for each in entry["vin"] if each["prevout"]]
        for script in {each["scriptpubkey"] for each in [*entry["vout"], *prevouts]}:
            self._histories[sha256(bytes.fromhex(script)).hexdigest()].append(entry)

    def answer(self, path: str) -> Any:
        """What stands at a path behind the interface's own, which is one name long: a text, or what becomes JSON.

        Raises KeyError, IndexError or ValueError where nothing does.
        """
        match path.split("/")[2:]:
            case ["block-height", height]:
                return self._hashes[int(height)]
            case ["block", name, "header"]:
                return self._headers[name]
            case ["block", name]:
                return self._block(name)
            case ["blocks", "tip", "height"]:
                return str(self.tip)
            case ["blocks", height]:
                if int(height) > self.tip:
                    raise IndexError
                listed = self._hashes[max(0, int(height) - 9) : int(height) + 1]
                return [self._block(name) for name in reversed(listed)]
            case ["tx", txid, "hex"]:
                return self._answer("getrawtransaction", [txid, False])
            case ["tx", txid, "merkle-proof"]:
                within, names = self._blocks[txid]
                position = names.index(txid)
                branch = branch_of([bytes.fromhex(each)[::-1] for each in names], position)
                return {"block_height": within, "merkle": [each[::-1].hex() for each in branch], "pos": position}
            case ["scripthash", name]:
                count = len(self._histories.get(name, []))
                return {"scripthash": name, "chain_stats": {"tx_count": count}, "mempool_stats": {"tx_count": 0}}
            case ["scripthash", name, "txs", "chain"]:
                return self._histories.get(name, [])[::-1][:PAGE]
            case ["scripthash", name, "txs", "chain", last]:
                history = self._histories[name][::-1]
                start = [each["txid"] for each in history].index(last) + 1
                return history[start : start + PAGE]
            case _:
                raise KeyError

    def _block(self, name: str) -> dict[str, Any]:
        raw = bytes.fromhex(self._headers[name])
        version, time, bits, nonce = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 68, 72, 76))
        height = self._hashes.index(name)
        return {
            "id": name,
            "height": height,
            "version": version,
            "timestamp": time,
            "tx_count": 1,
            "size": 285,
            "weight": 1140,
            "merkle_root": raw[67:35:-1].hex(),
            "previousblockhash": raw[35:3:-1].hex() if height else None,
            "mediantime": time,
            "nonce": nonce,
            "bits": bits,
            "difficulty": 4.6565423739069247e-10,
        }


class EsploraServer:
    """A server of an index over HTTP, for such as run in threads."""

    def __init__(self, answer: Answer) -> None:
        self._index = EsploraIndex(answer)
        self.tip = self._index.tip
        self.behave()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                status, body = server._respond(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/api"

    def behave(self) -> None:
        """Misbehave no longer."""
        self.spoil: Spoiler = lambda _path, answer: answer
        self.paths: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _respond(self, path: str) -> tuple[int, bytes]:
        self.paths.append(path)
        try:
            answer = self.spoil(path, json.loads(json.dumps(self._index.answer(path))))
        except (KeyError, IndexError, ValueError):
            return 404, b"Not found"
        if isinstance(answer, int):
            return answer, b"as told"
        if isinstance(answer, bytes):
            return 200, answer
        return 200, (answer if isinstance(answer, str) else json.dumps(answer)).encode()


class SimEsplora(SimHttp):
    """A server of an index for `in_process`."""

    def __init__(self, index: EsploraIndex) -> None:
        super().__init__()
        self._index = index

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method, received
        try:
            answer = self._index.answer(path)
        except (KeyError, IndexError, ValueError):
            return 404, b"Not found"
        return 200, (answer if isinstance(answer, str) else json.dumps(answer)).encode()


def _input(entry: dict[str, Any]) -> dict[str, Any]:
    if "coinbase" in entry:
        return {"txid": "00" * 32, "vout": 2**32 - 1, "is_coinbase": True, "prevout": None}
    return {
        "txid": entry["txid"],
        "vout": entry["vout"],
        "is_coinbase": False,
        "prevout": _output(entry["prevout"]),
    }


def _output(entry: dict[str, Any]) -> dict[str, Any]:
    return {"scriptpubkey": entry["scriptPubKey"]["hex"], "value": satoshi(entry["value"])}
