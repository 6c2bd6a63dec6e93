"""Bitcoin at scale: 250,000 scripts read in one batch from a node with over a million unspent outputs.

    python -m bench.bitcoin_scale [scripts] [outputs]          250,000 and 1,000,000 by default

One bitcoind on regtest, filled with payments to scripts of every kind: one script in five of ours was never paid, some
hold several outputs, the rest of the set is strangers'. Above the snapshot, blocks move outputs of ours and of others.
Read at the tip and at the snapshot, every balance compared with what was built. Beside each, the floor: the requests of
that reading, which at the tip are one bare scan and a few headers, sent again as they were, the answers thrown away.
They take turns, ROUNDS times; the best of each counts, seconds and CPU each for itself. Then:

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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from Crypto.Hash import RIPEMD160

from localnet.bitcoind import Bitcoind
from localnet.utxos import satoshi
from scanner.chains.bitcoin.core import SCAN_LIMIT, BitcoinCoreNode
from scanner.chains.http_client import Sink
from scanner.chains.transport import JsonRpc
from scanner.core.evidence import Batch
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import NodeSettings

T = TypeVar("T")

REGTEST = Chain.parse("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
BITCOIN = AssetId.parse(f"{REGTEST}/slip44:1")
ROUNDS = 3
CHUNKS = (1, 1_000)  # scripts a scan, as others ask for them
SCANS_OF_OTHERS = 3
PIECE_LIMIT = 64 * 2**20  # bytes of an answer, where pieces are forced
MATURITY = 100
BLOCKS_SINCE = 20  # between the snapshot and the tip
SPENT, MADE = 1500, 2500  # outputs, in each of them
BLOCK_BYTES = 960_000  # of outputs in a block; a million bytes without witnesses are a block's 4M weight
KINDS = 7
MINER = b"\x51"  # OP_TRUE: anyone can spend it
PAID_TIMES = (0, 1, 1, 2, 4)  # the outputs of our scripts, in turn


def script_of(number: int, whose: bytes) -> bytes:
    """One of endlessly many scripts; the kinds take turns. Anyone who knows the number can spend the first two."""
    digest = sha256(whose + number.to_bytes(4)).digest()
    if number % 64 == 63:  # rarely: a block has room for 1,000 of them, by the limit of its signature checks
        return b"\x51\x21\x02" + digest + b"\x21\x03" + digest + b"\x52\xae"  # 1 of 2
    match number % KINDS:
        case 0:
            return _plain(digest)
        case 1:
            return b"\xa9\x14" + _hash160(_plain(digest)) + b"\x87"  # P2SH
        case 2:
            return b"\x76\xa9\x14" + digest[:20] + b"\x88\xac"  # P2PKH
        case 3:
            return b"\x00\x14" + digest[:20]  # P2WPKH
        case 4:
            return b"\x00\x20" + digest  # P2WSH
        case 5:
            return b"\x51\x20" + digest  # P2TR
        case _:
            return b"\x21\x02" + digest + b"\xac"  # P2PK


def unlocking(number: int, whose: bytes) -> bytes | None:
    """The scriptSig that spends from `script_of` the same; None where there is none that we know."""
    plain = _plain(sha256(whose + number.to_bytes(4)).digest())
    return None if number % 64 == 63 else {0: b"", 1: bytes([len(plain)]) + plain}.get(number % KINDS)


def _plain(digest: bytes) -> bytes:
    return b"\x08" + digest[:8] + b"\x75\x51"  # a push, OP_DROP, OP_TRUE


def _hash160(data: bytes) -> bytes:
    return RIPEMD160.new(sha256(data).digest()).digest()


@dataclass
class Built:
    """A chain's truth: what our scripts hold at the snapshot and at the tip, in their order."""

    scripts: list[bytes]
    height: int
    tip: int
    then: list[int]
    now: list[int]
    outputs: int  # in the whole set of unspent outputs, at the tip
    ours: int  # of our scripts among them


@dataclass
class Builder:
    """Fills blocks with one large transaction each, built by hand, and keeps account of what our scripts hold."""

    node: Bitcoind
    random: Random
    held: dict[bytes, list[int]] = field(default_factory=dict)  # the outputs of our scripts
    coins: list[tuple[bytes, bytes, bytes, int]] = field(default_factory=list)  # outpoint, script, scriptSig, satoshi
    funds: list[tuple[bytes, int]] = field(default_factory=list)  # ripe coinbases: outpoint, satoshi

    def start(self, coinbases: int) -> None:
        hashes: list[str] = []
        for _ in range(0, MATURITY + coinbases, 100):
            hashes += self.node.rpc("generatetodescriptor", 100, f"raw({MINER.hex()})")
        for name in hashes[:coinbases]:
            coinbase = self.node.rpc("getblock", name, 2)["tx"][0]
            point = bytes.fromhex(coinbase["txid"])[::-1] + bytes(4)
            self.funds.append((point, satoshi(coinbase["vout"][0]["value"])))

    def pay(self, scripts: list[tuple[bytes, bytes | None]], spends: int = 0) -> None:
        """A block that pays each script, beside which stands the scriptSig to spend it, and spends so many coins."""
        point, value = self.funds.pop()
        inputs = [(point, b"")]
        for _ in range(min(spends, len(self.coins))):
            place = self.random.randrange(len(self.coins))
            self.coins[place], self.coins[-1] = self.coins[-1], self.coins[place]
            outpoint, owner, script_sig, atoms = self.coins.pop()
            inputs.append((outpoint, script_sig))
            value += atoms
            if owner in self.held:
                self.held[owner].remove(atoms)
        most = value // len(scripts)  # what is left over goes to the miner
        amounts = [self.random.randrange(most) for _ in scripts]
        raw = _transaction(inputs, [(atoms, script) for atoms, (script, _) in zip(amounts, scripts, strict=True)])
        self.node.rpc("generateblock", f"raw({MINER.hex()})", [raw.hex()])
        txid = sha256(sha256(raw).digest()).digest()
        for number, (atoms, (script, unlock)) in enumerate(zip(amounts, scripts, strict=True)):
            if script in self.held:
                self.held[script].append(atoms)
            if unlock is not None:
                self.coins.append((txid + number.to_bytes(4, "little"), script, unlock, atoms))

    def balances(self, scripts: list[bytes]) -> list[int]:
        return [sum(self.held[script]) for script in scripts]


