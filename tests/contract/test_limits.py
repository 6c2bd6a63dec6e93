"""What a node takes is found and kept to: sizes, requests at once, calls a second; and one bad row costs itself alone.

Whatever the limit, every balance is right and none is missing, in each way of asking that the limit concerns.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from localnet.anvil import Anvil
from scanner.chains.evm.node.errors import TooMuch, meaning
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.interface import ObservedLimits
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.events import Event, LimitsObserved, NodeOpened
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.quorum import Operator
from tests.support.node_errors import HTTP_SAYS, NODE_SAYS, Asks, NodeSays
from tests.support.real.real_nodes import or_skip
from tests.support.simulated.evm_worlds import CHAIN, NATIVE, TOKEN, SimWorld, behind, make_plan, opened, read
from tests.support.simulated.server import SimError, SimServer
from tests.support.virtual_time import VirtualTime

COUNT = 60
Act = Callable[[EvmNode, SimWorld, SimServer, Snapshot], Any]


def at_node(kind: StrategyKind, act: Act, *, count: int = COUNT, **changes: Any) -> Any:
    """What `act` finds at a simulated node that is asked in this way first, and row by row where that fails."""

    async def run() -> Any:
        world = SimWorld(make_plan(count))
        allowed = (kind,) if kind is StrategyKind.SINGLE else (kind, StrategyKind.BATCH)
        async with SimServer(world.chain.answer) as server, opened(server.url, allowed, **changes) as node:
            assert node.kinds[0] is kind
            return await act(node, world, server, await node.block_at(world.height))

    return asyncio.run(run())


def in_words(says: NodeSays) -> tuple[int, bytes]:
    return says.status, json.dumps({"jsonrpc": "2.0", "id": None, "error": says.error}).encode()


def told(says: NodeSays) -> str:
    return f"{says.who}: {says.message[:40]}"


SMALLER = [says for says in NODE_SAYS if says.asks is Asks.SMALLER]
FEWER = [says for says in NODE_SAYS if says.asks is Asks.FEWER]


@pytest.mark.parametrize(
    "kind", [StrategyKind.OVERRIDE, StrategyKind.MULTICALL, StrategyKind.BATCH], ids=lambda kind: kind.name.lower()
)
@pytest.mark.parametrize("says", SMALLER, ids=told)
def test_a_node_that_says_so_in_its_own_words_is_asked_for_less(says: NodeSays, kind: StrategyKind) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        server.instead = lambda body: in_words(says) if len(body) > 2_600 else None
        assert await read(node, snapshot, TOKEN, world.plan.accounts) == world.plan.truth(TOKEN)
        (way, size), *_ = node.learnt.accounts
        assert way == kind.name.lower()
        assert size < COUNT
        assert (node.learnt.at_once, node.learnt.rate) == (4, None)  # smaller is not fewer

    at_node(kind, act)


@pytest.mark.parametrize("says", FEWER, ids=told)
def test_a_node_that_says_so_in_its_own_words_is_left_alone_and_asked_less_often(says: NodeSays) -> None:
    time = VirtualTime()

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        said = iter([in_words(says)] * 2)
        server.instead = lambda _body: next(said, None)
        assert await read(node, snapshot, TOKEN, world.plan.accounts) == world.plan.truth(TOKEN)
        assert time.pauses[0] == (says.pause or 0.25) + 0.125
        assert node.learnt.at_once < 4

    at_node(StrategyKind.OVERRIDE, act, time=time)


@pytest.mark.parametrize(("status", "asks", "_source"), HTTP_SAYS)
def test_what_comes_as_plain_http_means_the_same(status: int, asks: Asks, _source: str) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        page, times = b"message: too much of it, trace_id: 4b1f", iter(range(2))
        if asks is Asks.SMALLER:
            server.instead = lambda body: (status, page) if len(body) > 7_700 else None
        else:
            server.instead = lambda _body: (status, page) if next(times, None) is not None else None
        assert await read(node, snapshot, TOKEN, world.plan.accounts) == world.plan.truth(TOKEN)
        assert (node.learnt.at_once < 4) == (asks is Asks.FEWER)

    at_node(StrategyKind.OVERRIDE, act, count=200)


def test_retry_after_holds_for_the_whole_node_and_not_for_one_request() -> None:
    time, asked = VirtualTime(), list[float]()

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        busy = iter([(429, b"busy")])
        server.headers = {"Retry-After": "20"}

        def instead(_body: bytes) -> tuple[int, bytes] | None:
            asked.append(time.now)
            return next(busy, None)

        server.instead = instead
        batches = [Batch(snapshot, NATIVE, world.plan.accounts[start : start + 10]) for start in range(0, COUNT, 10)]
        readings = await asyncio.gather(*map(node.read, batches))
        assert [amount for reading in readings for amount in reading.amounts()] == world.plan.truth(NATIVE)[:COUNT]
        early = [moment for moment in asked if moment < 20]
        assert len(early) <= 4  # what was under way already when the node said so

    at_node(StrategyKind.OVERRIDE, act, time=time)
    assert 20.125 in time.pauses


class Quota:
    """A provider's: so many calls a second, each call of a batch counted, those beyond refused each by itself."""

    def __init__(self, server: SimServer, time: VirtualTime, calls: int) -> None:
        self._answer, self._time, self._calls = server.answer, time, calls
        self._taken: Counter[int] = Counter()
        self.refused = 0

    def answer(self, method: str, params: list[Any]) -> Any:
        second = int(self._time.now)
        if self._taken[second] >= self._calls:
            self.refused += 1
            raise SimError(-32007, f"{self._calls}/second request limit reached - reduce calls per second")
        self._taken[second] += 1
        return self._answer(method, params)


