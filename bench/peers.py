"""What others read balances with, beside us: on the same anvil, of the same accounts, at the same past block.

    python -m bench.peers [accounts]        10,000 by default; writes bench/RESULTS.md

Each tool runs in a process, and where it needs one an environment, of its own (bench/peer_scripts/), installed on first
use into the cache folder of localnet. One that cannot be installed or fails stands in the table with the reason. All
take turns, PASSES times with ROUNDS readings each, and the best reading counts. Then each reads once more, its process
fresh, through a proxy that counts requests and bytes. Every balance is compared with the truth; of our whole scan, the
total. Not in here: how fast we are beside the node's own floor (`evm_read.py`).
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from bench.peer_scripts.counting_proxy import CountingProxy, Traffic
from bench.peer_scripts.job import IN_FLIGHT, MULTICALL3, PER_MULTICALL, Job
from localnet.anvil import Anvil
from localnet.errors import LocalnetError
from localnet.fetch import cache_folder
from localnet.shell import run, say

SCRIPTS = Path(__file__).resolve().with_name("peer_scripts")
RESULTS = Path(__file__).resolve().with_name("RESULTS.md")
TOKEN = "0xdac17f958d2ee523a2206206994597c13d831ec7"  # noqa: S105 - a contract's address
GAS_CAP = 50_000_000  # what Geth, Erigon and Reth allow a call by default
FEW = 2_000  # accounts for the slow way, some milliseconds for each
FEWER = 300  # and for the slowest
PASSES = 2
ROUNDS = 3
TIMEOUT = 180  # seconds that one process may take
MULTICALL = "multicall==0.15.2"
CRYO = "cryo==0.3.2"
VIEM = "viem@2.57.20"


@dataclass(frozen=True)
class Answer:
    """What a script wrote: seconds of each reading by the clock and by its processor, and what it read."""

    version: str
    block: str
    walls: list[float]
    cpus: list[float]
    balances: list[int]


@dataclass
class Peer:
    """A tool in one of its ways. `command()` installs it if need be and gives the argv prefix of its script."""

    name: str
    way: str
    command: Callable[[], list[str]]
    most: int | None = None  # accounts it is asked for at most
    folder: Callable[[], Path] | None = None  # where it has to run


@dataclass
class Measured:
    """What is known of one peer and one asset."""

    peer: Peer
    accounts: int
    answers: list[Answer] = field(default_factory=list)
    traffic: Traffic | None = None
    failure: str | None = None

    @property
    def rate(self) -> float:
        """Balances a second."""
        return self.accounts / min(wall for answer in self.answers for wall in answer.walls)

    @property
    def cpu(self) -> float:
        """Microseconds of the client's processor a balance."""
        return min(cpu for answer in self.answers for cpu in answer.cpus) / self.accounts * 1e6


def _installed(requirement: str, fill: Callable[[Path], None]) -> Path:
    """The folder that holds `requirement`, filled now if it is not there. It appears whole or not at all."""
    folder = cache_folder() / f"peer-{re.sub('[=@]+', '-', requirement)}"
    if not folder.is_dir():
        say(f"installing {requirement}, to measure it")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="unfinished-peer-", dir=folder.parent) as scratch:
            (workplace := Path(scratch) / "whole").mkdir()
            fill(workplace)
            workplace.rename(folder)
    return folder


def _python_with(*requirements: str) -> Path:
    def fill(folder: Path) -> None:
        run([sys.executable, "-m", "venv", folder])
        run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *requirements])

    return _installed(requirements[0], fill) / "bin" / "python"


def _viem() -> Path:
    def fill(folder: Path) -> None:
        quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"]
        run(["npm", "install", f"--prefix={folder}", *quiet, VIEM])

    return _installed(VIEM, fill)


def _here(script: str) -> Callable[[], list[str]]:
    return lambda: [sys.executable, str(SCRIPTS / script)]


def _apart(script: str, *requirements: str) -> Callable[[], list[str]]:
    return lambda: [str(_python_with(*requirements)), str(SCRIPTS / script)]


def _viem_command() -> list[str]:
    _viem()
    return ["node", str(SCRIPTS / "ask_viem.mjs")]


