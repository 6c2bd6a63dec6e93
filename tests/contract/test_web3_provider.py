"""AsyncWeb3 over the scanner's client: what web3.py's own provider gets wrong, right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from web3 import AsyncWeb3
from web3.exceptions import ContractLogicError, ProviderConnectionError, Web3RPCError

from scanner.chains.evm.node.web3_provider import NodeProvider
from scanner.clients.transport import JsonRpc
from scanner.core.node_settings import NodeSettings
from tests.support.simulated.evm_worlds import CHAIN, REFUSING, TOKEN, SimWorld, make_plan
from tests.support.simulated.server import SimServer
from tests.support.virtual_time import VirtualTime

PLAN = make_plan(10)
ADDRESSES = [AsyncWeb3.to_checksum_address("0x" + account.hex()) for account in PLAN.native]


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[SimServer, AsyncWeb3[Any], SimWorld]]:
    world = SimWorld(PLAN)
    plain = world.chain.answer

    def by_number_too(method: str, params: list[Any]) -> Any:
        """web3.py names blocks by number; the simulated node knows hashes."""
        named = [
            {"blockHash": world.chain.blocks[int(each, 16)].hash} if at == 1 and isinstance(each, str) else each
            for at, each in enumerate(params)
        ]
        return plain(method, named if method in {"eth_getBalance", "eth_call"} else params)

    async with SimServer(by_number_too) as server:
        settings = NodeSettings("evm", server.url, "o", CHAIN, max_in_flight=2)
        async with JsonRpc(settings, sleep=VirtualTime().sleep) as rpc:
            yield server, AsyncWeb3(NodeProvider(rpc), middleware=[]), world


def test_balances_and_calls_are_answered() -> None:
    async def run() -> None:
        async with connected() as (_, web3, world):
            assert await web3.eth.chain_id == int(CHAIN.reference)
            assert await web3.eth.get_balance(ADDRESSES[0], world.height) == next(iter(PLAN.native.values()))
            assert (await web3.eth.get_block(world.height))["number"] == world.height
            data = "0x70a08231" + ADDRESSES[0][2:].rjust(64, "0")
            answer = await web3.eth.call(
                {"to": web3.to_checksum_address(TOKEN.reference), "data": data},  # type: ignore[typeddict-item]
                world.height,
            )
            assert int.from_bytes(answer) == next(iter(PLAN.token.values()))

    asyncio.run(run())


def test_a_batch_that_lacks_an_answer_is_an_error_and_shifts_nothing() -> None:
    async def run() -> None:
        async with connected() as (server, web3, world):
            async with web3.batch_requests() as batch:
                for address in ADDRESSES:
                    batch.add(web3.eth.get_balance(address, world.height))
                answered: list[Any] = await batch.async_execute()
                assert answered == list(PLAN.native.values())
            server.spoil_answers = lambda answers: answers[:4] + answers[5:]
            async with web3.batch_requests() as batch:
                for address in ADDRESSES:
                    batch.add(web3.eth.get_balance(address, world.height))
                with pytest.raises(Web3RPCError, match="lacks this request's id"):
                    await batch.async_execute()

    asyncio.run(run())


def test_a_storm_of_cancelled_calls_leaves_every_provider_usable() -> None:
    async def run() -> None:
        async with connected() as (_, web3, world):
            for _turn in range(10):
                calls = [asyncio.create_task(web3.eth.get_balance(each, world.height)) for each in ADDRESSES]
                await asyncio.sleep(0)
                for call in calls:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            assert await web3.eth.get_balance(ADDRESSES[1], world.height) == list(PLAN.native.values())[1]

    asyncio.run(run())


def test_errors_of_the_node_become_web3_s_own() -> None:
    async def run() -> None:
        async with connected() as (_, web3, world):
            refused = {
                "to": web3.to_checksum_address(REFUSING.reference),
                "data": "0x70a08231" + PLAN.refused.hex().rjust(64, "0"),
            }
            with pytest.raises(ContractLogicError):
                await web3.eth.call(refused, world.height)  # type: ignore[arg-type]
            world.chain.pruned_below = 10**6
            with pytest.raises(Web3RPCError, match="missing trie node"):
                await web3.eth.get_balance(ADDRESSES[0], world.height)

    asyncio.run(run())


def test_what_is_wrong_with_the_connection_is_told_without_its_url() -> None:
    async def run() -> None:
        async with connected() as (server, web3, world):
            assert not await web3.is_connected()  # the simulated node does not tell its version
            server.status = 401
            with pytest.raises(ProviderConnectionError, match="credentials") as caught:
                await web3.eth.get_balance(ADDRESSES[0], world.height)
            assert "secret" not in str(caught.value)
            assert "127.0.0.1" not in str(caught.value)

    asyncio.run(run())
