"""Bitcoin at scale: 250,000 scripts read in one batch from a node with over a million unspent outputs.

    python -m bench.bitcoin_scale [scripts] [outputs] [rounds]        250,000, 1,000,000 and 3 by default

One bitcoind on regtest, filled with payments to scripts of every kind: one script in five of ours was never paid, some
hold several outputs, the rest of the set is strangers'. Above the snapshot, blocks move outputs of ours and of others.
Read at the tip and at the snapshot, every balance compared with what was built. Beside each, the floor: the requests of
that reading, which at the tip are one bare scan and a few headers, sent again as they were, the answers thrown away.
They take turns; the best round of each counts, for seconds and for CPU each. Then:

- the same batch in pieces, as for answers above the limit;
- one scan read with the `json` module into Decimals, as a program of one's own would do it;
- scans of one script, and of a thousand, a few of each and the whole reckoned up: what tools do that ask for one
  address after the other, or for a chunk of them.

Each reading runs in a fresh process, so that its peak of memory is its own, told above what the process took with the
scripts loaded and nothing asked yet. Regtest flatters the node: its coins are all in memory, and a scan of mainnet
passes over a hundred times as many.
"""

from __future__ import annotations

import asyncio
import base64
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from localnet.bitcoind import Bitcoind
from localnet.outputs import build
from scanner.chains.bitcoin.node.core import SCAN_LIMIT, BitcoinCoreNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.http_client import Sink
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch
from scanner.core.node_settings import NodeSettings

T = TypeVar("T")

REGTEST = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
BITCOIN = parse_asset(f"{REGTEST}/slip44:1")
CHUNKS = (1, 1_000)  # scripts a scan, as others ask for them
SCANS_OF_OTHERS = 3
PIECE_LIMIT = 64 * 2**20  # bytes of an answer, where pieces are forced


@dataclass(frozen=True)
class Spent:
    """What one reading took: seconds by the clock and by the client's processor, bytes of memory and of messages."""

    wall: float
    cpu: float
    memory: int
    requests: Sequence[int]  # bytes of each
    answers: int  # bytes of all
    bodies: Sequence[bytes] = ()


@dataclass(frozen=True)
class Job:
    """A reading, in a process of its own."""

    settings: NodeSettings
    scripts: list[bytes]
    height: int
    truth: list[int]
    scan_limit: int = SCAN_LIMIT
    keep_bodies: bool = False


class _Counted:
    """A sink that counts what it passes on."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.limit = sink.limit
        self.size = 0

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        self._sink.take(piece)


class Recorder(JsonRpc):
    """A client that counts the bytes of its messages while `recording`."""

    recording = False

    def __init__(self, settings: NodeSettings, keep_bodies: bool) -> None:
        super().__init__(settings)
        self.requests: list[int] = []
        self.answers = 0
        self.bodies: list[bytes] = []
        self._keep_bodies = keep_bodies

    async def fetch(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        sink: Sink | None = None,
        limit: int | None = None,
    ) -> tuple[int, Any, bytes]:
        counted = _Counted(sink) if sink else None
        status, headers, answer = await super().fetch(method, url, body, timeout=timeout, sink=counted, limit=limit)
        if self.recording and body:
            self.requests.append(len(body))
            self.answers += counted.size if counted else len(answer)
            self.bodies += [body] if self._keep_bodies else []
        return status, headers, answer


def read(job: Job) -> Spent:
    """Ours. Raises SystemExit for a balance that is wrong or missing."""

    async def ours() -> Spent:
        rpc = Recorder(job.settings, job.keep_bodies)
        node = BitcoinCoreNode(job.settings, rpc=rpc, scan_limit=job.scan_limit)
        await node.open()
        batch = Batch(await node.block_at(job.height), BITCOIN, tuple(job.scripts))
        rpc.recording = True
        before, wall, cpu = _memory("VmRSS"), time.perf_counter(), time.process_time()
        reading = await node.read(batch)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = _memory("VmHWM") - before
        await node.close()
        if reading.gaps or list(reading.amounts()) != job.truth:
            raise SystemExit(f"at {job.height}: a balance is wrong or missing")
        return Spent(wall, cpu, memory, rpc.requests, rpc.answers, rpc.bodies)

    return asyncio.run(ours())


def read_as_json(job: Job) -> Spent:
    """The same scan at the tip, as a program of one's own would read it."""
    before, wall, cpu = _memory("VmRSS"), time.perf_counter(), time.process_time()
    body = _scan(job.scripts)
    answer = send(job.settings, body)
    held = dict.fromkeys((script.hex() for script in job.scripts), 0)
    for entry in json.loads(answer, parse_float=Decimal)["result"]["unspents"]:
        held[entry["scriptPubKey"]] += int(entry["amount"] * 10**8)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if list(held.values()) != job.truth:
        raise SystemExit("json: a balance is wrong")
    return Spent(wall, cpu, _memory("VmHWM") - before, [len(body)], len(answer))


def alone(work: Callable[[Job], Spent], job: Job) -> Spent:
    """`work` in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, job).result()


def send(settings: NodeSettings, body: bytes, keep: bool = True) -> bytes:
    """The node's answer; without `keep`, its bytes are thrown away as they come."""
    connection = HTTPConnection(settings.url.removeprefix("http://"), timeout=3600)
    token = base64.b64encode(f"{settings.user}:{settings.password}".encode()).decode()
    connection.request("POST", "/", body, {"Authorization": f"Basic {token}"})
    answer = connection.getresponse()
    kept = answer.read() if keep else b""
    while answer.read(2**18):
        pass
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"the node answers with HTTP status {answer.status}")
    return kept