@pytest.mark.parametrize(
    "kind", [StrategyKind.BATCH, StrategyKind.SINGLE, StrategyKind.OVERRIDE], ids=lambda kind: kind.name.lower()
)
@pytest.mark.parametrize("calls", [4, 25])
def test_every_account_is_read_under_a_provider_s_quota_of_calls(kind: StrategyKind, calls: int) -> None:
    time = VirtualTime()

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        quota = Quota(server, time, calls)
        server.answer = quota.answer
        for asset in (NATIVE, TOKEN):
            assert await read(node, snapshot, asset, world.plan.accounts) == world.plan.truth(asset)
        asked = sum(map(len, server.requests))
        if kind is not StrategyKind.OVERRIDE:  # which asks for all in one call
            assert node.learnt.rate is not None or node.learnt.at_once < 4
            assert quota.refused < asked / 2
            assert time.now < 6 * asked / calls  # and not for ever

    at_node(kind, act, count=300, time=time)


def test_requests_shrink_to_what_a_quota_takes_and_the_guards_cost_a_part_of_it_alone() -> None:
    time = VirtualTime()

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        quota = Quota(server, time, 10)
        server.answer = quota.answer
        assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
        server.requests.clear()
        quota.refused = 0
        assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
        asked = [method for request in server.requests for method in request]
        assert asked[:2] == ["eth_chainId", "eth_getBlockByHash"]
        assert abs(asked.count("eth_chainId") - asked.count("eth_getBlockByHash")) <= quota.refused  # asked again
        assert asked.count("eth_chainId") <= 0.1 * len(asked)
        assert max(map(len, server.requests)) <= 25

    at_node(StrategyKind.BATCH, act, count=100, time=time)


@pytest.mark.parametrize("most", [3, 10, 40])
def test_a_batch_that_costs_more_than_a_second_allows_is_cut_down_until_it_is_taken(most: int) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        busy = 429, b'{"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"Too Many Requests"}}'
        server.instead = lambda body: busy if body.count(b'"method"') > most else None
        assert await read(node, snapshot, TOKEN, world.plan.accounts) == world.plan.truth(TOKEN)

    at_node(StrategyKind.BATCH, act, count=150)


