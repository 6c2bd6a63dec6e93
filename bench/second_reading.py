"""What it costs to read a token's balances in a second way: requests, calls and time, beside the first reading alone.

    python -m bench.second_reading [accounts]     5,000 by default, as many as a batch of a scan has

One local anvil; both are read in one run, after a first time in which the node's limits are learnt; the best of five
rounds counts.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from random import Random

from bench.evm_read import CHAIN, GAS_CAP, TOKEN, Recorder, spent
from localnet.anvil import Anvil
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.core.evidence import Batch
from scanner.core.node_settings import NodeSettings

ROUNDS = 5


async def measured(node: EvmNode, rpc: Recorder, batch: Batch) -> tuple[int, int, float]:
    """Requests, calls in them, and seconds of the best round."""
    await node.read(batch)
    best = float("inf")
    for _ in range(ROUNDS):
        rpc.recording = []
        best = min(best, (await spent(partial(node.read, batch))).wall)
    bodies, rpc.recording = [json.loads(body) for body in rpc.recording or []], None
    return len(bodies), sum(len(body) if isinstance(body, list) else 1 for body in bodies), best


async def main(count: int) -> None:
    random = Random(1)
    accounts = [random.randbytes(20) for _ in range(count)]
    with Anvil.start(1, ["--gas-limit", str(GAS_CAP)]) as anvil:
        anvil.deploy_token(TOKEN.reference, 6, "USDT")
        anvil.mint(TOKEN.reference, {"0x" + account.hex(): random.getrandbits(80) + 1 for account in accounts})
        height = anvil.seal().height
        anvil.mine(10)
        print(f"{count:,} accounts of a token: once, twice, and how many times as much")
        print(f"{'way':12} {'requests':>16} {'calls':>20} {'seconds':>18}")
        for kind in (StrategyKind.OVERRIDE, StrategyKind.INIT_CODE, StrategyKind.BATCH):
            settings = NodeSettings("evm", anvil.url, "bench", CHAIN)
            rpc = Recorder(settings)
            kinds = tuple(StrategyKind) if kind is StrategyKind.OVERRIDE else (kind, StrategyKind.BATCH)
            node = EvmNode(settings, rpc, kinds)
            await node.open()
            batch = Batch(await node.block_at(height), TOKEN, tuple(accounts))
            twice = await measured(node, rpc, batch)
            node._second = None  # so that it reads once
            once = await measured(node, rpc, batch)
            await node.close()
            told = "".join(
                f" {one:>7,.{places}f} {two:>7,.{places}f} {two / one:4.2f}"
                for one, two, places in zip(once, twice, (0, 0, 3), strict=True)
            )
            print(f"{kind.name:12}{told}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 5_000))
