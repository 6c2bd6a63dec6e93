"""A simulated bitcoind, and the HTTP server that lets it, or a real one behind it, misbehave by one assignment.

    with RpcServer(SimBitcoin(random).answer) as server:
        server.spoil = lambda method, params, result: ...   # every result passes through here

The chain is in memory: regtest's genesis block, headers that are really mined, transactions that nobody signed. Not in
here: any code of the backends, so that both cannot be wrong in the same way; the hashing of headers and Merkle roots
alone is shared.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, Self

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut, b2lx, lx
from bitcoin.core.script import CScript

from localnet.bitcoind import Bitcoind
from localnet.errors import RpcError
from scanner.chains.bitcoin.header import double_sha256
from scanner.chains.bitcoin.merkle import root_of
from tests.support.simulated.server import SimHttp

Answer = Callable[[str, list[Any]], Any]
Spoiler = Callable[[str, list[Any], Any], Any]

GENESIS = bytes.fromhex(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3"
    "888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000"
)
_EASIEST = 0x7FFFFF << 232


class RpcServer:
    """JSON-RPC over HTTP on a free port of the loopback, each result spoiled as told before it is sent."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.spoil: Spoiler = lambda _method, _params, result: result
        self.status: Callable[[Any, int], int] = lambda _request, _size: 200  # HTTP's; 0 drops the connection
        self.calls: list[str] = []  # the methods called, in order
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two wait 40 ms for each other

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                request = json.loads(content)
                status = server.status(request, len(content))
                if not status:
                    self.close_connection = True
                    return
                body = server.respond(request) if status == 200 else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def respond(self, request: Any) -> bytes:
        if isinstance(request, list):
            return to_json([self._one(entry) for entry in request]).encode()
        return to_json(self._one(request)).encode()

    def _one(self, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(request["method"])
        return _answered(lambda method, params: self.spoil(method, params, self._answer(method, params)), request)


class SimCore(SimHttp):
    """JSON-RPC for `in_process`."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method, path
        request = json.loads(received)
        if isinstance(request, list):
            return 200, to_json([_answered(self._answer, entry) for entry in request]).encode()
        return 200, to_json(_answered(self._answer, request)).encode()


def _answered(answer: Answer, request: dict[str, Any]) -> dict[str, Any]:
    try:
        result = answer(request["method"], request["params"])
    except RpcError as error:
        return {"id": request["id"], "result": None, "error": {"code": error.code, "message": error.message}}
    return {"id": request["id"], "result": result, "error": None}


def behind(node: Bitcoind) -> Answer:
    """A real bitcoind as what answers."""
    return lambda method, params: node.rpc(method, *params)


def to_json(value: Any) -> str:
    """JSON in which a Decimal stands with all its digits."""
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{to_json(entry)}" for key, entry in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(to_json, value)) + "]"
        case _:
            return json.dumps(value)


@dataclass(frozen=True)
class SimOutput:
    txid: str
    number: int
    script: bytes
    atoms: int
    height: int


@dataclass
class SimTransaction:
    txid: str
    spends: list[SimOutput]
    outputs: list[SimOutput]
    raw: bytes


@dataclass
class SimBlock:
    hash: str
    header: bytes
    transactions: list[SimTransaction] = field(default_factory=list)


class SimBitcoin:
    """A chain of random blocks that pay to, and spend from, `scripts`."""

    genesis = GENESIS
    largest_output = 10**10  # satoshis

    def __init__(
        self,
        random: Random,
        scripts: list[bytes],
        blocks: int,
        *,
        begins: int = 1_700_000_000,
        seconds: int = 600,
        largest_output: int | None = None,
    ) -> None:
        """`begins`: seconds since 1970; `seconds`: from one block to the next."""
        self._begins, self._seconds = begins, seconds
        self.largest_output = largest_output or self.largest_output
        self._random = random
        self._scripts = scripts
        self._unspent: list[SimOutput] = []
        self.blocks = [SimBlock(self._name(self.genesis), self.genesis)]
        self._heights = {self.blocks[0].hash: 0}
        for _ in range(blocks):
            self.mine()

    def mine(self) -> None:
        """One more block, with a few transactions."""
        height = len(self.blocks)
        transactions = [self._transaction(height, [])]
        for _ in range(self._random.randint(0, 3)):
            count = min(len(self._unspent), self._random.randint(1, 3))
            spends = [self._unspent.pop(self._random.randrange(len(self._unspent))) for _ in range(count)]
            transactions.append(self._transaction(height, spends))
        root = root_of([bytes.fromhex(tx.txid)[::-1] for tx in transactions])
        time = (self._begins + self._seconds * height).to_bytes(4, "little")
        parent = bytes.fromhex(self.blocks[-1].hash)[::-1]
        header = self._mined(bytes(4) + parent + root + time + bytes.fromhex("ffff7f20") + bytes(4))
        self.blocks.append(SimBlock(self._name(header), header, transactions))
        self._heights[self.blocks[-1].hash] = height

    def replace(self, height: int, header: bytes) -> None:
        """Give the block at `height` another header."""
        self.blocks[height] = SimBlock(self._name(header), header, self.blocks[height].transactions)
        self._heights[self.blocks[height].hash] = height

    def _name(self, header: bytes) -> str:
        """What a block is called."""
        return double_sha256(header)[::-1].hex()

    def _mined(self, header: bytes) -> bytes:
        """The header with its work done, and all that comes with it."""
        return mined(header)

    def reorganise(self, depth: int) -> None:
        """Replace the last `depth` blocks by one more than that."""
        del self.blocks[-depth:]
        self._unspent = self._unspent_at(len(self.blocks) - 1)
        for _ in range(depth + 1):
            self.mine()

    def balances_at(self, height: int) -> dict[str, int]:
        """scriptPubKey (hex) -> satoshi after the block at `height`: the truth, played forwards."""
        balances: dict[str, int] = {}
        for output in self._unspent_at(height):
            balances[output.script.hex()] = balances.get(output.script.hex(), 0) + output.atoms
        return balances

    def _unspent_at(self, height: int) -> list[SimOutput]:
        held: dict[SimOutput, None] = {}
        for block in self.blocks[: height + 1]:
            for tx in block.transactions:
                held.update(dict.fromkeys(tx.outputs))
                for output in tx.spends:
                    del held[output]
        return list(held)

    def answer(self, method: str, params: list[Any]) -> Any:
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            raise RpcError(method, -32601, "Method not found")
        return handler(*params)

    def _transaction(self, height: int, spends: list[SimOutput]) -> SimTransaction:
        paid = [
            (self._random.choice(self._scripts), self._random.randint(0, self.largest_output))
            for _ in range(self._random.randint(1, 4))
        ]
        inputs = [CTxIn(COutPoint(lx(output.txid), output.number)) for output in spends]
        coinbase = [CTxIn(scriptSig=CScript(self._random.randbytes(8)))]
        txid, raw = self._built(inputs or coinbase, [CTxOut(atoms, CScript(script)) for script, atoms in paid])
        outputs = [SimOutput(txid, number, *each, height) for number, each in enumerate(paid)]
        self._unspent += outputs
        return SimTransaction(txid, spends, outputs, raw)

    def _built(self, inputs: list[CTxIn], outputs: list[CTxOut]) -> tuple[str, bytes]:
        """A transaction's id, and its bytes."""
        built = CTransaction(inputs, outputs)
        return b2lx(built.GetTxid()), built.serialize()

    def _getblockhash(self, height: int) -> str:
        if not 0 <= height < len(self.blocks):
            raise RpcError("getblockhash", -8, "Block height out of range")
        return self.blocks[height].hash

    def _getblockheader(self, block: str, verbose: bool = True) -> str | dict[str, Any]:
        height, found = self._block(block)
        return {"hash": block, "height": height} if verbose else found.header.hex()

    def _getblockchaininfo(self) -> dict[str, Any]:
        tip = len(self.blocks) - 1
        return {"chain": "regtest", "blocks": tip, "headers": tip, "initialblockdownload": False, "pruned": False}

    def _getindexinfo(self) -> dict[str, Any]:
        return {"basic block filter index": {"synced": True, "best_block_height": len(self.blocks) - 1}}

    def _scantxoutset(self, action: str, objects: list[str]) -> dict[str, Any]:
        asked = _scripts_of(objects)
        found = [output for output in self._unspent if output.script in asked]
        return {
            "success": action == "start",
            "txouts": len(self._unspent),
            "height": len(self.blocks) - 1,
            "bestblock": self.blocks[-1].hash,
            "unspents": [
                {
                    "txid": output.txid,
                    "vout": output.number,
                    "scriptPubKey": output.script.hex(),
                    "amount": _coins(output.atoms),
                    "coinbase": False,
                    "height": output.height,
                }
                for output in found
            ],
            "total_amount": _coins(sum(output.atoms for output in found)),
        }

    def _scanblocks(self, action: str, objects: list[str], first: int, last: int) -> dict[str, Any]:
        if last >= len(self.blocks):
            raise RpcError("scanblocks", -1, "Invalid stop_height")
        asked = _scripts_of(objects)
        relevant = [
            block.hash
            for block in self.blocks[first : last + 1]
            if self._random.random() < 0.1 or any(output.script in asked for _, output in _touched(block))
        ]
        return {"from_height": first, "to_height": last, "relevant_blocks": relevant, "completed": action == "start"}

    def _getdescriptoractivity(self, names: list[str], objects: list[str], _mempool: bool) -> dict[str, Any]:
        asked = _scripts_of(objects)
        activity = []
        for name in dict.fromkeys(names):
            height, block = self._block(name)
            for spender, output in _touched(block):
                if output.script not in asked:
                    continue
                entry = {"amount": _coins(output.atoms), "blockhash": name, "height": height}
                script = {"hex": output.script.hex(), "type": "nonstandard"}
                if spender:
                    entry |= {"type": "spend", "spend_txid": spender, "spend_vin": 0, "prevout_spk": script}
                    entry |= {"prevout_txid": output.txid, "prevout_vout": output.number}
                else:
                    entry |= {"type": "receive", "txid": output.txid, "vout": output.number, "output_spk": script}
                activity.append(entry)
        return {"activity": activity}

    def _getblock(self, name: str, verbosity: int = 1) -> dict[str, Any]:
        height, block = self._block(name)
        if verbosity == 1:
            return {"hash": block.hash, "height": height, "tx": [tx.txid for tx in block.transactions]}
        if verbosity != 3:
            raise NotImplementedError
        return {
            "hash": block.hash,
            "height": height,
            "tx": [
                {
                    "txid": tx.txid,
                    "vin": [_input(output) for output in tx.spends] or [{"coinbase": "00"}],
                    "vout": [{"n": output.number, **_paid(output)} for output in tx.outputs],
                }
                for tx in block.transactions
            ],
        }

    def _getrawtransaction(self, txid: str, verbose: bool, block_hash: str = "") -> str:  # noqa: ARG002 - it has all
        if verbose:
            raise RpcError("getrawtransaction", -8, "verbosity is not simulated")
        for block in self.blocks:
            for tx in block.transactions:
                if tx.txid == txid:
                    return tx.raw.hex()
        raise RpcError("getrawtransaction", -5, "No such mempool or blockchain transaction")

    def _block(self, name: str) -> tuple[int, SimBlock]:
        height = self._heights.get(name)
        if height is None or height >= len(self.blocks) or self.blocks[height].hash != name:
            raise RpcError("getblock", -5, "Block not found")
        return height, self.blocks[height]


def mined(header: bytes) -> bytes:
    """The header with the first nonce for which regtest's work is done."""
    candidates = (header[:76] + nonce.to_bytes(4, "little") for nonce in range(2**32))
    return next(each for each in candidates if int.from_bytes(double_sha256(each), "little") <= _EASIEST)


def _touched(block: SimBlock) -> Iterator[tuple[str, SimOutput]]:
    """Outputs that a block spends, with the spender's id, and creates, with none."""
    for tx in block.transactions:
        for output in tx.spends:
            yield tx.txid, output
        for output in tx.outputs:
            yield "", output


def _input(output: SimOutput) -> dict[str, Any]:
    prevout = {"generated": False, "height": output.height, **_paid(output)}
    return {"txid": output.txid, "vout": output.number, "prevout": prevout}


def _paid(output: SimOutput) -> dict[str, Any]:
    return {"value": _coins(output.atoms), "scriptPubKey": {"hex": output.script.hex()}}


def _scripts_of(objects: list[str]) -> set[bytes]:
    return {bytes.fromhex(descriptor.removeprefix("raw(").removesuffix(")")) for descriptor in objects}


def _coins(atoms: int) -> Decimal:
    return Decimal(atoms).scaleb(-8)
