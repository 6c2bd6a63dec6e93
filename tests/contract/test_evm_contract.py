"""What every EVM node, real or simulated, must be to a scan, in each way of asking it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from localnet import contracts
from scanner.chains.backends import open_node
from scanner.chains.evm.facts import evm_chain
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import ByMulticall, StrategyKind
from scanner.chains.evm.prover import EvmStateProofs
from scanner.chains.interface import ProofQuestion
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.registry import BACKENDS
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError, NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.evm_worlds import (
    CHAIN,
    NATIVE,
    NOTHING,
    REFUSING,
    SHORT,
    TOKEN,
    Plan,
    SimWorld,
    World,
    make_plan,
    on_anvil,
    on_hardhat,
    opened,
    read,
    simulated,
)
from tests.support.simulated.server import SimServer

WORLDS: dict[str, Callable[[Plan], AbstractContextManager[World]]] = {
    "simulated": simulated,
    "anvil": on_anvil,
    "hardhat l1": partial(on_hardhat, "l1"),
    "hardhat op": partial(on_hardhat, "op"),
}


@pytest.fixture(scope="module", params=list(WORLDS))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with WORLDS[request.param](make_plan(60)) as planted:
        yield planted


@pytest.fixture(params=[*StrategyKind], ids=lambda kind: kind.name.lower())
def kind(request: pytest.FixtureRequest) -> StrategyKind:
    asked: StrategyKind = request.param
    return asked


def outcomes(world: World, kind: StrategyKind, asset: AssetId, accounts: tuple[bytes, ...]) -> list[Word | Gap]:
    async def asked() -> list[Word | Gap]:
        async with world.node(kind) as node:
            assert node.kinds[0] is kind
            return await read(node, await world.snapshot(node), asset, accounts)

    return asyncio.run(asked())


@pytest.mark.parametrize("asset", [NATIVE, TOKEN], ids=["native", "erc20"])
def test_balances_are_exact_at_a_past_block_that_later_blocks_changed(
    world: World, kind: StrategyKind, asset: AssetId
) -> None:
    assert outcomes(world, kind, asset, world.plan.accounts) == world.plan.truth(asset)


@pytest.mark.parametrize("asset", [NATIVE, TOKEN], ids=["native", "erc20"])
def test_the_order_of_the_accounts_is_kept(world: World, kind: StrategyKind, asset: AssetId) -> None:
    backwards = tuple(reversed(world.plan.accounts))
    assert outcomes(world, kind, asset, backwards) == list(reversed(world.plan.truth(asset)))


@pytest.mark.parametrize("asset", [NATIVE, TOKEN], ids=["native", "erc20"])
def test_accounts_that_hold_nothing_hold_zero(world: World, kind: StrategyKind, asset: AssetId) -> None:
    assert outcomes(world, kind, asset, world.plan.empty) == [0, 0, 0]


def test_an_account_asked_for_twice_is_answered_twice(world: World, kind: StrategyKind) -> None:
    account = world.plan.accounts[0]
    assert outcomes(world, kind, NATIVE, (account, account)) == [world.plan.native[account]] * 2


def test_a_token_without_a_contract_is_no_zero(world: World, kind: StrategyKind) -> None:
    for outcome in outcomes(world, kind, NOTHING, world.plan.accounts):
        assert isinstance(outcome, Gap)
        assert outcome.why is Why.NO_TOKEN


def test_a_token_that_answers_too_few_bytes_is_no_balance(world: World, kind: StrategyKind) -> None:
    for outcome in outcomes(world, kind, SHORT, world.plan.accounts):
        assert isinstance(outcome, Gap)
        assert outcome.why is Why.NO_TOKEN


def test_a_holder_for_whom_the_token_reverts_is_a_gap_alone(world: World, kind: StrategyKind) -> None:
    found = outcomes(world, kind, REFUSING, world.plan.accounts)
    for account, outcome, truth in zip(world.plan.accounts, found, world.plan.truth(REFUSING), strict=True):
        if account == world.plan.refused:
            assert isinstance(outcome, Gap)
            assert outcome.why is Why.NO_TOKEN
        else:
            assert outcome == truth


def test_an_unknown_block_hash_is_a_gap_for_every_account(world: World, kind: StrategyKind) -> None:
    async def asked() -> list[Word | Gap]:
        async with world.node(kind) as node:
            unknown = replace(await world.snapshot(node), hash="0x" + "ab" * 32)
            return await read(node, unknown, NATIVE, world.plan.accounts)

    for outcome in asyncio.run(asked()):
        assert isinstance(outcome, Gap)
        assert outcome.why is Why.WRONG_BLOCK


@pytest.mark.parametrize("change", ["height", "parent"])
def test_a_snapshot_that_the_answer_does_not_fit_is_a_gap(world: World, kind: StrategyKind, change: str) -> None:
    async def asked() -> list[Word | Gap]:
        async with world.node(kind) as node:
            snapshot = await world.snapshot(node)
            changed = {"height": snapshot.height + 1} if change == "height" else {"parent": "0x" + "ab" * 32}
            return await read(node, replace(snapshot, **changed), NATIVE, world.plan.accounts[:3])

    for outcome in asyncio.run(asked()):
        assert isinstance(outcome, Gap)
        assert outcome.why is Why.WRONG_BLOCK


def within(world: World, act: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        async with world.node() as node:
            return await act(node)

    return asyncio.run(run())


def test_the_best_way_that_works_is_taken_first(world: World) -> None:
    async def kinds(node: Any) -> Any:
        return node.kinds

    found = within(world, kinds)
    assert found[0] is StrategyKind.OVERRIDE
    assert list(found) == sorted(found)


def test_a_block_names_its_height_parent_and_time(world: World) -> None:
    async def two(node: Any) -> Any:
        return await node.block_at(world.height), await node.block_at(world.height - 1)

    snapshot, parent = within(world, two)
    assert (snapshot.chain, snapshot.height, snapshot.hash) == (CHAIN, world.height, world.hash)
    assert snapshot.parent == parent.hash
    assert snapshot.time.tzinfo is not None
    assert snapshot.time >= parent.time


def test_a_height_above_the_tip_is_not_final(world: World) -> None:
    with pytest.raises(NodeError) as caught:
        within(world, lambda node: node.block_at(10_000))
    assert caught.value.why is Why.NOT_FINAL


def test_the_final_height_is_not_above_the_tip(world: World) -> None:
    async def final(node: Any) -> Any:
        height = await node.final_height()
        return await node.block_at(height)

    within(world, final)


def test_a_node_of_another_chain_is_refused(world: World) -> None:
    async def run() -> None:
        async with world.serve() as url, opened(url, chain=parse_chain("eip155:1")):
            pass

    with pytest.raises(NodeError) as caught:
        asyncio.run(run())
    assert caught.value.why is Why.WRONG_CHAIN


def test_a_batch_of_another_chain_is_a_gap(world: World) -> None:
    elsewhere = parse_asset("eip155:1/slip44:60")

    async def run(node: Any) -> Any:
        return await read(node, await world.snapshot(node), elsewhere, world.plan.accounts[:2])

    assert [outcome.why for outcome in within(world, run)] == [Why.WRONG_CHAIN] * 2


def test_an_asset_of_unknown_kind_is_a_gap(world: World) -> None:
    strange = parse_asset(f"{CHAIN}/erc721:0x{'a1' * 20}")

    async def run(node: Any) -> Any:
        return await read(node, await world.snapshot(node), strange, world.plan.accounts[:2])

    assert [outcome.why for outcome in within(world, run)] == [Why.UNSUPPORTED] * 2


def test_the_contract_says_its_decimals_at_the_snapshot(world: World) -> None:
    async def run(node: Any) -> Any:
        snapshot = await world.snapshot(node)
        return [await node.decimals(asset, snapshot) for asset in (TOKEN, NOTHING, NATIVE)]

    of_token, of_nothing, of_native = within(world, run)
    assert of_token == 6
    assert of_nothing.why is Why.NO_TOKEN
    assert of_native.why is Why.UNSUPPORTED


def test_closing_twice_does_no_harm_and_a_closed_node_answers_with_gaps(world: World) -> None:
    async def run(node: Any) -> Any:
        snapshot = await world.snapshot(node)
        await node.close()
        await node.close()
        return await read(node, snapshot, NATIVE, world.plan.accounts[:2])

    assert [outcome.why for outcome in within(world, run)] == [Why.UNREACHABLE] * 2


def test_a_node_that_was_not_opened_answers_with_gaps(world: World) -> None:
    async def run(node: Any) -> Any:
        unopened = open_node(node.settings)
        reading = await unopened.read(Batch(await world.snapshot(node), NATIVE, world.plan.accounts[:2]))
        return [reading[0], reading[1]]

    assert [outcome.why for outcome in within(world, run)] == [Why.UNREACHABLE] * 2


def test_a_reading_that_is_cancelled_leaves_the_node_usable(world: World) -> None:
    async def run(node: Any) -> Any:
        snapshot = await world.snapshot(node)
        for _ in range(20):
            task = asyncio.create_task(read(node, snapshot, NATIVE, world.plan.accounts))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return await read(node, snapshot, NATIVE, world.plan.accounts)

    assert within(world, run) == world.plan.truth(NATIVE)


def test_balances_of_a_past_block_are_proven_from_its_hash_where_the_node_gives_proofs(world: World) -> None:
    layout = f"Solidity mapping at slot {contracts.PLAIN.root}"
    accounts = world.plan.accounts

    async def run(node: Any) -> tuple[list[int], list[int]]:
        snapshot = await world.snapshot(node)
        prover = EvmStateProofs()
        witness = Witness(prover.header(snapshot, await node.header(snapshot)))
        state = prover.state(snapshot, witness, set())
        questions = [ProofQuestion(NATIVE, tuple(accounts)), ProofQuestion(TOKEN, tuple(accounts), layout)]
        for record in await node.proof_records(snapshot, questions):
            witness.add(record)
        return (
            [state.balance(NATIVE, account, None) for account in accounts],
            [state.balance(TOKEN, account, layout) for account in accounts],
        )

    async def without_batches() -> tuple[list[int], list[int]]:
        async with SimServer(world.answer) as gateway:
            gateway.batches = False
            async with opened(gateway.url) as node:
                assert node.kinds[-1] is StrategyKind.SINGLE
                return await run(node)

    if isinstance(within(world, client), str):
        truth = world.plan.truth(NATIVE), world.plan.truth(TOKEN)
        assert within(world, run) == truth
        assert asyncio.run(without_batches()) == truth
    else:
        with pytest.raises(ProofError, match="the header lacks"):
            within(world, run)


async def client(node: EvmNode) -> str | None:
    """What the node calls itself; None of a simulated one."""
    async with JsonRpc(node.settings) as rpc:
        try:
            return str(await rpc.call("web3_clientVersion", ()))
        except NodeError:
            return None


@pytest.mark.parametrize(("name", "count"), [("simulated", 2_000), ("anvil", 20_000)])
def test_thousands_of_accounts_are_read_exactly_in_few_calls(name: str, count: int) -> None:
    with WORLDS[name](make_plan(count)) as large:
        for asset in (NATIVE, TOKEN):
            assert outcomes(large, StrategyKind.OVERRIDE, asset, large.plan.accounts) == large.plan.truth(asset)


@pytest.mark.parametrize("name", list(WORLDS))
def test_a_block_that_was_reorganised_away_is_a_gap_in_every_way_of_asking(name: str) -> None:
    with WORLDS[name](make_plan(5)) as doomed:

        async def run() -> dict[StrategyKind, list[Word | Gap]]:
            async with AsyncExitStack() as stack:
                nodes = {kind: await stack.enter_async_context(doomed.node(kind)) for kind in StrategyKind}
                assert [node.kinds[0] for node in nodes.values()] == list(StrategyKind)
                snapshot = await doomed.snapshot(nodes[StrategyKind.OVERRIDE])
                doomed.reorganise()
                return {kind: await read(node, snapshot, NATIVE, doomed.plan.accounts) for kind, node in nodes.items()}

        found = asyncio.run(run())
        for outcome in [outcome for outcomes in found.values() for outcome in outcomes]:
            assert isinstance(outcome, Gap)
            assert outcome.why is Why.WRONG_BLOCK
        assert {kind: len(outcomes) for kind, outcomes in found.items()} == dict.fromkeys(StrategyKind, 8)


def asked_of_a_simulated_node(
    act: Callable[[EvmNode, SimWorld, SimServer], Coroutine[Any, Any, Any]], chain: Chain = CHAIN
) -> Any:
    async def run() -> Any:
        world = SimWorld(make_plan(3), SimEvm(int(chain.reference), 42))
        async with SimServer(world.chain.answer) as server, opened(server.url, chain=chain) as node:
            return await act(node, world, server)

    return asyncio.run(run())


def test_a_block_of_another_height_than_was_asked_for_is_malformed() -> None:
    async def act(node: EvmNode, world: SimWorld, server: SimServer) -> None:
        other = world.chain.answer("eth_getBlockByNumber", [hex(world.height + 1), False])
        server.spoil_result = lambda *_: other
        await node.block_at(world.height)

    with pytest.raises(NodeError) as caught:
        asked_of_a_simulated_node(act)
    assert caught.value.why is Why.MALFORMED


def test_final_is_what_the_node_calls_finalized() -> None:
    async def act(node: EvmNode, world: SimWorld, _server: SimServer) -> tuple[int, int]:
        world.chain.finalized = 5
        return await node.final_height(), len(world.chain.blocks) - 1 - 5

    found, expected = asked_of_a_simulated_node(act)
    assert found == expected


def test_the_oldest_block_is_the_one_that_the_node_calls_earliest() -> None:
    async def act(node: EvmNode, world: SimWorld, _server: SimServer) -> list[int]:
        found = [await node.oldest_height()]
        world.chain.earliest = 7
        return [*found, await node.oldest_height()]

    assert asked_of_a_simulated_node(act) == [0, 7]


def test_a_node_that_names_no_earliest_block_may_be_asked_for_any() -> None:
    async def act(node: EvmNode, _world: SimWorld, server: SimServer) -> list[int]:
        found = []
        for answer in (None, {}, "earliest", {"number": "0x7"}):
            server.spoil_result = lambda *_, answer=answer: answer
            found.append(await node.oldest_height())
        return found

    assert asked_of_a_simulated_node(act) == [0] * 4


def test_a_node_that_names_no_finalized_block_has_no_final_height() -> None:
    async def without_tag(node: EvmNode, world: SimWorld, _server: SimServer) -> None:
        world.chain.finalized = None
        await node.final_height()

    async def with_null(node: EvmNode, _world: SimWorld, server: SimServer) -> None:
        server.spoil_result = lambda *_: None
        await node.final_height()

    for act in (without_tag, with_null):
        with pytest.raises(NodeError) as caught:
            asked_of_a_simulated_node(act)
        assert caught.value.why is Why.NOT_FINAL


@pytest.mark.parametrize(("chain_id", "final"), [(66, 38), (61, 0)])
def test_a_chain_without_that_tag_is_final_at_a_stated_depth(chain_id: int, final: int) -> None:
    async def act(node: EvmNode, world: SimWorld, _server: SimServer) -> int:
        world.chain.finalized = None
        assert len(world.chain.blocks) - 1 == 54
        return await node.final_height()

    assert asked_of_a_simulated_node(act, parse_chain(f"eip155:{chain_id}")) == final


@pytest.mark.parametrize("kind", [StrategyKind.OVERRIDE, StrategyKind.INIT_CODE, StrategyKind.BATCH])
def test_on_arbitrum_the_block_is_told_by_arbsys_and_a_wrong_one_still_noticed(kind: StrategyKind) -> None:
    chain = parse_chain("eip155:42161")
    native = parse_asset(f"{chain}/slip44:60")

    async def run() -> None:
        world = SimWorld(make_plan(20), SimEvm(42161, 42))
        world.chain.arbsys, world.chain.number_shown = True, 7  # NUMBER gives a block of Ethereum
        async with (
            SimServer(world.chain.answer) as server,
            opened(server.url, (kind, StrategyKind.BATCH), chain=chain) as node,
        ):
            assert node.kinds[0] is kind
            snapshot = await node.block_at(world.height)
            assert await read(node, snapshot, native, world.plan.accounts) == world.plan.truth(NATIVE)
            world.chain.answer_at = world.height + 1
            if kind is not StrategyKind.BATCH:  # which cannot see it
                for outcome in await read(node, snapshot, native, world.plan.accounts):
                    assert isinstance(outcome, Gap)
                    assert outcome.why is Why.WRONG_BLOCK

    asyncio.run(run())


def test_on_arbitrum_multicall_asks_arbsys_too() -> None:
    async def run() -> None:
        chain = parse_chain("eip155:42161")
        world = SimWorld(make_plan(5), SimEvm(42161, 42))
        world.chain.arbsys, world.chain.number_shown = True, 7
        async with SimServer(world.chain.answer) as server:
            settings = NodeSettings("evm", server.url, "o", chain)
            async with JsonRpc(settings) as rpc:
                snapshot = await EvmNode(settings, rpc).block_at(world.height)
                way = ByMulticall(rpc, replace(evm_chain(chain), multicall3_since=0))
                reading = await way.read(snapshot, None, world.plan.accounts)
                assert list(reading.amounts()) == world.plan.truth(NATIVE)
                world.chain.answer_at = world.height + 1
                with pytest.raises(NodeError):
                    await way.read(snapshot, None, world.plan.accounts)

    asyncio.run(run())


def test_an_unknown_kind_of_node_is_an_input_error_that_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="'abacus'") as caught:
        open_node(NodeSettings("abacus", "http://127.0.0.1", "o", CHAIN))
    assert all(kind in str(caught.value) for kind in BACKENDS)
