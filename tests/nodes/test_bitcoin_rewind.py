"""Balances at past blocks from a real bitcoind, against the node's own dump of its unspent outputs at that block."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random
from threading import Thread

import pytest

from localnet.bitcoind import Bitcoind
from localnet.process import wait_for
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.core.evidence import Batch, Gap
from scanner.core.lower_bound import Word
from scanner.errors import Why
from tests.nodes.bitcoin_history import History, wallet
from tests.support.real.bitcoin_nodes import BITCOIN, read_at, settings_of, start_bitcoind, unspent_at
from tests.support.simulated.bitcoin import RpcServer, behind

NEVER_PAID = [bytes(wallet(number).script) for number in range(10**6, 10**6 + 40)]


@pytest.fixture(scope="module", params=["with filters", "without filters"])
def chain(request: pytest.FixtureRequest) -> Iterator[tuple[Bitcoind, History]]:
    random = Random(2024)
    with start_bitcoind(filters=request.param == "with filters") as node:
        history = History(node, random, wallets=3000)
        history.start(20)
        for _ in range(60):
            history.block(random.randint(0, 12))
        yield node, history


def test_every_balance_at_every_depth_is_the_one_the_node_itself_dumps(chain: tuple[Bitcoind, History]) -> None:
    node, history = chain
    scripts = [*history.scripts, *NEVER_PAID]
    tip = node.tip().height
    for height in (tip, tip - 1, tip - 6, tip - 30, tip - 60, 110, 5):
        found = read_at(BitcoinCoreNode(settings_of(node)), height, scripts)
        assert found == unspent_at(node, height, scripts)
        assert any(found)


def test_a_pruned_node_reads_what_it_still_has_and_names_the_setting_for_the_rest() -> None:
    random = Random(3)
    with start_bitcoind("-prune=1", "-fastprune", txindex=False) as node:
        history = History(node, random, wallets=200)
        history.start(20)
        for _ in range(60):
            history.block(6)
        node.rpc("generatetodescriptor", 300, "raw(52)")  # a node keeps its newest 288 blocks, whatever it is told
        node.rpc("pruneblockchain", node.tip().height)
        kept = node.rpc("getblockchaininfo")["pruneheight"] + 1
        assert 120 < kept < 180
        found = read_at(BitcoinCoreNode(settings_of(node)), kept, history.scripts)
        assert found == unspent_at(node, kept, history.scripts)
        assert any(found)
        gaps = read_at(BitcoinCoreNode(settings_of(node)), kept - 20, history.scripts[:1])
        assert [(gap.why, "prune=0" in gap.detail) for gap in gaps if isinstance(gap, Gap)] == [(Why.NO_STATE, True)]


def test_another_clients_scan_goes_on_to_its_end_and_ours_after_it() -> None:
    with start_bitcoind() as node:
        history = History(node, Random(4), wallets=40)
        history.start(5)
        height = node.tip().height - 3
        theirs: list[bool] = []
        scripts = [f"raw(0014{number:040x})" for number in range(300_000)]  # takes some seconds to match
        thread = Thread(target=lambda: theirs.append(node.rpc("scantxoutset", "start", scripts)["success"]))
        thread.start()
        wait_for("their scan", lambda: node.rpc("scantxoutset", "status"), seconds=30)
        waits = 0

        async def pause(_seconds: float) -> None:
            nonlocal waits
            waits += 1
            await asyncio.sleep(0.05)

        async def progress_and_read() -> tuple[int | None, list[Word | Gap]]:
            scanner = BitcoinCoreNode(settings_of(node), sleep=pause)
            try:
                await scanner.open()
                progress = await scanner.progress()
                batch = Batch(await scanner.block_at(height), BITCOIN, tuple(history.scripts))
                reading = await scanner.read(batch)
                return progress, [reading[position] for position in range(len(reading))]
            finally:
                await scanner.close()

        progress, found = asyncio.run(progress_and_read())
        thread.join()
        assert theirs == [True]
        assert waits
        assert progress is not None
        assert found == unspent_at(node, height, history.scripts)


def test_many_blocks_cost_one_scan_where_the_earliest_is_read_first(chain: tuple[Bitcoind, History]) -> None:
    """Each of the last sixty: as the node itself dumps them, from one scan of its outputs."""
    node, history = chain
    tip = node.tip().height
    scripts = history.scripts[:500]
    with RpcServer(behind(node)) as server:
        reader = BitcoinCoreNode(settings_of(node, url=server.url))

        async def read() -> dict[int, list[Word | Gap]]:
            try:
                await reader.open()
                found = {}
                for height in range(tip - 60, tip + 1):
                    reading = await reader.read(Batch(await reader.block_at(height), BITCOIN, tuple(scripts)))
                    found[height] = [reading[position] for position in range(len(scripts))]
                return found
            finally:
                await reader.close()

        found = asyncio.run(read())
    assert server.calls.count("scantxoutset") == 1
    for height in (tip - 60, tip - 59, tip - 31, tip - 7, tip - 1, tip):
        assert found[height] == unspent_at(node, height, scripts)
    assert found[tip] != found[tip - 60]
