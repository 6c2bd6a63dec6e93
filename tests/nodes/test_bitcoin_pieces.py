"""Batches that take several scans of a real bitcoind: put together exactly, with a gap only where one is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest
from bitcoin.core import CMutableTransaction, CMutableTxIn, CMutableTxOut, COutPoint, lx
from bitcoin.core.script import CScript

from localnet.bitcoind import Bitcoind
from localnet.outputs import build
from localnet.utxos import satoshi
from scanner.chains.bitcoin.node.core import BitcoinCoreNode
from scanner.core.evidence import Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from tests.nodes.bitcoin_history import wallet
from tests.support.real.bitcoin_nodes import REGTEST, read_at, settings_of, start_bitcoind, unspent_at
from tests.support.simulated.bitcoin import RpcServer, behind

COUNT = 4000
MINER = b"\x51"
HEAVY = bytes(wallet(8 * 10**6).script)
HEAVY_OUTPUTS = 3000
ENTRY = 300  # bytes of an output in an answer, at the least


@dataclass(frozen=True)
class Chain:
    """A real node behind a server that counts its scans, and what is asked of it."""

    bitcoind: Bitcoind
    server: RpcServer
    scripts: list[bytes]
    height: int  # of the snapshot; above it outputs were spent and made
    requests: list[int]  # bytes of each scan's descriptors

    def node(self, **limits: int) -> BitcoinCoreNode:
        self.requests.clear()
        return BitcoinCoreNode(NodeSettings("bitcoind", self.server.url, "o", REGTEST), **limits)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    random = Random(6)
    scripts = [bytes(wallet(number).script) for number in range(COUNT)]
    with start_bitcoind() as node, RpcServer(behind(node)) as server:
        coinbases = node.rpc("generatetodescriptor", 110, f"raw({MINER.hex()})")[:2]
        paid = [script for script in scripts for _ in range(random.choice((0, 1, 1, 3)))] + [HEAVY] * HEAVY_OUTPUTS
        random.shuffle(paid)
        first = pay(node, random, [coinbase_of(node, coinbases[0])], paid)
        height = node.tip().height
        anyones = set(scripts[::8])
        spendable = [coin for coin, script in zip(first, paid, strict=True) if script in anyones]
        pay(node, random, [coinbase_of(node, coinbases[1]), *spendable[::2]], [*random.sample(scripts, 1000), HEAVY])
        node.rpc("generatetodescriptor", 2, f"raw({scripts[0].hex()})")
        requests: list[int] = []

        def count(method: str, params: list[object], result: object) -> object:
            if method == "scantxoutset" and isinstance(params[1], list):
                requests.append(sum(len(text) + 3 for text in params[1]))
            return result

        server.spoil = count
        yield Chain(node, server, [*scripts, HEAVY], height, requests)


def coinbase_of(node: Bitcoind, block: str) -> tuple[str, int, int]:
    transaction = node.rpc("getblock", block, 2)["tx"][0]
    return transaction["txid"], 0, satoshi(transaction["vout"][0]["value"])


def pay(
    node: Bitcoind, random: Random, coins: list[tuple[str, int, int]], scripts: list[bytes]
) -> list[tuple[str, int, int]]:
    """One block with one transaction that spends `coins`, which anyone can, and pays to `scripts`. The coins made."""
    most = sum(value for _, _, value in coins) // len(scripts)
    values = [random.randrange(most) for _ in scripts]
    transaction = CMutableTransaction(
        [CMutableTxIn(COutPoint(lx(txid), number)) for txid, number, _ in coins],
        [CMutableTxOut(value, CScript(script)) for value, script in zip(values, scripts, strict=True)],
    )
    node.rpc("generateblock", f"raw({MINER.hex()})", [transaction.serialize().hex()])
    txid = transaction.GetTxid()[::-1].hex()
    return [(txid, number, value) for number, value in enumerate(values)]


def test_requests_are_kept_within_their_limit_and_the_pieces_put_together_exactly(chain: Chain) -> None:
    for height in (chain.height, chain.bitcoind.tip().height):
        found = read_at(chain.node(request_limit=20_000), height, chain.scripts)
        assert found == unspent_at(chain.bitcoind, height, chain.scripts)
        assert max(chain.requests) <= 20_000
        assert len(chain.requests) <= sum(chain.requests) // 19_000 + 1


def test_answers_are_kept_within_their_limit_and_the_pieces_put_together_exactly(chain: Chain) -> None:
    limit = HEAVY_OUTPUTS * 2 * ENTRY
    for height in (chain.height, chain.bitcoind.tip().height):
        found = read_at(chain.node(scan_limit=limit), height, chain.scripts)
        assert found == unspent_at(chain.bitcoind, height, chain.scripts)
        assert 2 <= len(chain.requests) <= 6


def test_a_script_that_has_more_outputs_than_an_answer_may_hold_is_the_only_gap(chain: Chain) -> None:
    limit = HEAVY_OUTPUTS * ENTRY * 2 // 3
    for height in (chain.height, chain.bitcoind.tip().height):
        *found, heavy = read_at(chain.node(scan_limit=limit), height, chain.scripts)
        assert isinstance(heavy, Gap)
        assert (heavy.why, str(limit) in heavy.detail) == (Why.MALFORMED, True)
        assert found == unspent_at(chain.bitcoind, height, chain.scripts[:-1])
        assert len(chain.requests) <= 12  # by halves alone it would be twice as many


def test_one_scan_is_enough_within_the_limits(chain: Chain) -> None:
    found = read_at(chain.node(), chain.height, chain.scripts)
    assert found == unspent_at(chain.bitcoind, chain.height, chain.scripts)
    assert len(chain.requests) == 1


def test_what_the_bench_takes_for_the_truth_is_what_the_node_has() -> None:
    with start_bitcoind() as node:
        built = build(node, Random(2), 700, 3000)
        assert built.then == unspent_at(node, built.height, built.scripts)
        assert built.now == unspent_at(node, built.tip, built.scripts)
        assert built.then != built.now
        found = read_at(BitcoinCoreNode(settings_of(node)), built.height, built.scripts)
        assert found == built.then
