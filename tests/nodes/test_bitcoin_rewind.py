"""Balances at past blocks from a real bitcoind, against the node's own dump of its unspent outputs at that block."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from localnet.bitcoind import Bitcoind
from scanner.chains.bitcoin_core import BitcoinCoreNode
from tests.bitcoin_nodes import read_at, settings_of, start_bitcoind, unspent_at
from tests.nodes.bitcoin_history import History, wallet

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
