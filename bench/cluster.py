"""Rows a second of a run on one machine, and of the same run on a Dask cluster of one and of two workers.

    python -m bench.cluster [accounts]            10,000 by default, for each of four assets
    python -m bench.cluster growth                how the time grows with rows, assets and operators

One local anvil, and before it a door (an HTTP server) that adds latency. Scheduler, workers, node and coordinator share
this machine's processors, so that a cluster can win nothing here but what it saves in waiting:

    node on this machine      nothing to wait for: what a cluster costs
    far from everybody        each request takes 100 ms more, from wherever it is sent
    far from the coordinator  only from this machine; workers stand beside the node
    small assets              a hundred assets of ten accounts: what a question costs
    proven                    balances and their proofs, which are asked for by workers and checked here

The cluster is started before, runs take turns, the best of three counts. All findings of a row are compared.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import scanner
from localnet.anvil import Anvil
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from tests.support.real.cluster_nodes import BESIDE, from_afar
from tests.support.real.counted_node import CountedNode
from tests.support.real.dask_cluster import DaskCluster

CHAIN = "eip155:31999"
ROUNDS = 3
LATENCY = 0.1  # seconds
GAS = 5_000_000  # a call's, so that one request has room for some hundred accounts, as at most providers


@dataclass(frozen=True)
class World:
    """A node, and a claim about what it holds."""

    claim: Claim
    url: str

    def instrument(self, url: str, prove: int = 0, operators: int = 1) -> Instrument:
        """The node at `url`, and as many operators who all answer from it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "nodes.yaml")
            vouched = ", ".join(f'"{asset}"' for asset in self.claim.assets)
            lines = [f"policy: {{quorum: {operators}, threshold: '1', contracts: [{vouched}]}}", "nodes:"]
            lines += [
                f'  - {{url: "evm+{url}?of={number}", chain: "{CHAIN}", operator: bench{number}, max_in_flight: 4}}'
                for number in range(operators)
            ]
            path.write_text("\n".join(lines))
            return replace(scanner.load_instrument(path, {}), prove=prove)


def world(anvil: Anvil, assets: int, accounts: int, first: int) -> World:
    """So many tokens with so many accounts each, planted and sealed."""
    rng = Random(first)
    held = {f"0x{rng.randbytes(20).hex()}": rng.getrandbits(80) + 1 for _ in range(accounts)}
    tokens = [f"0x{(first + number).to_bytes(20).hex()}" for number in range(assets)]
    for times, token in enumerate(tokens, start=1):  # one balance under many names would count once
        anvil.deploy_token(token, 18, "T")
        anvil.mint(token, {account: times * atoms for account, atoms in held.items()})
    block = anvil.seal()
    lines = ["version: 1", "exchange: Bench", f"as_of: {block.moment}"]
    lines += [f"snapshots: {{{CHAIN}: {block.height}}}", "assets:"]
    lines += [f'  T{at}: {{id: "{CHAIN}/erc20:{token}", backs: U, decimals: 18}}' for at, token in enumerate(tokens)]
    lines += ["liabilities: {U: '1'}", "holdings:"]
    shown = ", ".join(f'"{account}"' for account in held)
    lines += [f"  - {{asset: T{at}, accounts: [{shown}]}}" for at in range(assets)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "claim.yaml")
        path.write_text("\n".join(lines))
        return World(scanner.load_claim(path), anvil.url)


def measure(what: str, clusters: dict[str, str | None], scanned: World, instrument: Instrument) -> None:
    best: dict[str, float] = {}
    findings = []
    for number in range(ROUNDS + 1):
        for name, address in clusters.items():
            began = time.perf_counter()
            run = scanner.scan(scanned.claim, instrument, connect=from_afar, cluster=address)
            result: Any = asyncio.run(run)
            if number:  # the first one warms up
                best[name] = min(best.get(name, 1e9), time.perf_counter() - began)
            findings.append((result.finding, result.gaps))
    if any(each != findings[0] for each in findings) or findings[0][1]:
        raise SystemExit(f"{what}: the findings are not one, or have gaps")
    rows = len(scanned.claim.holdings)
    alone = best["alone"]
    for name, seconds in best.items():
        print(
            f"{what:26} {rows:7,} {name:10} {seconds:8.2f} {rows / seconds:11,.0f} {alone / seconds:8.2f}", flush=True
        )


def main(accounts: int) -> None:
    with (
        Anvil.start(31999, ["--gas-limit", str(GAS)]) as anvil,
        tempfile.TemporaryDirectory() as one_folder,
        tempfile.TemporaryDirectory() as two_folder,
        tempfile.TemporaryDirectory() as near_folder,
        DaskCluster(Path(one_folder), 1) as one,
        DaskCluster(Path(two_folder), 2) as two,
        DaskCluster(Path(near_folder), 0) as near,
        CountedNode(anvil.url, LATENCY) as far,
    ):
        near.add_worker({BESIDE: anvil.url})
        for cluster, workers in ((one, 1), (two, 2), (near, 1)):
            cluster.wait_for(workers)
        large, small = world(anvil, 4, accounts, 0xC0), world(anvil, 100, 10, 0xD000)
        few = world(anvil, 1, 500, 0xE00000)
        clusters = {"alone": None, "1 worker": one.address, "2 workers": two.address}
        beside = {"alone": None, "beside it": near.address}
        print(f"{os.cpu_count()} processors; one anvil, 4 requests at once, a gas cap of {GAS:,}")
        print(f"{'':26} {'rows':>7} {'run':10} {'seconds':>8} {'rows/s':>11} {'of alone':>8}")
        steps: list[Callable[[], None]] = [
            lambda: measure("node on this machine", clusters, large, large.instrument(anvil.url)),
            lambda: measure("far from everybody", clusters, large, large.instrument(far.url)),
            lambda: measure("far from the coordinator", beside, large, large.instrument(far.url)),
            lambda: measure("small assets", clusters, small, small.instrument(anvil.url)),
            lambda: measure("proven", clusters, few, few.instrument(anvil.url, prove=500)),
        ]
        for step in steps:
            step()


def growth() -> None:
    with (
        Anvil.start(31999, ["--gas-limit", str(GAS)]) as anvil,
        tempfile.TemporaryDirectory() as folder,
        DaskCluster(Path(folder), 1) as one,
    ):
        one.wait_for(1)
        clusters = {"alone": None, "1 worker": one.address}
        print(f"{'':26} {'rows':>7} {'run':10} {'seconds':>8} {'rows/s':>11} {'of alone':>8}")
        for rows in (10_000, 20_000, 40_000):
            scanned = world(anvil, 1, rows, 0x10_0000 + rows)
            measure("rows, one asset", clusters, scanned, scanned.instrument(anvil.url))
        for assets in (1, 10, 100):
            scanned = world(anvil, assets, 10_000 // assets, 0x20_0000 + 1000 * assets)
            measure(f"assets: {assets}", clusters, scanned, scanned.instrument(anvil.url))
        scanned = world(anvil, 1, 10_000, 0x30_0000)
        for operators in (1, 2, 4):
            instrument = scanned.instrument(anvil.url, operators=operators)
            measure(f"operators: {operators}", clusters, scanned, instrument)


if __name__ == "__main__":
    if sys.argv[1:] == ["growth"]:
        growth()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