def test_a_node_that_answers_in_a_trickle_is_not_waited_for_without_end() -> None:
    time = VirtualTime()

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        def trickle(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
            busy = {"code": -32005, "message": "limit exceeded", "data": {"backoff_seconds": 30}}
            return [answers[0], *({"jsonrpc": "2.0", "id": each["id"], "error": busy} for each in answers[1:])]

        before = len(server.requests)
        server.spoil_answers = trickle
        found = await read(node, snapshot, NATIVE, world.plan.accounts)
        for outcome, right in zip(found, world.plan.truth(NATIVE), strict=True):
            assert outcome == right or (isinstance(outcome, Gap) and outcome.why is Why.RATE_LIMITED)
        assert len(server.requests) - before <= 3 * len(found)
        assert time.now <= 31 * (len(server.requests) - before)

    at_node(StrategyKind.BATCH, act, count=100, time=time)


# One row at fault, in every way of asking that puts it beside others.
INTERNAL = b'{"id":null,"error":{"code":-32603,"message":"Internal error"}}'
CRASHED = b'{"id":null,"error":{"code":-32000,"message":"method handler crashed"}}'
OUT_OF_GAS = b'{"id":null,"error":{"code":-32000,"message":"out of gas"}}'
POISONS: dict[str, tuple[Callable[[bytes], tuple[int, bytes]], Why]] = {
    "an internal error": (lambda _: (200, INTERNAL), Why.REFUSED),
    "a panic": (lambda _: (200, CRASHED), Why.REFUSED),
    "out of gas": (lambda _: (200, OUT_OF_GAS), Why.REFUSED),
    "a body too large": (lambda _: (413, b"too large"), Why.REFUSED),
    "a page of HTML": (lambda _: (200, b"<html>blocked</html>"), Why.MALFORMED),
    "an answer cut short": (lambda _: (200, b'{"jsonrpc":"2.0","id":'), Why.MALFORMED),
    "an answer too large": (lambda _: (200, b" " * 300_000), Why.MALFORMED),
    "HTTP 400": (lambda _: (400, b"bad request"), Why.REFUSED),
    "HTTP 403, as a firewall says": (lambda _: (403, b"blocked"), Why.UNAUTHORIZED),
    "HTTP 500": (lambda _: (500, b"crashed"), Why.UNREACHABLE),
    "HTTP 502": (lambda _: (502, b"bad gateway"), Why.UNREACHABLE),
    "HTTP 504": (lambda _: (504, b"gateway timeout"), Why.UNREACHABLE),
}  # fmt: skip


@pytest.mark.parametrize("kind", [*StrategyKind], ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize("poison", list(POISONS))
def test_one_row_at_fault_alone_becomes_a_gap(poison: str, kind: StrategyKind) -> None:
    answer, why = POISONS[poison]
    place = {
        StrategyKind.OVERRIDE: 37,
        StrategyKind.INIT_CODE: 0,
        StrategyKind.MULTICALL: COUNT - 1,
        StrategyKind.BATCH: 1,
        StrategyKind.SINGLE: 30,
    }[kind]

    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        accounts, truth = world.plan.accounts[:COUNT], world.plan.truth(TOKEN)[:COUNT]
        poisonous = accounts[place].hex().encode()
        server.instead = lambda body: answer(body) if poisonous in body else None
        before = len(server.request_headers)
        found = await read(node, snapshot, TOKEN, accounts)
        gap = found.pop(place)
        assert isinstance(gap, Gap)
        assert gap.why is why
        assert found == truth[:place] + truth[place + 1 :]
        # One call a row with two guards, and a sample of a token's rows twice more: from other callers.
        most = 3 * COUNT + 2 * 3 * 32 + 20 if kind is StrategyKind.SINGLE else 100
        assert len(server.request_headers) - before <= most
        for _ in range(2):  # and the node is asked no less for it
            assert await read(node, snapshot, NATIVE, accounts[:place]) == world.plan.truth(NATIVE)[:place]

    at_node(kind, act, answer_limit=200_000)


@pytest.mark.parametrize(
    "kind",
    [StrategyKind.OVERRIDE, StrategyKind.INIT_CODE, StrategyKind.MULTICALL, StrategyKind.BATCH],
    ids=lambda kind: kind.name,
)
def test_a_few_rows_at_fault_among_many_cost_themselves_alone(kind: StrategyKind) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer, snapshot: Snapshot) -> None:
        accounts = world.plan.accounts
        bad = {17, 600, 601, 1_150}
        poisonous = [accounts[place].hex().encode() for place in bad]
        server.instead = lambda body: (200, INTERNAL) if any(each in body for each in poisonous) else None
        found = await read(node, snapshot, NATIVE, accounts)
        assert {place for place, outcome in enumerate(found) if isinstance(outcome, Gap)} == bad
        assert all(found[place] == right for place, right in enumerate(world.plan.truth(NATIVE)) if place not in bad)
        assert len(server.requests) < 150

    at_node(kind, act, count=1_200)


# Real limits of a real node.


def on_node(anvil: Anvil, count: int) -> tuple[Snapshot, list[bytes], list[int]]:
    """Accounts planted on a running anvil, their balances, and the block that holds them."""
    plan = make_plan(count)
    accounts = list(plan.native)
    anvil.set_balances({"0x" + account.hex(): plan.native[account] for account in accounts})
    sealed = anvil.seal()
    anvil.mine(2)

    async def snapshot() -> Snapshot:
        async with opened(anvil.url) as node:
            return await node.block_at(sealed.height)

    return asyncio.run(snapshot()), accounts, [plan.native[account] for account in accounts]


def test_the_gas_cap_of_a_real_node_is_learnt_and_nearly_used() -> None:
    with or_skip(lambda: Anvil.start(int(CHAIN.reference), ["--gas-limit", "3000000"])) as anvil:
        snapshot, accounts, truth = on_node(anvil, 20_000)

        async def run() -> ObservedLimits:
            async with opened(anvil.url) as node:
                assert node.kinds[0] is StrategyKind.OVERRIDE
                for _ in range(2):
                    assert await read(node, snapshot, NATIVE, tuple(accounts)) == truth
                return node.learnt

        learnt = asyncio.run(run())
        ((way, size),) = learnt.accounts
        assert way == "override"
        assert 3_000_000 / 2_700 / 2.3 <= size <= 3_000_000 / 2_600  # gas of one cold BALANCE, and of the loop


def test_the_body_limit_of_a_real_node_is_an_error_that_asks_for_less() -> None:
    with or_skip(lambda: Anvil.start(int(CHAIN.reference))) as anvil:

        async def run() -> NodeError:
            settings = NodeSettings("evm", anvil.url, "o", CHAIN)
            async with JsonRpc(settings) as rpc:
                calls = [("eth_getBalance", ("0x" + bytes(20).hex(), "latest"))] * 20_000  # over its 2 MB
                with pytest.raises(NodeError) as caught:
                    await rpc.batch(calls)
                assert len(await rpc.batch(calls[:2_000])) == 2_000
                return caught.value

        assert type(meaning(asyncio.run(run()))) is TooMuch


def test_a_real_node_behind_a_gateway_of_small_bodies_is_read_whole() -> None:
    with or_skip(lambda: Anvil.start(int(CHAIN.reference))) as anvil:
        snapshot, accounts, truth = on_node(anvil, 3_000)

        async def run() -> None:
            async with SimServer(behind(anvil)) as gateway, opened(gateway.url) as node:
                gateway.most_bytes = 20_000
                assert await read(node, snapshot, NATIVE, tuple(accounts)) == truth
                ((_, size),) = node.learnt.accounts
                assert 200 < size < 500  # of 40 hex digits each

        asyncio.run(run())


# Several nodes of one operator, and several operators.


def panel_of(urls: dict[str, list[str]], events: list[Event], chain: Chain = CHAIN) -> Callable[[], Any]:
    settings = [
        NodeSettings("evm", url, operator, chain) for operator, of_operator in urls.items() for url in of_operator
    ]
    return lambda: NodeGroup.open(chain, settings, EvmNode, events.append)


def test_nodes_of_one_operator_share_the_batches_and_operators_are_all_asked_for_each() -> None:
    async def run() -> None:
        world, events = SimWorld(make_plan(400)), list[Event]()
        async with (
            SimServer(world.chain.answer) as one,
            SimServer(world.chain.answer) as two,
            SimServer(world.chain.answer) as other,
        ):
            panel = await panel_of({"alpha": [one.url, two.url], "beta": [other.url]}, events)()
            snapshot = await panel.nodes[Operator("beta")][0].block_at(world.height)
            for server in (one, two, other):
                server.requests.clear()
            accounts = world.plan.accounts[:400]
            batches = [Batch(snapshot, NATIVE, accounts[start : start + 50]) for start in range(0, 400, 50)]
            votes = await asyncio.gather(*map(panel.read, batches))
            for position in range(2):
                said = [amount for each in votes for amount in each[position].reading.amounts()]
                assert said == world.plan.truth(NATIVE)[:400]
            assert [len(server.requests) for server in (one, two, other)] == [4, 4, 8]
            await panel.close()
        ways = ("override", "init_code", "multicall", "batch")
        assert [event for event in events if isinstance(event, NodeOpened)] == [
            NodeOpened(CHAIN, "alpha", ways),
            NodeOpened(CHAIN, "alpha", ways),
            NodeOpened(CHAIN, "beta", ways),
        ]
        learnt = [(event.operator, event.number) for event in events if isinstance(event, LimitsObserved)]
        assert set(learnt) == {("alpha", 1), ("alpha", 2), ("beta", 1)}

    asyncio.run(run())


def test_a_node_that_dies_in_the_middle_leaves_its_part_to_the_operator_s_other() -> None:
    async def run() -> None:
        world = SimWorld(make_plan(200))
        async with SimServer(world.chain.answer) as one, SimServer(world.chain.answer) as two:
            panel = await panel_of({"alpha": [one.url, two.url]}, [])()
            snapshot = await panel.nodes[Operator("alpha")][0].block_at(world.height)
            one.status = 401
            accounts = world.plan.accounts[:200]
            batches = [Batch(snapshot, NATIVE, accounts[start : start + 20]) for start in range(0, 200, 20)]
            votes = await asyncio.gather(*map(panel.read, batches))
            assert [amount for (vote,) in votes for amount in vote.reading.amounts()] == world.plan.truth(NATIVE)[:200]
            await panel.close()

    asyncio.run(run())