def seconds_of(settings: NodeSettings, bodies: Sequence[bytes]) -> float:
    """How long the node alone takes for these requests, one after the other."""
    start = time.perf_counter()
    for body in bodies:
        send(settings, body, keep=False)
    return time.perf_counter() - start


def _scan(scripts: Sequence[bytes]) -> bytes:
    params = ["start", [f"raw({script.hex()})" for script in scripts]]
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "scantxoutset", "params": params}).encode()


def _memory(name: str, process: str = "self") -> int:
    """Bytes, of Linux's account of a process: VmRSS for now, VmHWM for the most it ever was."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


@dataclass
class Table:
    """Takes the figures and prints them as they come."""

    settings: NodeSettings
    process: Path  # of the node, in Linux's account of processes
    count: int
    rounds: int

    def compare(self, name: str, job: Job) -> None:
        """Ours beside its floor, in turn."""
        bodies = alone(read, replace(job, keep_bodies=True)).bodies
        ours, floor = [], []
        for _ in range(self.rounds):
            ours.append(self._with_node(lambda: alone(read, job)))
            floor.append(self._with_node(lambda: seconds_of(self.settings, bodies)))
        self.tell(name, [spent for spent, _ in ours], min(cpu for _, cpu in ours))
        wall, cpu = min(seconds for seconds, _ in floor), min(cpu for _, cpu in floor)
        print(f"{'  the same requests, answers thrown away':42}{wall:8.2f}{cpu:8.2f}", end="")
        share = wall / min(spent.wall for spent, _ in ours)
        work = cpu / (min(cpu for _, cpu in ours) + min(spent.cpu for spent, _ in ours))
        print(f"   {share:.0%} of our time, {work:.0%} of the CPU of both", flush=True)

    def once(self, name: str, work: Callable[[Job], Spent], job: Job) -> None:
        spent, cpu = self._with_node(lambda: alone(work, job))
        self.tell(name, [spent], cpu)

    def tell(self, name: str, all_spent: Sequence[Spent], node_cpu: float) -> None:
        wall, cpu = min(each.wall for each in all_spent), min(each.cpu for each in all_spent)
        spent = all_spent[0]
        sizes = "".join(f"{size / 1e6:8.0f}" for size in (spent.memory, sum(spent.requests), spent.answers))
        print(f"{name:42}{wall:8.2f}{node_cpu:8.2f}{cpu:8.2f}{cpu / self.count * 1e6:8.2f}{sizes}", flush=True)

    def others(self, scripts: Sequence[bytes], size: int) -> None:
        """Scans of so many scripts, a few of them measured."""
        bodies = [_scan(scripts[at * size : at * size + size]) for at in range(SCANS_OF_OTHERS)]
        each = seconds_of(self.settings, bodies) / len(bodies)
        name = f"scans of {size:,}, reckoned up from {len(bodies)}"
        print(f"{name:42}{each * len(scripts) / size:8,.0f}", flush=True)

    def _with_node(self, act: Callable[[], T]) -> tuple[T, float]:
        """What `act` returns, and the seconds of the node's CPU meanwhile."""
        before = self._node_cpu()
        done = act()
        return done, self._node_cpu() - before

    def _node_cpu(self) -> float:
        fields = (self.process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(count: int, outputs: int, rounds: int) -> None:
    os.environ["MALLOC_ARENA_MAX"] = "1"  # the node's; by Bitcoin Core's doc/reduce-memory.md
    with Bitcoind.start() as bitcoind:
        start = time.perf_counter()
        built = build(bitcoind, Random(1), count, outputs)
        settings = NodeSettings("bitcoind", bitcoind.url, "o", REGTEST, user=bitcoind.user, password=bitcoind.password)
        process = Path("/proc") / (bitcoind._process.folder / "regtest" / "bitcoind.pid").read_text().strip()
        print(f"{count:,} scripts with {built.ours:,} of {built.outputs:,} unspent outputs", end="; ")
        print(f"{built.tip - built.height} blocks since the snapshot; built in {time.perf_counter() - start:.0f} s")
        print(f"{'':42}{'':8}{'CPU s':>8}{'CPU s':>8}{'CPU us':>8}{'memory':>8}{'sent':>8}{'answers':>8}")
        print(f"{'':42}{'seconds':>8}{'node':>8}{'client':>8}{'/script':>8}{'MB':>8}{'MB':>8}{'MB':>8}", flush=True)
        table = Table(settings, process, count, rounds)
        tip = Job(settings, built.scripts, built.tip, built.now)
        table.compare("ours, at the tip", tip)
        table.compare("ours, at the snapshot", Job(settings, built.scripts, built.height, built.then))
        table.once(f"ours, answers of at most {PIECE_LIMIT >> 20} MiB", read, replace(tip, scan_limit=PIECE_LIMIT))
        table.once("one scan, read with json and Decimal", read_as_json, tip)
        for size in CHUNKS:
            table.others(built.scripts, size)
        print(f"the node's memory at its most: {_memory('VmHWM', process.name) / 1e6:,.0f} MB")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:4]]
    main(*(given + [250_000, 1_000_000, 3][len(given) :]))