def _transaction(inputs: list[tuple[bytes, bytes]], outputs: list[tuple[int, bytes]]) -> bytes:
    """Version 2, lock time 0."""
    spends = b"".join(point + _compact(len(script)) + script + b"\xff\xff\xff\xff" for point, script in inputs)
    pays = b"".join(atoms.to_bytes(8, "little") + _compact(len(script)) + script for atoms, script in outputs)
    return b"\x02\0\0\0" + _compact(len(inputs)) + spends + _compact(len(outputs)) + pays + bytes(4)


def _compact(size: int) -> bytes:
    return bytes([size]) if size < 253 else b"\xfd" + size.to_bytes(2, "little")


def build(node: Bitcoind, count: int, outputs: int) -> Built:
    random = Random(1)
    ours = [(script_of(number, b"ours"), unlocking(number, b"ours")) for number in range(count)]
    paid = [pair for number, pair in enumerate(ours) for _ in range(PAID_TIMES[number % len(PAID_TIMES)])]
    others = max(outputs - len(paid), 1)
    paid += [(script_of(number, b"others"), unlocking(number, b"others")) for number in range(others)]
    random.shuffle(paid)
    blocks = list(_cut(paid))
    builder = Builder(node, random, held={script: [] for script, _ in ours})
    builder.start(len(blocks) + BLOCKS_SINCE)
    for block in blocks:
        builder.pay(block)
    height, then = node.tip().height, builder.balances([script for script, _ in ours])
    fresh = iter(range(10**6, 10**9))
    for _ in range(BLOCKS_SINCE):
        block = random.sample(ours, min(MADE // 2, len(ours)))
        block += [(script_of(number, b"others"), None) for number, _ in zip(fresh, range(MADE // 2), strict=False)]
        builder.pay(block, SPENT)
    state = node.rpc("gettxoutsetinfo", "none")
    return Built(
        scripts=[script for script, _ in ours],
        height=height,
        tip=node.tip().height,
        then=then,
        now=builder.balances([script for script, _ in ours]),
        outputs=state["txouts"],
        ours=sum(map(len, builder.held.values())),
    )


def _cut(paid: list[tuple[bytes, bytes | None]]) -> Iterator[list[tuple[bytes, bytes | None]]]:
    block: list[tuple[bytes, bytes | None]] = []
    size = 0
    for pair in paid:
        if size > BLOCK_BYTES:
            yield block
            block, size = [], 0
        block.append(pair)
        size += 9 + len(pair[0])
    yield block


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
        timeout: float | None = None,  # noqa: ASYNC109
        sink: Sink | None = None,
    ) -> tuple[int, Any, bytes]:
        counted = _Counted(sink) if sink else None
        status, headers, answer = await super().fetch(method, url, body, timeout, counted)
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

    def compare(self, name: str, job: Job) -> None:
        """Ours beside its floor, in turn."""
        bodies = alone(read, replace(job, keep_bodies=True)).bodies
        ours, floor = [], []
        for _ in range(ROUNDS):
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


def main(count: int, outputs: int) -> None:
    os.environ["MALLOC_ARENA_MAX"] = "1"  # the node's; by Bitcoin Core's doc/reduce-memory.md
    with Bitcoind.start() as bitcoind:
        start = time.perf_counter()
        built = build(bitcoind, count, outputs)
        settings = NodeSettings("bitcoind", bitcoind.url, "o", REGTEST, user=bitcoind.user, password=bitcoind.password)
        process = Path("/proc") / (bitcoind._process.folder / "regtest" / "bitcoind.pid").read_text().strip()
        print(f"{count:,} scripts with {built.ours:,} of {built.outputs:,} unspent outputs", end="; ")
        print(f"{built.tip - built.height} blocks since the snapshot; built in {time.perf_counter() - start:.0f} s")
        print(f"{'':42}{'':8}{'CPU s':>8}{'CPU s':>8}{'CPU us':>8}{'memory':>8}{'sent':>8}{'answers':>8}")
        print(f"{'':42}{'seconds':>8}{'node':>8}{'client':>8}{'/script':>8}{'MB':>8}{'MB':>8}{'MB':>8}", flush=True)
        table = Table(settings, process, count)
        tip = Job(settings, built.scripts, built.tip, built.now)
        table.compare("ours, at the tip", tip)
        table.compare("ours, at the snapshot", Job(settings, built.scripts, built.height, built.then))
        table.once(f"ours, answers of at most {PIECE_LIMIT >> 20} MiB", read, replace(tip, scan_limit=PIECE_LIMIT))
        table.once("one scan, read with json and Decimal", read_as_json, tip)
        for size in CHUNKS:
            table.others(built.scripts, size)
        print(f"the node's memory at its most: {_memory('VmHWM', process.name) / 1e6:,.0f} MB")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [250_000, 1_000_000][len(given) :]))
