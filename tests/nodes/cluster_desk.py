"""A scan's own side of a cluster, with real nodes and a real Dask behind it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import scanner
from localnet.anvil import Anvil
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from tests.support.real.cluster_nodes import DEADLY
from tests.support.real.counted_node import CountedNode
from tests.support.real.scanner_runs import run_scanner

CHAIN = "eip155:31999"
TOKENS = [DEADLY, *("0x" + f"{number:02x}" * 20 for number in range(0xD0, 0xD4))]


@dataclass
class Desk:
    """A claim about one chain, whose node two operators serve, each through a door of his own."""

    folder: Path
    doors: tuple[CountedNode, CountedNode]

    @property
    def claim(self) -> Claim:
        return scanner.load_claim(self.folder / "claim.yaml")

    def instrument(self, **changed: Any) -> Instrument:
        loaded = scanner.load_instrument(self.folder / "nodes.yaml", {})
        return replace(loaded, nodes=tuple(replace(node, **changed) for node in loaded.nodes), prove=0)

    def command(self, *options: str) -> list[str]:
        """For a scan that goes on beside the test."""
        return [sys.executable, "-m", "scanner", *_scan(*options)]

    def scan(self, *options: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return run_scanner(self.folder, _scan(*options), environment)

    def at_request(self, number: int, act: Callable[[], object]) -> None:
        """Do something when either door gets its request of this number; the first eight or so open the node."""
        for door in self.doors:
            door.requests = 0
            door.on_request = lambda count: act() if count == number else None

    def written(self, name: str) -> dict[str, Any]:
        """What a scan wrote there: all bytes, but for those that say when and how it was run."""
        files = {path.name: path.read_bytes() for path in (self.folder / name).iterdir()}
        statement = json.loads(files.pop("statement.json"))
        return {**files, "finding": statement["predicate"]["finding"], "subject": statement["subject"]}


def _scan(*options: str) -> list[str]:
    return ["scan", "claim.yaml", "--nodes", "nodes.yaml", "--log", "json", *options]


@pytest.fixture(scope="module")
def anvil(node_programs: None) -> Iterator[tuple[Anvil, int]]:
    """A node, and the height at which the claim's balances are."""
    rng = random.Random(20231124)
    with Anvil.start(31999) as node:
        node.set_balances({account: rng.randrange(10**24) for account in _accounts()})
        for token in TOKENS:
            node.deploy_token(token, 18, "T")
            node.mint(token, {account: rng.randrange(10**24) for account in _accounts()})
        sealed = node.seal()
        node.set_balances(dict.fromkeys(_accounts(), 1))
        node.mine(3)
        yield node, sealed.height


def _accounts() -> list[str]:
    rng = random.Random(1)
    return [f"0x{rng.randbytes(20).hex()}" for _ in range(40)]


@pytest.fixture
def desk(anvil: tuple[Anvil, int], tmp_path: Path) -> Iterator[Desk]:
    node, height = anvil
    ids = {"ETH": f"{CHAIN}/slip44:60"} | {f"T{at}": f"{CHAIN}/erc20:{token}" for at, token in enumerate(TOKENS)}
    accounts = ", ".join(f'"{account}"' for account in _accounts())
    lines = ["version: 1", "exchange: Never Seen Ltd", f"as_of: {node.block(height).moment}"]
    lines += [f"snapshots: {{{CHAIN}: {height}}}", "assets:"]
    lines += [f'  {unit}: {{id: "{asset}", backs: {unit}, decimals: 18}}' for unit, asset in ids.items()]
    lines += ["liabilities:", *(f"  {unit}: '1'" for unit in ids)]
    lines += ["holdings:", *(f"  - {{asset: {unit}, accounts: [{accounts}]}}" for unit in ids)]
    (tmp_path / "claim.yaml").write_text("\n".join(lines))
    with CountedNode(node.url) as one, CountedNode(node.url) as other:
        nodes = [("alpha", one.url), ("beta", other.url)]
        vouched = ", ".join(f'"{asset}"' for asset in ids.values() if "/erc20:" in asset)
        lines = [f"policy: {{quorum: 2, threshold: '1', contracts: [{vouched}]}}", "nodes:"]
        lines += [f'  - {{url: "evm+{url}", chain: "{CHAIN}", operator: {name}}}' for name, url in nodes]
        (tmp_path / "nodes.yaml").write_text("\n".join(lines))
        yield Desk(tmp_path, (one, other))
