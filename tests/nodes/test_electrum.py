"""Balances at past blocks from a real Electrum server, against what bitcoind itself dumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from localnet.bitcoind import Bitcoind
from localnet.electrum import ElectrumServer
from scanner.chains.bitcoin.node.electrum import ElectrumNode
from scanner.core.node_settings import NodeSettings
from tests.nodes.bitcoin_history import History, wallet
from tests.support.real.bitcoin_nodes import REGTEST, read_at, start_bitcoind, start_electrum, unspent_at


@dataclass(frozen=True)
class World:
    bitcoind: Bitcoind
    server: ElectrumServer
    scripts: list[bytes]

    def node(self) -> ElectrumNode:
        return ElectrumNode(settings_of(self.server))


def settings_of(server: ElectrumServer) -> NodeSettings:
    return NodeSettings("electrum", server.url, "o", REGTEST)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    random = Random(7)
    with start_bitcoind() as bitcoind:
        history = History(bitcoind, random, wallets=400)
        history.start(10)
        for _ in range(40):
            history.block(random.randint(0, 8))
        with start_electrum(bitcoind) as server:
            yield World(bitcoind, server, [*history.scripts, bytes(wallet(10**6).script)])


def test_every_balance_at_every_depth_is_the_one_bitcoind_dumps(world: World) -> None:
    tip = world.bitcoind.tip().height
    for height in (tip, tip - 20, 110):
        found = read_at(world.node(), height, world.scripts)
        assert found == unspent_at(world.bitcoind, height, world.scripts)
        assert any(found)
