"""A scan that proves every balance of as large a file as there is, and its verification: time and memory.

    python -m bench.prove_large [ROWS ...]          212,442 by default, as many as OKX's largest file has

One node, a process of its own, serves a made-up state of 300 million accounts (`bench.proofs`), and proofs of those
that are claimed. Every command is a process as its users run it; memory is the most that it ever held (ru_maxrss), of
which the claim and the evidence take what they take in a scan without proofs, which stands in the first line.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.big_files import coins
from bench.end_to_end import Stage, stage
from bench.proofs import SparseState
from scanner.chains.evm.account_proof import native_balance
from scanner.core.ids import Chain
from tests.support.simulated.built_state import BuiltState

_ROWS = 212_442
_CHAIN = Chain("eip155", "1")
_HEIGHT = 1_000
_LATER = 40  # blocks on top
_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_ETHER = 18


class _Node:
    """Answers what a scan of coins asks; of contracts nothing is known here."""

    def __init__(self, count: int) -> None:
        self._sparse = SparseState(count)
        built = BuiltState(_CHAIN, {}, height=_HEIGHT, time=_TIME)
        built.accounts = self._sparse  # type: ignore[assignment]  # which has a root, and proofs as follows
        self._fields, self._hash = built.fields, built.snapshot.hash
        self._heights = {self._name(height): height for height in range(_HEIGHT + _LATER + 1)}
        self.rows = list(zip(self._sparse.addresses, self._sparse.balances, strict=True))
        self._balances = {"0x" + address.hex(): hex(balance) for address, balance in self.rows}

    async def serve(self, request: web.Request) -> web.Response:
        asked = await request.json()
        many = isinstance(asked, list)
        answers = [
            {"jsonrpc": "2.0", "id": each["id"]} | self._answer(each["method"], each["params"])
            for each in (asked if many else [asked])
        ]
        return web.json_response(answers if many else answers[0])

    def _answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        match method:
            case "eth_chainId":
                return {"result": "0x1"}
            case "eth_blockNumber":
                return {"result": hex(_HEIGHT + _LATER)}
            case "eth_getBlockByNumber":
                tags = {"latest": _HEIGHT + _LATER, "finalized": _HEIGHT + _LATER // 2, "earliest": 0}
                return {"result": self._block(tags[params[0]] if params[0] in tags else int(params[0], 16))}
            case "eth_getBlockByHash":
                return {"result": self._block(self._heights.get(params[0], -1))}
            case "eth_getBalance":
                if params[1]["blockHash"] not in self._heights:
                    return {"error": {"code": -32000, "message": "header not found"}}
                return {"result": self._balances.get(params[0], "0x0")}
            case "eth_getProof" if params[2]["blockHash"] == self._hash:
                return {"result": {"accountProof": self._proof(bytes.fromhex(params[0][2:])), "storageProof": []}}
        return {"error": {"code": -32601, "message": f"the method {method} does not exist/is not available"}}

    def _proof(self, address: bytes) -> list[str]:
        reached: set[bytes] = set()
        native_balance(self._sparse.root, address, self._sparse.witness, reached=reached)
        return ["0x" + (self._sparse.witness.get(digest) or b"").hex() for digest in reached]

    def _block(self, height: int) -> dict[str, Any] | None:
        if not 0 <= height <= _HEIGHT + _LATER:
            return None
        if height == _HEIGHT:
            return self._fields | {"hash": self._hash}
        time = int(_TIME.timestamp()) + 12 * (height - _HEIGHT)
        own = {"number": hex(height), "timestamp": hex(time), "hash": self._name(height)}
        return self._fields | own | {"parentHash": self._name(height - 1)}

    def _name(self, height: int) -> str:
        return self._hash if height == _HEIGHT else "0x" + hashlib.sha256(b"%d" % height).hexdigest()


async def _serve(count: int, file: Path) -> None:
    """Writes the claim's rows, says at which port the node is, and serves until the end of standard input."""
    node = _Node(count)
    with file.open("w") as rows:
        rows.write("network,asset,address,amount,height\n")
        for address, balance in node.rows:
            rows.write(f"ETH,ETH,0x{address.hex()},{coins(balance, _ETHER)},{_HEIGHT}\n")
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/", node.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], sum(balance for _, balance in node.rows), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


@contextmanager
def _node(count: int, file: Path) -> Iterator[tuple[int, int]]:
    """Port of a running node, and all atoms that it has."""
    command = [sys.executable, "-m", "bench.prove_large", str(count), "--serve", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, atoms = map(int, process.stdout.readline().split())
        try:
            yield port, atoms
        finally:
            assert process.stdin is not None
            process.stdin.close()


def measure(count: int, folder: Path) -> None:
    file = folder / "rows.csv"
    with _node(count, file) as (port, atoms):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        claim = folder / "claim.yaml"
        claim.write_text(
            f"version: 1\nexchange: bench\nas_of: {_TIME:%Y-%m-%dT%H:%M:%SZ}\nassets:\n"
            "  ETH: {id: eip155:1/slip44:60, backs: ETH, decimals: 18}\n"
            f'liabilities:\n  ETH: {{amount: "{coins(atoms, _ETHER)}"}}\n'
            f'holdings:\n  - {{file: {file.name}, sha256: "{digest}", layout: plain}}\n'
        )
        key, public = folder / "auditor.pem", folder / "auditor.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
        subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)], check=True)
        print(f"{count:,} accounts of 300 million", flush=True)
        for prove in ("none", "all"):
            nodes, out = folder / f"{prove}.yaml", folder / prove
            nodes.write_text(
                f"policy: {{quorum: 1}}\nprove: {prove}\nnodes:\n"
                f'  - {{url: "evm+http://127.0.0.1:{port}", chain: "eip155:1", operator: bench, own: true}}\n'
            )
            scan = ("scan", str(claim), "--nodes", str(nodes), "--out", str(out), "--key", str(key), "--json")
            scanned = stage(f"scan, {prove}", "-m", "scanner", *scan)
            files = [str(out / "attestation.dsse.json"), "--claim", str(claim), "--key", str(public), "--json"]
            verified = stage(f"verify, {prove}", "-m", "scanner", "verify", *files)
            for done in (scanned, verified):
                _check(done, count, proven=prove == "all")
            for done in (scanned, verified):
                print(f"    {done.name}: {1e6 * done.cpu / count:,.0f} us of CPU a row, {done.peak:,} MB")
        witness = folder / "all" / "witness.bin"
        print(f"  witness {witness.stat().st_size / 1e6:,.0f} MB, {witness.stat().st_size / count:,.0f} bytes a row")


def _check(done: Stage, count: int, *, proven: bool) -> None:
    finding = json.loads(done.output)["finding"]
    (reserve,) = finding["reserves"]
    if finding["verdict"] != "COVERED" or reserve["ratio"] != "1.000000" or reserve["holdings"] != count:
        sys.exit(f"{done.name}: {finding['verdict']}: {json.dumps(finding)[:2000]}")
    if Fraction(reserve["provenShare"]) != int(proven):
        sys.exit(f"{done.name}: proven otherwise than asked for: {reserve}")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.prove_large", description="Every balance of a large file proven.")
    parser.add_argument("rows", type=int, nargs="*", default=[_ROWS])
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        asyncio.run(_serve(given.rows[0], given.serve))
        return
    for count in given.rows:
        with tempfile.TemporaryDirectory(prefix="prove-large-") as folder:
            measure(count, Path(folder))


if __name__ == "__main__":
    main()
