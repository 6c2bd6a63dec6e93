"""Client CPU per balance, from a claim's plan to its journal, and the rate: beside the raw floor of the same requests.

    python -m bench.scan_cost [accounts]          200,000 by default

One local anvil; native and ERC-20 balances at a past block that later blocks changed. Ours is everything that a scan
does for a block: pinned, cut into batches, asked for, checked, settled under a policy, journalled to a file, and found
still to be the chain's. The floor is the very requests of that scan, sent again as they were, as many at once, the
answers thrown away: what is left is the node's own time, and HTTP. Both take turns, five rounds; the best of each
counts. Every balance is compared with the truth. A scan of the same with one object for each row, as other tools keep
them, is what `bench.peers` has beside us.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from hashlib import blake2b
from pathlib import Path

from bench.big_nodes import GAS_CAP, computed_token
from bench.evm_read import IN_FLIGHT, ROUNDS, Recorder, Spent, spent, throw_away
from localnet.anvil import Anvil
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance
from scanner.core.node_settings import NodeSettings
from scanner.core.outcomes import Outcomes
from scanner.scanning.block import BlockRun
from scanner.scanning.count import Count
from scanner.scanning.events import ignore
from scanner.scanning.journal import Journal
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import HeldAsset, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy

CHAIN = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
USDT = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
COIN, STEP = 10**12 + 39, 10**6 + 3


def main(count: int = 200_000) -> None:
    accounts = sorted(blake2b(number.to_bytes(8), digest_size=20).digest() for number in range(count))
    with Anvil.start(args=["--gas-limit", str(GAS_CAP)]) as anvil:
        wei = {account: COIN * number for number, account in enumerate(accounts[: min(count, 100_000)])}
        anvil.set_balances({f"0x{account.hex()}": atoms for account, atoms in wei.items()})
        anvil.rpc("anvil_setCode", USDT.id.reference, computed_token(USDT.decimals, STEP))
        height = anvil.seal().height
        anvil.rpc("anvil_setCode", USDT.id.reference, computed_token(USDT.decimals, STEP + 1))
        anvil.set_balances({f"0x{account.hex()}": 1 for account in list(wei)[:1000]})
        anvil.mine(3)
        print(f"{'':<8}{'balances/s':>12}{'us of CPU':>12}{'floor/s':>12}{'us of CPU':>12}{'rate':>8}{'requests':>10}")
        for asset in (ETH, USDT):
            truth = {account: wei.get(account, 0) if asset is ETH else token(account) for account in accounts}
            asyncio.run(measure(anvil.url, asset, accounts, height, truth))


def token(account: bytes) -> int:
    """What `computed_token` says an account has."""
    return (int.from_bytes(account[4:7]) + 1) * STEP


async def measure(url: str, asset: Asset, accounts: list[bytes], height: int, truth: dict[bytes, int]) -> None:
    held = HeldAsset(asset.id)
    for account in accounts:
        held.add(account, None, 0, None, None)
    claim = Claim(
        exchange="Bench",
        as_of=datetime.now(UTC),
        assets={asset.id: asset},
        liabilities={asset.backs: Liability(asset.backs, Fraction(1))},
        holdings=Holdings([held]),
        digest="00" * 32,
        snapshots={CHAIN: height},
    )
    settings = NodeSettings("evm", url, "bench", CHAIN, own=True, max_in_flight=IN_FLIGHT)
    instrument = Instrument(Policy(quorum=1), (settings,), prove=0)
    rpc = Recorder(settings)
    panel = await NodeGroup.open(CHAIN, [settings], partial(EvmNode, rpc=rpc), ignore)
    (declared,) = claim.by_place().values()

    async def ours() -> None:
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "scan.journal", [bytes(32)]) as journal:
            journal.begin({}, {}, ignore)
            run = BlockRun(claim, instrument, panel, journal, ignore, Count(CHAIN, len(declared), ignore))
            found = await run.scan(height, declared, ())
        outcomes.append(found.outcomes)

    outcomes: list[Outcomes] = []
    for _ in range(3):  # until it is known how much the node takes at once
        await ours()
    for account, outcome in zip(accounts, outcomes[-1], strict=True):
        if not isinstance(outcome, Balance) or outcome.atoms != truth[account]:
            raise SystemExit(f"{asset.label} of 0x{account.hex()} is {outcome}, not {truth[account]}")
    spent_by_us: list[Spent] = []
    floor: list[Spent] = []
    for _ in range(ROUNDS):
        rpc.recording = []
        spent_by_us.append(await spent(ours))
        bodies, rpc.recording = rpc.recording, None
        floor.append(await spent(partial(throw_away, url, bodies)))
    await panel.close()
    mine, bare = (min(each, key=lambda one: one.wall) for each in (spent_by_us, floor))
    cpu = [min(one.cpu for one in each) / len(accounts) * 1e6 for each in (spent_by_us, floor)]
    rate = bare.wall / mine.wall
    print(
        f"{asset.label:<8}{len(accounts) / mine.wall:>12,.0f}{cpu[0]:>12.2f}"
        f"{len(accounts) / bare.wall:>12,.0f}{cpu[1]:>12.2f}{rate:>8.0%}{len(bodies):>10,}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