PEERS = (
    Peer("**reserve-scanner**, scanned, attested, verified", "attested", _here("ask_ours.py")),
    Peer("reserve-scanner, `scanner.scan` alone", "scan", _here("ask_ours.py")),
    Peer("reserve-scanner, bare `EvmNode.read`", "read", _here("ask_ours.py")),
    Peer("multicall.py", "", _apart("ask_multicall.py", MULTICALL)),
    Peer("viem `multicall`", "", _viem_command, folder=_viem),
    Peer("cryo", "", _apart("ask_cryo.py", CRYO, "polars", "pyarrow")),
    Peer("web3.py, Multicall3", "multicall", _here("ask_web3.py"), FEW),
    Peer("web3.py, `batch_requests`", "batch", _here("ask_web3.py"), FEWER),
    Peer("web3.py, `asyncio.gather`", "gather", _here("ask_web3.py"), FEWER),
)


class Failed(Exception):
    """A peer gave no answer, or a wrong one; the message is fit to be published."""


def ask(peer: Peer, job: Job, truth: list[int]) -> Answer:
    """One process of the peer. Raises Failed."""
    try:
        command = peer.command()
        folder = peer.folder() if peer.folder else None
    except LocalnetError as reason:
        say(f"{peer.name}: {reason}")
        raise Failed("could not be installed") from None
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch) / "job.json", Path(scratch) / "answer.json"
        asked.write_text(json.dumps(asdict(job)))
        environment = {
            **os.environ,
            "PYTHONPATH": str(SCRIPTS.parent.parent),
            "PYTHONWARNINGS": "ignore",
            "WEB3_PROVIDER_URI": job.url,
        }
        try:
            done = subprocess.run(
                [*command, asked, answered],
                cwd=folder or scratch,
                env=environment,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except FileNotFoundError:
            raise Failed("the program it runs in is not installed") from None
        except subprocess.TimeoutExpired:
            raise Failed(f"took more than {TIMEOUT} s") from None
        if done.returncode != 0:
            say(f"{peer.name}: {done.stderr[-2000:]}")
            raise Failed(f"failed: {_publishable(done.stderr)}")
        answer = Answer(**json.loads(answered.read_text()))
    found = [int(balance) for balance in answer.balances]
    if peer.way in ("scan", "attested"):
        truth = [sum(truth)]  # a scan gives totals
    if found != truth:
        wrong = sum(mine != true for mine, true in zip(found, truth, strict=False))
        raise Failed(f"WRONG: {wrong} of {len(found)} amounts differ from the truth, of which there are {len(truth)}")
    return answer


def _publishable(output: str) -> str:
    """The last line that says anything, without addresses, paths and what would break a table."""
    lines = [line.strip() for line in output.splitlines() if re.search("[Ee]rror|[Ff]ail|missing", line)]
    line = lines[-1] if lines else "no reason given"
    return re.sub(r"[A-Za-z+]+://\S+|(?<!\w)/[\w./-]+|\|", "...", line)[:160]


def measure(anvil: Anvil, height: int, time: int, token: str | None, held: dict[str, int]) -> list[Measured]:
    """All peers on one asset, taking turns, then each once more through the counting proxy."""
    accounts = list(held)
    table = [Measured(peer, min(peer.most or len(accounts), len(accounts))) for peer in PEERS]

    def turn(row: Measured, url: str, rounds: int) -> Answer | None:
        some = accounts[: row.accounts]
        try:
            return ask(row.peer, Job(row.peer.way, url, height, time, token, some, rounds), [held[a] for a in some])
        except Failed as failure:
            row.failure = str(failure)
        return None

    for _ in range(PASSES):
        for row in table:
            if row.failure is None and (answer := turn(row, anvil.url, ROUNDS)):
                row.answers.append(answer)
    for row in table:
        if row.failure is None:
            with CountingProxy(anvil.port) as proxy:
                turn(row, proxy.url, 1)
            row.traffic = proxy.traffic
    return table


def lines_of(table: list[Measured]) -> list[str]:
    """The table in Markdown."""
    ours = table[0]
    if ours.failure is not None:
        raise SystemExit(f"ours: {ours.failure}")
    lines = [
        "| tool | version | accounts | balances/s | the first row is faster | client CPU, us/balance | times its CPU"
        " | HTTP requests | JSON-RPC calls | bytes/balance | block named by |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in table:
        start = f"| {row.peer.name} |"
        if row.failure is not None or row.traffic is None:
            lines.append(f"{start} | {row.accounts:,} | not measured: {row.failure} | | | | | | | |")
            continue
        traffic, answer = row.traffic, row.answers[0]
        lines.append(
            f"{start} {answer.version} | {row.accounts:,} | {row.rate:,.0f} | {ours.rate / row.rate:,.1f}x"
            f" | {row.cpu:,.2f} | {row.cpu / ours.cpu:,.1f} | {traffic.requests:,} | {traffic.calls:,}"
            f" | {traffic.total / row.accounts:,.0f} | {answer.block} |"
        )
    return lines


def results(count: int) -> str:
    """What stands in RESULTS.md."""
    random, before = Random(1), os.getloadavg()
    held = {"0x" + random.randbytes(20).hex(): random.getrandbits(80) + 1 for _ in range(count)}
    tokens = {account: random.getrandbits(80) + 1 for account in held}
    with Anvil.start(1, ["--gas-limit", str(GAS_CAP)]) as anvil:
        anvil.deploy_token(TOKEN, 6, "USDT")
        _place_multicall3(anvil)
        anvil.set_balances(held)
        anvil.mint(TOKEN, tokens)
        sealed = anvil.seal()
        anvil.set_balances(dict.fromkeys(held, 1))
        anvil.mint(TOKEN, dict.fromkeys(held, 1))
        anvil.mine(10)
        node = anvil.rpc("web3_clientVersion")
        native = lines_of(measure(anvil, sealed.height, sealed.time, None, held))
        erc20 = lines_of(measure(anvil, sealed.height, sealed.time, TOKEN, tokens))
    load = ", ".join(f"{each:.1f}" for each in before)
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    return "\n".join(
        [
            "# Peers measured beside us",
            "",
            f"Written by `python -m bench.peers {count}`; not edited by hand.",
            "",
            f"{count:,} accounts on one local {node} with a gas cap of {GAS_CAP:,}; {machine}, the node on the same",
            "cores. All read the same past block, which later blocks changed in every balance. The first row is the",
            "whole work of a user who scans: a block pinned by its hash, all balances read and kept in a journal,",
            "weighed, written as evidence, signed, and verified from the files. It stands against bare reads of the",
            "others, and all ratios are to it; our scan without what follows, and our bare read, stand below. Each",
            "balance read was compared with the truth; of scans, the total. Compare figures only within one table:",
            f"{PASSES} passes in turn of {ROUNDS} readings each, the best counts. Load of the machine: {load}.",
            f"web3.py was asked for {FEW:,} and {FEWER:,} accounts only. Multicall3 is called with",
            f"{PER_MULTICALL:,} accounts at a time: by web3.py {IN_FLIGHT} calls at once, as we have; how many viem,",
            "multicall.py and cryo have under way is their choice. Time and CPU are those of reading in a process",
            "already started. Requests and bytes (both directions, HTTP headers included) are those of one first",
            "reading in a fresh process, with all it asks beforehand, counted by a proxy that no time was measured",
            "through. A block named by number is the same one here, but is not pinned: after a reorganisation the node",
            "answers for another block, and nobody notices.",
            "",
            "## Native balances",
            "",
            *native,
            "",
            "## ERC-20 balances",
            "",
            *erc20,
            "",
        ]
    )


def _place_multicall3(anvil: Anvil) -> None:
    """The code of Multicall3 as deployed, which multicall.py carries; without it, what localnet has in its place."""
    try:
        python = _python_with(MULTICALL)
    except LocalnetError:
        anvil.place(MULTICALL3, "Multicall")
        return
    code = "from multicall.constants import MULTICALL3_BYTECODE as code; print(code)"
    environment = {**os.environ, "WEB3_PROVIDER_URI": anvil.url}
    told = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=True)
    anvil.rpc("anvil_setCode", MULTICALL3, told.stdout.strip())


if __name__ == "__main__":
    RESULTS.write_text(written := results(int(sys.argv[1]) if sys.argv[1:] else 10_000))
    print(written)
