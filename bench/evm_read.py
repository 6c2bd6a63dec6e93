"""Balances per second, and client CPU per balance, of each way to ask an EVM node: beside its floor, beside web3.py.

    python -m bench.evm_read [accounts]           20,000 by default

One local anvil; native and ERC-20 balances at a past block that later blocks changed. The floor of a way is the very
requests that way made, sent again as they were, as many at once, the answers thrown away: what is left is the node's
own time and HTTP. Ours and the floor take turns, five rounds; the best of each counts. Every balance read is compared
with the truth. web3.py is asked for fewer accounts, since it takes a thousand times as long.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from localnet.anvil import Anvil
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Snapshot
from scanner.core.node_settings import NodeSettings

CHAIN = parse_chain("eip155:1")
NATIVE = parse_asset("eip155:1/slip44:60")
TOKEN = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
GAS_CAP = 50_000_000  # what Geth, Erigon and Reth allow a call by default
ROUNDS = 5
IN_FLIGHT = 4
FOR_WEB3 = 500


@dataclass(frozen=True)
class Spent:
    """Of one reading: seconds by the clock, and by this process's CPU."""

    wall: float
    cpu: float


class Recorder(JsonRpc):
    """A client that keeps the bodies of its requests while `recording`."""

    recording: list[bytes] | None = None

    async def _post(self, body: bytes, timeout: float | None, limit: int) -> Any:  # noqa: ASYNC109
        if self.recording is not None:
            self.recording.append(body)
        return await super()._post(body, timeout, limit)


async def spent(act: Callable[[], Awaitable[object]]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    await act()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


async def throw_away(url: str, bodies: list[bytes]) -> None:
    """Send all bodies, IN_FLIGHT at once, and read the answers without looking at them."""
    import aiohttp

    waiting = list(reversed(bodies))
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers, read_bufsize=2**18) as session:

        async def send() -> None:
            while waiting:
                async with session.post(url, data=waiting.pop()) as response:
                    async for _ in response.content.iter_any():
                        pass

        await asyncio.gather(*(send() for _ in range(IN_FLIGHT)))


async def measure(url: str, kind: StrategyKind, batch: Batch, truth: list[int]) -> None:
    settings = NodeSettings("evm", url, "bench", CHAIN, max_in_flight=IN_FLIGHT)
    rpc = Recorder(settings)
    node = EvmNode(settings, rpc, (kind, StrategyKind.BATCH))
    await node.open()

    async def read() -> None:
        reading = await node.read(batch)
        if reading.gaps or list(reading.amounts()) != truth:
            raise SystemExit(f"{kind.name}: a balance is wrong or missing")

    async def read_only() -> None:
        await node.read(batch)

    for _ in range(8):  # until it has learnt how much the node takes at once
        await read()
    ours, floor = [], []
    for _ in range(ROUNDS):
        rpc.recording = []
        ours.append(await spent(read_only))
        bodies, rpc.recording = rpc.recording, None
        floor.append(await spent(partial(throw_away, url, bodies)))
    await read()
    await node.close()
    told(f"{kind.value} {kind.name}", batch, len(bodies), min(ours, key=_wall), min(floor, key=_wall))


async def measure_web3(url: str, batch: Batch, truth: list[int]) -> None:
    from web3 import AsyncHTTPProvider, AsyncWeb3

    web3 = AsyncWeb3(AsyncHTTPProvider(url))
    addresses = [web3.to_checksum_address("0x" + account.hex()) for account in batch.accounts]
    found: list[int] = []

    async def gather() -> None:
        number = batch.snapshot.height  # web3.py takes no block hash as EIP-1898 writes it
        if batch.asset.native:
            calls: list[Any] = [web3.eth.get_balance(address, number) for address in addresses]
            found[:] = await asyncio.gather(*calls)
        else:
            to = web3.to_checksum_address(batch.asset.reference)
            data = ["0x70a08231" + account.hex().rjust(64, "0") for account in batch.accounts]
            calls = [web3.eth.call({"to": to, "data": each}, number) for each in data]  # type: ignore[typeddict-item]
            found[:] = [int.from_bytes(answer) for answer in await asyncio.gather(*calls)]

    took = await spent(gather)
    if found != truth:
        raise SystemExit("web3.py: a balance is wrong")
    await web3.provider.disconnect()
    told("web3.py asyncio.gather", batch, len(addresses), took, None)


def _wall(each: Spent) -> float:
    return each.wall


def told(name: str, batch: Batch, requests: int, ours: Spent, floor: Spent | None) -> None:
    count = len(batch.accounts)
    line = f"{name:24} {'native' if batch.asset.native else 'ERC-20':7} {requests:6}" + _rate(ours, count)
    if floor is not None:
        line += _rate(floor, count) + f" {floor.wall / ours.wall:8.0%}"
    print(line, flush=True)


def _rate(each: Spent, count: int) -> str:
    return f" {count / each.wall:11,.0f} {each.cpu / count * 1e6:10.2f}"


async def main(count: int) -> None:
    random = Random(1)
    accounts = [random.randbytes(20) for _ in range(count)]
    held = {"0x" + account.hex(): random.getrandbits(80) + 1 for account in accounts}
    with Anvil.start(1, ["--gas-limit", str(GAS_CAP)]) as anvil:
        anvil.deploy_token(TOKEN.reference, 6, "USDT")
        anvil.set_balances(held)
        anvil.mint(TOKEN.reference, held)
        sealed = anvil.seal()
        anvil.set_balances(dict.fromkeys(held, 1))
        anvil.mine(10)
        node = EvmNode(NodeSettings("evm", anvil.url, "bench", CHAIN))
        await node.open()
        snapshot: Snapshot = await node.block_at(sealed.height)
        await node.close()
        print(f"{count:,} accounts on one anvil with a gas cap of {GAS_CAP:,}, {IN_FLIGHT} requests at once")
        print(f"{'':39} {'ours':>11} {'CPU':>10} {'floor':>11} {'CPU':>10} {'ours of':>8}")
        units = f"{'balances/s':>11} {'us/balance':>10}"
        print(f"{'way':24} {'asset':7} {'calls':>6} {units} {units} {'floor':>8}")
        truth = list(held.values())
        for kind in (StrategyKind.OVERRIDE, StrategyKind.INIT_CODE, StrategyKind.BATCH):
            for asset in (NATIVE, TOKEN):
                await measure(anvil.url, kind, Batch(snapshot, asset, tuple(accounts)), truth)
        for asset in (NATIVE, TOKEN):
            few = Batch(snapshot, asset, tuple(accounts[:FOR_WEB3]))
            await measure_web3(anvil.url, few, truth[:FOR_WEB3])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 20_000))
