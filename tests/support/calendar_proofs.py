"""OpenTimestamps proofs of tests, byte by byte, and a small calendar that puts digests into blocks of regtest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from bitcoin.core import CTransaction

from localnet.bitcoind import Bitcoind

MAGIC: Final = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")
SHA256: Final = b"\x08"
FORK: Final = b"\xff"


def number(value: int) -> bytes:
    """LEB128."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + number(rest) if rest else bytes([low])


def counted(data: bytes) -> bytes:
    return number(len(data)) + data


def append(data: bytes) -> bytes:
    return b"\xf0" + counted(data)


def prepend(data: bytes) -> bytes:
    return b"\xf1" + counted(data)


def attested(kind: str, payload: bytes) -> bytes:
    return b"\x00" + bytes.fromhex(kind) + counted(payload)


def in_block(height: int) -> bytes:
    return attested("0588960d73d71901", number(height))


def pending(uri: str) -> bytes:
    return attested("83dfe30d2ef90c8e", counted(uri.encode()))


def proof(digest: bytes, *parts: bytes) -> bytes:
    """A proof's file."""
    return MAGIC + b"\x01" + SHA256 + digest + b"".join(parts)


@dataclass
class Calendar:
    """Promises at once, and puts all that it promised into one transaction of a real block when it is asked to."""

    bitcoind: Bitcoind
    url: str = ""
    promised: list[bytes] = field(default_factory=list)
    ways: dict[bytes, bytes] = field(default_factory=dict)  # from each of them to a block
    got: list[tuple[str, str]] = field(default_factory=list)  # path and Accept of each question

    def promise(self, digest: bytes) -> bytes:
        own = sha256(digest + b"calendar").digest()
        self.promised.append(own)
        return append(b"calendar") + SHA256 + pending(self.url)

    def settle(self) -> int:
        """Puts the last promise into a block, whose height this is."""
        message = self.promised[-1]
        (name,) = self.bitcoind.pay({f"6a20{message.hex()}": 0})
        block = self.bitcoind.rpc("getblock", self.bitcoind.rpc("getbestblockhash"))
        coinbase, own = block["tx"]
        assert own == name
        begin, _, end = _without_witness(bytes.fromhex(self.bitcoind.rpc("getrawtransaction", name))).partition(message)
        in_transaction = prepend(begin) + append(end) + SHA256 * 2
        beside = prepend(bytes.fromhex(coinbase)[::-1]) + SHA256 * 2
        self.ways[message] = in_transaction + beside + in_block(block["height"])
        return int(block["height"])


@contextmanager
def calendar(bitcoind: Bitcoind) -> Iterator[Calendar]:
    """It, behind a server on this machine."""
    kept = Calendar(bitcoind)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.got.append((self.path, self.headers["Accept"]))
            self._answer(200, kept.promise(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            kept.got.append((self.path, self.headers["Accept"]))
            way = kept.ways.get(bytes.fromhex(self.path.rpartition("/")[2]))
            self._answer(200 if way else 404, way or b"Pending confirmation in Bitcoin blockchain")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _without_witness(raw: bytes) -> bytes:
    """A transaction as its name is taken over."""
    return bytes(CTransaction(*_parts(CTransaction.deserialize(raw))).serialize())


def _parts(whole: CTransaction) -> tuple[object, object, int, int]:
    return whole.vin, whole.vout, whole.nLockTime, whole.nVersion
