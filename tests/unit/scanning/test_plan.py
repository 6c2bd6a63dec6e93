"""What a scan will ask, against what a scan asks: counted at made-up nodes, in every way of asking."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.evm.node.rehearsal import OF_BLOCK
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.rehearsal import WAYS, AskedOfNode, Scene, account, rehearsed
from scanner.clients.http_client import Sink
from scanner.core.evidence import Balance
from scanner.core.node_settings import NodeSettings
from scanner.scanning import plan as plan_module
from scanner.scanning.plan import ChainPlan, Step, plan
from scanner.scanning.run import scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support import virtual_loop
from tests.support.simulated.evm import SimEvm, SimToken
from tests.support.simulated.heard import Heard
from tests.support.simulated.provider import Provider, ProviderRpc
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:59144")  # Multicall3 stands there from block 42 on, so a short chain can have it
ETH = Asset("ETH", parse_asset(f"{CHAIN}/slip44:60"), "ETH", 18)
TOKEN = Asset("T", parse_asset(f"{CHAIN}/erc20:0x{'a1' * 20}"), "T", 6)
MULTICALL = bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11")
HEIGHT = 45
OPERATORS = ("alpha", "beta")


class HeardRpc(ProviderRpc):
    """Writes down what goes through it."""

    def __init__(self, settings: NodeSettings, provider: Provider, heard: Heard) -> None:
        super().__init__(settings, provider)
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
        answer = await super().fetch(method, url, body, timeout=timeout, sink=sink, limit=limit, accept=accept)
        said = json.loads(answer[2])
        blocks = [each["result"] for each in (said if isinstance(said, list) else [said]) if "parentHash" in str(each)]
        self._heard.received += len(answer[2]) - sum(len(json.dumps(each)) for each in blocks)
        return answer


def accounts(count: int) -> list[bytes]:
    return sorted(blake2b(number.to_bytes(8), digest_size=20).digest() for number in range(count))


def a_claim(coins: int, tokens: int, *, elsewhere: Mapping[int, int] | None = None) -> Claim:
    """So many accounts of each; `elsewhere`: how many accounts of ether name these heights."""
    holdings = [Holding(ETH.id, each) for each in accounts(coins)]
    named = [height for height, count in (elsewhere or {}).items() for _ in range(count)]
    holdings[: len(named)] = [
        replace(each, claimed=1, height=height) for each, height in zip(holdings, named, strict=False)
    ]
    return Claim(
        exchange="X",
        as_of=datetime(2023, 11, 14, 22, 30, tzinfo=UTC),
        assets={ETH.id: ETH, TOKEN.id: TOKEN},
        liabilities={unit: Liability(unit, Fraction(1)) for unit in ("ETH", "T")},
        holdings=Holdings.of([*holdings, *(Holding(TOKEN.id, each) for each in accounts(tokens))]),
        digest="00" * 32,
        snapshots={CHAIN: HEIGHT},
    )


def an_instrument(in_flight: int) -> Instrument:
    nodes = tuple(
        NodeSettings("evm", f"http://{name}.example", name, CHAIN, max_in_flight=in_flight) for name in OPERATORS
    )
    return Instrument(Policy(), nodes, prove=0)


def scanned(claim: Claim, instrument: Instrument, ways: tuple[StrategyKind, ...]) -> dict[str, Heard]:
    """What each operator is asked in a scan, whose every balance is read."""
    sim = SimEvm(chain_id=59144, blocks=0)
    sim.gas_cap = 10**12
    sim.multicall = MULTICALL
    sim.balances = {held.account: 10**18 for held in claim.holdings}
    sim.tokens[TOKEN.id.contract] = SimToken(dict(sim.balances), 6)
    for _ in range(HEIGHT + 10):
        sim.mine()
    heard = {name: Heard() for name in OPERATORS}

    def connect(settings: NodeSettings) -> EvmNode:
        rpc = HeardRpc(settings, Provider(float("inf"), sim=sim), heard[settings.operator])
        return EvmNode(settings, rpc, allowed=ways)

    result, _ = virtual_loop.run(scan(claim, instrument, connect=connect))
    assert all(isinstance(row.outcome, Balance) for row in result.rows)
    return heard


def planned(claim: Claim, instrument: Instrument, ways: tuple[StrategyKind, ...], sample: int = 300) -> ChainPlan:
    names = tuple(rung.name.lower() for rung in ways)
    of_operators = {(CHAIN, name): names for name in OPERATORS}
    (found,) = asyncio.run(
        plan(claim, instrument, [CHAIN], ways=of_operators, sample=sample, most_calls=lambda _: None)
    )
    return found


@each_of("in_flight", [1, 8])
@each_of("way", StrategyKind)
def test_a_scan_asks_what_was_planned(way: StrategyKind, in_flight: int) -> None:
    claim, instrument = a_claim(120, 25), an_instrument(in_flight)  # of more than 32 tokens, so many are drawn
    ways = (way, StrategyKind.BATCH) if way is not StrategyKind.SINGLE else (way,)
    heard = scanned(claim, instrument, ways)
    found = planned(claim, instrument, ways)
    assert [each.operator for each in found.operators] == list(OPERATORS)
    assert [*found.operators[0].steps] == [Step.OPENING, Step.READING, Step.SECOND, Step.PROVE_ALL, Step.PROVE_SAMPLE]
    for each in found.operators:
        total, real = each.total(0, 300), heard[each.operator]
        assert total.calls == real.calls
        assert total.requests == pytest.approx(real.requests, abs=0 if in_flight == 1 else 1)  # as answers come in
        assert total.sent == pytest.approx(real.sent, rel=0.02)
        blocks = total.calls["eth_getBlockByNumber"] + total.calls["eth_getBlockByHash"]
        assert total.received - OF_BLOCK * blocks == pytest.approx(real.received, rel=0.25)  # amounts are longer


@pytest.mark.parametrize("way", [StrategyKind.OVERRIDE, StrategyKind.MULTICALL, StrategyKind.BATCH])
def test_where_a_sample_is_drawn_no_more_is_asked_than_was_planned_and_little_less(way: StrategyKind) -> None:
    claim, instrument = a_claim(0, 700), an_instrument(4)
    heard = scanned(claim, instrument, (way, StrategyKind.BATCH))
    for each in planned(claim, instrument, (way, StrategyKind.BATCH)).operators:
        total, real = each.total(0, 300), heard[each.operator]
        assert abs(total.calls["eth_call"] - real.calls["eth_call"]) <= 10  # lots that fall on one row twice
        assert total.requests == pytest.approx(real.requests, abs=1)


def test_amounts_at_blocks_of_their_own_are_planned_too() -> None:
    claim, instrument = a_claim(60, 0, elsewhere={3: 10, 5: 20, 7: 1}), an_instrument(4)
    heard = scanned(claim, instrument, (StrategyKind.OVERRIDE, StrategyKind.BATCH))
    found = planned(claim, instrument, (StrategyKind.OVERRIDE, StrategyKind.BATCH))
    assert (found.rows, found.compared, found.heights) == (60, 31, 3)
    for each in found.operators:
        assert each.total(0, 300).requests == heard[each.operator].requests
        assert each.steps[Step.COMPARING].requests > 0


def test_what_is_more_than_is_rehearsed_follows_from_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "MOST_ROWS", 700)
    few, many = (
        planned(a_claim(count, 0), an_instrument(8), (StrategyKind.INIT_CODE, StrategyKind.BATCH)).operators[0].steps
        for count in (700, 2100)
    )
    assert many[Step.READING].requests == 3 * few[Step.READING].requests
    assert many[Step.PROVE_ALL].calls == {"eth_getBlockByHash": 1, "eth_getProof": 2100}
    for steps in (few, many):
        assert 280 <= steps[Step.PROVE_SAMPLE].calls["eth_getProof"] <= 300


def test_a_chain_without_state_proofs_and_one_without_nodes_plan_none() -> None:
    bitcoin = parse_chain("bip122:000000000019d6689c085ae165831e93")
    asset = Asset("BTC", parse_asset(f"{bitcoin}/slip44:0"), "BTC", 8)
    claim = replace(
        a_claim(1, 1),
        assets={asset.id: asset, ETH.id: ETH},
        holdings=Holdings.of([Holding(asset.id, b"\x51" + bytes([n])) for n in range(7)]),
        snapshots={},
    )
    settings = tuple(NodeSettings(kind, f"https://{kind}.example", kind, bitcoin) for kind in ("esplora", "bitcoind"))
    instrument = Instrument(Policy(), settings)
    (found,) = asyncio.run(plan(claim, instrument, [bitcoin, CHAIN], ways={}, sample=300, most_calls=lambda _: None))
    core, esplora = found.operators
    assert {*core.steps} == {Step.OPENING, Step.READING}
    assert core.steps[Step.READING].calls == {"scantxoutset": 1}
    assert esplora.steps[Step.READING].calls["scripthash/txs"] == 7
    assert core.steps[Step.READING].at_least


def test_proofs_that_no_server_of_ours_gives_are_named_as_not_in_the_plan() -> None:
    chain = parse_chain("polkadot:91b171bb158e2d3848fa23a9f1c25182")
    asset = Asset("DOT", parse_asset(f"{chain}/slip44:354"), "DOT", 10)
    holdings = Holdings.of([Holding(asset.id, bytes([n]) * 32) for n in range(1, 8)])
    claim = replace(a_claim(1, 1), assets={asset.id: asset}, holdings=holdings, snapshots={})
    nodes = (NodeSettings("substrate", "https://dot.example", "dot", chain),)
    (found,) = asyncio.run(
        plan(claim, Instrument(Policy(), nodes), [chain], ways={}, sample=300, most_calls=lambda _: None)
    )
    assert found.unknown == (asset.id,)
    assert {*found.operators[0].steps} == {Step.OPENING, Step.READING}


def test_a_node_that_is_asked_for_balances_as_they_are_now_is_asked_once_an_account() -> None:
    chain, told = parse_chain("xrpl:0"), AskedOfNode()
    node = rehearsed(NodeSettings("rippled", "https://xrp.example", "xrp", chain), Scene(), told)
    assert node.capabilities.now is not None
    block, reading = asyncio.run(node.capabilities.now.read_now(parse_asset("xrpl:0/slip44:144"), [bytes(20)] * 7))
    assert (block.chain, len(reading), told.calls, told.requests) == (chain, 7, {"account_info": 7}, 7)


def test_a_limit_on_the_calls_of_a_request_makes_more_requests_of_the_same_question() -> None:
    claim, instrument = a_claim(0, 500), an_instrument(4)
    steps = {}
    for limit in (None, 3):
        (found,) = asyncio.run(
            plan(claim, instrument, [CHAIN], ways={}, sample=300, most_calls=lambda _, limit=limit: limit)  # type: ignore[misc]
        )
        steps[limit] = found.operators[0].steps
    assert steps[3][Step.READING] == steps[None][Step.READING]  # which takes a call
    assert steps[3][Step.SECOND].requests > 10 * steps[None][Step.SECOND].requests


def test_a_token_whose_storage_is_in_no_table_is_planned_as_one_whose_code_reads_one_word_for_a_balance() -> None:
    found = planned(a_claim(0, 40), an_instrument(4), (StrategyKind.OVERRIDE, StrategyKind.BATCH))
    assert found.unknown == ()
    asked_for = found.operators[0].steps[Step.PROVE_ALL].calls
    assert asked_for["eth_getBlockByHash"] == 1
    assert asked_for["eth_getCode"] == 1
    assert asked_for["eth_getProof"] == 2  # the contract's account, and then all slots in one


asked = st.builds(
    AskedOfNode,
    st.integers(0, 10**6),
    st.builds(Counter, st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 1000))),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.booleans(),
)


@given(asked, asked)
def test_what_was_added_can_be_taken_away_again(one: AskedOfNode, other: AskedOfNode) -> None:
    both = one.plus(other)
    assert both.requests == one.requests + other.requests
    assert both.at_least is (one.at_least or other.at_least)
    back = both.plus(other, -1)
    assert (back.requests, back.calls, back.sent, back.received) == (one.requests, one.calls, one.sent, one.received)
    assert one.plus(both, -1) == replace(AskedOfNode(), at_least=both.at_least)


@given(asked, st.integers(1, 100), st.integers(0, 10**6))
def test_rows_in_proportion_are_rounded_up(one: AskedOfNode, of: int, more: int) -> None:
    scaled = one.scaled(of, of + more)
    assert scaled.requests * of >= one.requests * (of + more) > (scaled.requests - 1) * of or one.requests == 0
    assert one.scaled(of, of) == one


def test_the_ways_of_asking_are_called_as_a_runs_log_calls_them() -> None:
    assert {rung.name.lower() for rung in StrategyKind} == WAYS


def test_accounts_of_a_rehearsal_are_all_different() -> None:
    assert len({account(number) for number in range(1000)}) == 1000
