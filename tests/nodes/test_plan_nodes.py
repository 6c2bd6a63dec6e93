"""What a scan of a real node asks, counted as it goes, against what was planned: proofs of all, a sample, none."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from localnet import contracts
from localnet.anvil import Anvil
from localnet.block import Block
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.rehearsal import OF_BLOCK
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.http_client import Sink
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Balance, Basis
from scanner.core.node_settings import NodeSettings
from scanner.scanning.plan import Step, plan
from scanner.scanning.run import scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.simulated.heard import Heard

EVM = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
TETHER = "0xdac17f958d2ee523a2206206994597c13d831ec7"  # whose layout is in the table: what is planted there has it too
USDT = Asset("USDT", parse_asset(f"eip155:1/erc20:{TETHER}"), "USDT", 6)
COINS, TOKENS = 700, 30
SAMPLE = 100


class HeardRpc(JsonRpc):
    """The real transport, which writes down what goes through it."""

    def __init__(self, settings: NodeSettings, heard: Heard) -> None:
        super().__init__(settings)
        self._heard = heard

    async def fetch(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
        sink: Sink | None = None,
        limit: int | None = None,
        accept: str = "",
    ) -> tuple[int, Any, bytes]:
        self._heard.add(body)
        return await super().fetch(method, url, body, timeout=timeout, sink=sink, limit=limit, accept=accept)


@dataclass(frozen=True)
class World:
    url: str
    claim: Claim


@pytest.fixture(scope="module")
def world(node_programs: None) -> Iterator[World]:
    rng = random.Random(11)
    accounts = sorted(rng.randbytes(20) for _ in range(COINS))
    names = [f"0x{account.hex()}" for account in accounts]
    with Anvil.start() as anvil:
        anvil.set_balances(dict.fromkeys(names, 10**18))
        anvil.deploy_token(TETHER, 6, "USDT", contracts.PLAIN)
        anvil.mint(TETHER, dict.fromkeys(names[:TOKENS], 10**6))
        block: Block = anvil.seal()
        anvil.mine(3)
        holdings = [Holding(ETH.id, account) for account in accounts]
        holdings += [Holding(USDT.id, account) for account in accounts[:TOKENS]]
        claim = Claim(
            exchange="X",
            as_of=datetime.fromtimestamp(block.time, UTC),
            assets={ETH.id: ETH, USDT.id: USDT},
            liabilities={unit: Liability(unit, Fraction(1)) for unit in ("ETH", "USDT")},
            holdings=Holdings.of(holdings),
            digest="00" * 32,
            snapshots={EVM: block.height},
        )
        yield World(anvil.url, claim)


def instrument(world: World, prove: int | None) -> Instrument:
    settings = NodeSettings("evm", world.url, "self", EVM, own=True)
    return Instrument(Policy(), (settings,), prove)


@pytest.mark.parametrize("prove", [0, SAMPLE, None])
def test_a_scan_asks_a_real_node_what_was_planned(world: World, prove: int | None) -> None:
    heard, nodes = Heard(), []

    def connect(settings: NodeSettings) -> EvmNode:
        nodes.append(EvmNode(settings, HeardRpc(settings, heard)))
        return nodes[-1]

    result = asyncio.run(scan(world.claim, instrument(world, prove), connect=connect))
    bases = Counter(row.outcome.basis for row in result.rows if isinstance(row.outcome, Balance))
    assert bases.total() == COINS + TOKENS
    if prove is None:
        assert bases == {Basis.PROVEN: COINS + TOKENS}

    ways = {(EVM, "self"): nodes[0].ways}
    (found,) = asyncio.run(
        plan(world.claim, instrument(world, prove), [EVM], ways=ways, sample=SAMPLE, most_calls=lambda _: None)
    )
    (operator,) = found.operators
    total = operator.total(prove, SAMPLE)
    if prove == SAMPLE:  # lots may fall on one row twice
        assert 0 <= total.calls["eth_getProof"] - heard.calls["eth_getProof"] <= 20
        assert total.requests == pytest.approx(heard.requests, abs=1)
    else:
        assert total.calls == heard.calls
        assert total.requests == pytest.approx(heard.requests, abs=1)  # what one asset taught helps the next
        assert total.sent == pytest.approx(heard.sent, rel=0.05)
    assert operator.steps[Step.PROVE_ALL].received > 9_000 * COINS
    assert operator.steps[Step.OPENING].received > OF_BLOCK
