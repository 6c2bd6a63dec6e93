"""What shows a movement, from every kind of server of a chain like Bitcoin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from scanner.chains.bitcoin.movement import BitcoinMovements
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.chains.bitcoin.node.electrum import ElectrumNode
from scanner.chains.bitcoin.node.esplora import EsploraNode
from scanner.chains.interface import Node
from scanner.chains.movement import Instruction
from scanner.chains.names import parse_asset
from scanner.core.control import MovedIn
from scanner.core.keccak import keccak256
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from tests.nodes.bitcoin_history import wallet
from tests.support.real.bitcoin_nodes import REGTEST
from tests.support.simulated.bitcoin import RpcServer, SimBitcoin, SimTransaction
from tests.support.simulated.electrum import LineServer, SimElectrum
from tests.support.simulated.esplora import EsploraServer

ASSET = parse_asset(f"{REGTEST}/slip44:1")
SCRIPTS = [bytes(wallet(number).script) for number in range(0, 40, 8)]
CHAIN = SimBitcoin(Random(5), SCRIPTS, blocks=40)


@dataclass(frozen=True)
class World:
    make: Callable[[NodeSettings], Node]
    server: Any
    kind: str

    def node(self) -> Node:
        return self.make(NodeSettings(self.kind, self.server.url, "o", REGTEST, timeout=10))


@contextmanager
def core() -> Iterator[World]:
    with RpcServer(CHAIN.answer) as server:
        yield World(BitcoinCoreNode, server, "bitcoind")


@contextmanager
def electrum() -> Iterator[World]:
    with LineServer(SimElectrum(CHAIN).answer) as server:
        yield World(ElectrumNode, server, "electrum")


@contextmanager
def esplora() -> Iterator[World]:
    with EsploraServer(CHAIN.answer) as server:
        yield World(EsploraNode, server, "esplora")


@pytest.fixture(scope="module", params=[core, electrum, esplora], ids=["core", "electrum", "esplora"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with request.param() as made:
        yield made


def spending() -> Iterator[tuple[int, SimTransaction]]:
    for height, block in enumerate(CHAIN.blocks[:30]):
        for transaction in block.transactions:
            if transaction.spends:
                yield height, transaction


def record_of(world: World, height: int, name: str, account: bytes) -> tuple[MovedIn, bytes]:
    async def asked() -> tuple[MovedIn, bytes]:
        node = world.node()
        await node.open()
        try:
            block = await node.block_at(height)
            assert node.capabilities.movements is not None
            record = await node.capabilities.movements.movement_record(block, name)
            return MovedIn(block.height, block.hash, keccak256(record)), record
        finally:
            await node.close()

    return asyncio.run(asked())


def test_every_transaction_of_an_account_is_shown_in_its_block(world: World) -> None:
    tried = 0
    for height, transaction in list(spending())[::4]:
        for account in SCRIPTS:
            moved, record = record_of(world, height, transaction.txid, account)
            owns = {spent.script for spent in transaction.spends} == {account}
            for output in transaction.outputs:
                asked = Instruction(ASSET, account, output.atoms, transaction.txid)
                found = BitcoinMovements(1).walk(asked, moved, record)
                elsewhere = any(o.atoms == output.atoms and o.script != account for o in transaction.outputs)
                assert (found.fault == "") == (owns and elsewhere)
                tried += not found.fault
    assert tried > 5


def test_a_transaction_of_another_block_is_not_shown(world: World) -> None:
    (height, transaction), *_ = spending()

    def shown() -> None:
        moved, record = record_of(world, height + 1, transaction.txid, SCRIPTS[0])
        BitcoinMovements(1).walk(Instruction(ASSET, SCRIPTS[0], 1, transaction.txid), moved, record)

    with pytest.raises((NodeError, ProofError)):
        shown()


def test_a_transaction_that_is_none_is_the_servers_failure(world: World) -> None:
    with pytest.raises(NodeError) as caught:
        record_of(world, 3, "ab" * 32, SCRIPTS[0])
    assert caught.value.why in {Why.WRONG_BLOCK, Why.REFUSED, Why.MALFORMED, Why.UNSUPPORTED}
