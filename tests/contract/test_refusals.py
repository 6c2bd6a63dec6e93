"""What a node refuses costs what it refuses, and is reported in its own words; a fault that passes is waited for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import NodeError, Why
from tests.support.node_errors import AGAIN, NODE_SAYS, NodeSays
from tests.support.simulated.evm_worlds import NATIVE, TOKEN, SimWorld, make_plan, opened, read
from tests.support.simulated.server import SimError, SimServer
from tests.support.virtual_time import VirtualTime

COUNT = 12
UNKNOWN = "the oracle does not speak of this"
PASSING = [says for says in NODE_SAYS if says.asks is AGAIN]


def at_node(
    act: Callable[[EvmNode, SimWorld, SimServer], Any], *kinds: StrategyKind, time: VirtualTime | None = None
) -> Any:
    """What `act` finds at a simulated node that is open already."""

    async def run() -> Any:
        world = SimWorld(make_plan(COUNT))
        async with (
            SimServer(world.chain.answer) as server,
            opened(server.url, kinds or tuple(StrategyKind), time=time or VirtualTime()) as node,
        ):
            return await act(node, world, server)

    return asyncio.run(run())


def named(says: NodeSays) -> str:
    return f"{says.who}: {says.message[:40]}"


@pytest.mark.parametrize("says", PASSING, ids=named)
def test_a_fault_that_passes_is_waited_for_and_costs_nothing(says: NodeSays) -> None:
    time = VirtualTime()

    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> None:
        snapshot = await node.block_at(world.height)
        said = iter([(says.status, json.dumps({"jsonrpc": "2.0", "id": None, "error": says.error}).encode())])
        server.instead = lambda _body: next(said, None)
        assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
        assert sum(time.pauses) > 0
        assert (node.learnt.at_once, node.learnt.rate) == (4, None)  # the node asked for no fewer requests
        sizes = dict(node.learnt.accounts)
        assert all(size >= len(world.plan.accounts) for size in sizes.values())  # nor for smaller ones

    at_node(act, StrategyKind.OVERRIDE, StrategyKind.BATCH, time=time)


@pytest.mark.parametrize("says", PASSING, ids=named)
def test_the_calls_of_a_batch_that_meet_it_are_asked_again_without_the_others(says: NodeSays) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> None:
        snapshot = await node.block_at(world.height)
        server.requests.clear()
        failing = iter(range(5))

        def spoil(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [
                {"jsonrpc": "2.0", "id": each["id"], "error": says.error}
                if place > 2 and next(failing, None) is not None
                else each
                for place, each in enumerate(answers)
            ]

        server.spoil_answers = spoil
        assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
        assert [len(request) for request in server.requests] == [2 + len(world.plan.accounts), 5]

    at_node(act, StrategyKind.BATCH)


@pytest.mark.parametrize("says", PASSING, ids=named)
def test_a_fault_that_does_not_pass_is_given_up_after_some_attempts_in_its_own_words(says: NodeSays) -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> None:
        snapshot = await node.block_at(world.height)
        before = len(server.request_headers)
        server.instead = lambda _body: (200, json.dumps({"jsonrpc": "2.0", "id": None, "error": says.error}).encode())
        found = await read(node, snapshot, NATIVE, world.plan.accounts)
        assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {Why.UNREACHABLE}
        assert all(isinstance(outcome, Gap) and says.message in outcome.detail for outcome in found)
        assert len(server.request_headers) - before <= 20

    at_node(act, StrategyKind.OVERRIDE, StrategyKind.BATCH)


def refusing(world: SimWorld, server: SimServer, error: SimError, *methods: str, height: int | None = None) -> None:
    """From now on, these methods are answered with `error`; where there is a height, at that block alone."""
    answer, block = server.answer, None if height is None else world.chain.blocks[height].hash

    def refused(method: str, params: list[Any]) -> Any:
        if method in methods and (block is None or block in json.dumps(params)):
            raise error
        return answer(method, params)

    server.answer = refused


STATE_METHODS = ("eth_getBalance", "eth_call", "eth_getCode", "eth_getProof")
REFUSALS = [
    SimError(-32000, UNKNOWN),
    SimError(-32603, "Internal error"),
    SimError(-32000, "Unauthorized: use your API key"),
    SimError(-32602, UNKNOWN),
    SimError(-32700, UNKNOWN),
]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: f"{error.code} {error.message}")
def test_a_text_that_is_not_known_costs_no_more_requests_than_a_missing_state(error: SimError) -> None:
    missing = SimError(-32000, "missing trie node 5a1b (path ) <nil>")
    assert asked_for(error) <= asked_for(missing)


def asked_for(error: SimError) -> int:
    """Requests for twelve native and twelve token balances, at a node that refuses the state of one block so."""

    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> int:
        snapshot = await node.block_at(world.height)
        refusing(world, server, error, *STATE_METHODS, height=world.height)
        before = len(server.requests)
        decimals = await node.decimals(TOKEN, snapshot)
        accounts = world.plan.accounts[:12]
        found = [decimals, *await read(node, snapshot, NATIVE, accounts), *await read(node, snapshot, TOKEN, accounts)]
        assert all(isinstance(outcome, Gap) and error.message in outcome.detail for outcome in found)
        return len(server.requests) - before

    found: int = at_node(act)
    return found


@pytest.mark.parametrize("error", [*REFUSALS, SimError(-32601, "rpc method is not whitelisted")], ids=lambda e: e.code)
def test_a_node_that_refuses_every_call_still_reads_native_balances(error: SimError) -> None:
    async def run() -> None:
        world = SimWorld(make_plan(COUNT))
        async with SimServer(world.chain.answer) as server:
            refusing(world, server, error, "eth_call")
            async with opened(server.url) as node:
                assert node.kinds == (StrategyKind.BATCH,)
                snapshot = await node.block_at(world.height)
                assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
                found = await read(node, snapshot, TOKEN, world.plan.accounts)
                assert all(isinstance(outcome, Gap) and error.message in outcome.detail for outcome in found)
                decimals = await node.decimals(TOKEN, snapshot)
                assert isinstance(decimals, Gap)
                assert error.message in decimals.detail

    asyncio.run(run())


def test_a_node_whose_plan_refuses_calls_at_old_blocks_alone_still_reads_native_balances_there() -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> None:
        snapshot: Snapshot = await node.block_at(world.height)
        refusing(world, server, SimError(-32000, "eth_call needs an archive plan"), "eth_call", height=world.height)
        assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)
        found = await read(node, snapshot, TOKEN, world.plan.accounts)
        assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {Why.NO_STATE}
        assert len(found) == len(world.plan.accounts)

    at_node(act)


@pytest.mark.parametrize(
    "answer",
    [
        {"code": -32000, "message": UNKNOWN},
        {"code": -32602, "message": UNKNOWN},
        {"code": -32600, "message": "batch too large"},
        {"code": -32000, "message": "Unauthorized: batches need another API key"},
        None,
    ],
    ids=["an unknown text", "invalid params", "of any size", "another key", "the first answer alone"],
)
def test_a_node_that_takes_no_batches_is_asked_one_by_one_whatever_it_says_of_them(
    answer: dict[str, Any] | None,
) -> None:
    async def run() -> None:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server:

            def instead(body: bytes) -> tuple[int, bytes] | None:
                if not body.startswith(b"["):
                    return None
                first = {"jsonrpc": "2.0", "id": json.loads(body)[0]["id"], "result": "0x1"}
                error = {"jsonrpc": "2.0", "id": None, "error": answer}
                return 200, json.dumps(first if answer is None else error).encode()

            server.instead = instead
            async with opened(server.url) as node:
                assert node.kinds[-1] is StrategyKind.SINGLE
                snapshot = await node.block_at(world.height)
                assert await read(node, snapshot, NATIVE, world.plan.accounts) == world.plan.truth(NATIVE)

    asyncio.run(run())


def opening(spoil: Callable[[SimWorld, SimServer], object]) -> NodeError | None:
    """Why a node cannot be opened, None where it can."""

    async def run() -> NodeError | None:
        world = SimWorld(make_plan(3))
        async with SimServer(world.chain.answer) as server:
            spoil(world, server)
            try:
                async with opened(server.url):
                    return None
            except NodeError as error:
                return error

    return asyncio.run(run())


@pytest.mark.parametrize(
    "error",
    [
        SimError(-32700, 'Cannot wrap a "object" as a json-rpc type'),
        SimError(-32602, "invalid argument 1: argument must be a string"),
    ],
    ids=["Ganache", "EthereumJS"],
)
def test_a_node_is_said_to_refuse_block_hashes_where_it_answers_by_number(error: SimError) -> None:
    def by_number_alone(world: SimWorld, server: SimServer) -> None:
        answer = server.answer

        def answered(method: str, params: list[Any]) -> Any:
            if method in {"eth_getBalance", "eth_call"}:
                if not isinstance(params[1], str):
                    raise error
                params = [params[0], {"blockHash": world.chain.blocks[int(params[1], 16)].hash}, *params[2:]]
            return answer(method, params)

        server.answer = answered

    found = opening(by_number_alone)
    assert found is not None
    assert found.why is Why.UNSUPPORTED
    assert found.detail.startswith(f"eth_getBalance cannot be asked by block hash: {error.message}")


@pytest.mark.parametrize("code", [-32602, -32700, -32601])
def test_the_same_code_for_another_reason_is_reported_in_the_node_s_own_words(code: int) -> None:
    found = opening(lambda world, server: refusing(world, server, SimError(code, UNKNOWN), "eth_getBalance"))
    assert found is not None
    assert found.why is Why.UNSUPPORTED
    assert found.detail == f"eth_getBalance is refused: {UNKNOWN} (code {code})"


def test_a_node_that_gives_null_for_a_block_that_does_not_exist_is_taken() -> None:
    def null_for_unknown(world: SimWorld, server: SimServer) -> None:
        answer = server.answer

        def answered(method: str, params: list[Any]) -> Any:
            try:
                return answer(method, params)
            except SimError as error:
                if error.message == "header not found":  # Besu's answer to the same
                    return None
                raise

        server.answer = answered

    assert opening(null_for_unknown) is None


def test_a_fault_while_a_node_is_opened_is_not_taken_for_an_answer() -> None:
    def offline(world: SimWorld, server: SimServer) -> None:
        refusing(world, server, SimError(-32010, "backend offline"), "eth_getBalance", "eth_call")

    found = opening(offline)
    assert found is not None
    assert found.why is Why.UNREACHABLE
    assert "backend offline" in found.detail
