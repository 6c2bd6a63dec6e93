"""What every server of a Bitcoin-like chain is to a scan, whatever it speaks: Bitcoin Core's RPC, Electrum or Esplora.

A test file takes these tests in, and gives the fixture `world`: a node over a server that behaves, real or simulated.
What a server of one kind alone does, and how each kind may misbehave, stands in its own file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import pytest

from scanner.chains.interface import Node
from scanner.chains.names import parse_asset
from scanner.chains.proving import ancestry
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import Word
from scanner.errors import NodeError, Why
from scanner.proofs.witness import Witness
from tests.nodes.bitcoin_history import wallet

__all__ = [
    "test_a_block_above_the_tip_is_not_final",
    "test_a_block_is_known_by_its_hash_parent_and_time",
    "test_a_snapshot_that_is_not_on_the_servers_chain_is_a_gap",
    "test_another_asset_is_a_gap",
    "test_balances_at_past_blocks_are_right",
    "test_outcomes_keep_the_order_of_the_accounts_and_unknown_scripts_hold_nothing",
    "test_the_final_block_is_as_deep_as_its_chain_asks_for",
]

T = TypeVar("T")
DEPTH = 8  # blocks between a snapshot and the tip


class World(Protocol):
    """A node with a history, and the truth about it."""

    @property
    def scripts(self) -> list[bytes]: ...
    @property
    def tip(self) -> int:
        """The highest block that can be named."""
        ...

    @property
    def final(self) -> int:
        """The highest one that is final."""
        ...

    @property
    def chain(self) -> Chain: ...
    @property
    def asset(self) -> AssetId: ...
    @property
    def truth(self) -> Callable[[int], list[int]]:
        """What `scripts` held at a height."""
        ...

    def node(self) -> Node: ...


def asked(world: World, question: Callable[[Node], Awaitable[T]]) -> T:
    """What an opened node answers."""

    async def ask() -> T:
        node = world.node()
        try:
            await node.open()
            return await question(node)
        finally:
            await node.close()

    return asyncio.run(ask())


def read(
    world: World,
    height: int,
    scripts: Sequence[bytes] | None = None,
    *,
    asset: AssetId | None = None,
    change: Callable[[Snapshot], Snapshot] = lambda block: block,
) -> list[Word | Gap]:
    """What is read of the scripts at the block of that height, or at what `change` makes of it."""
    accounts = tuple(world.scripts if scripts is None else scripts)

    async def batch(node: Node) -> list[Word | Gap]:
        reading = await node.read(Batch(change(await node.block_at(height)), asset or world.asset, accounts))
        return [reading[position] for position in range(len(accounts))]

    return asked(world, batch)


def whys(outcomes: Sequence[Word | Gap]) -> set[Why | None]:
    """The reasons of gaps; None for a balance."""
    return {outcome.why if isinstance(outcome, Gap) else None for outcome in outcomes}


def leads_to_ancestors(world: World) -> None:
    """That a server that gives many headers at once leads from a block down to any below it."""
    prover = ancestry(world.chain)
    assert prover is not None

    async def records(node: Node) -> tuple[Snapshot, Snapshot, list[bytes]]:
        source = node.capabilities.ancestors
        assert source is not None
        newer, older = await node.block_at(world.tip), await node.block_at(3)
        found = [*await source.block_records(older), *await source.link_records(newer, older)]
        with pytest.raises(NodeError):
            await source.link_records(newer, replace(older, hash="ab" * 32))
        with pytest.raises(NodeError):
            await source.link_records(replace(newer, hash="ab" * 32), older)
        return newer, older, found

    newer, older, found = asked(world, records)
    walk = prover.over(world.chain, Witness(found))
    walk.check(older)
    assert walk.link(newer.hash, older.hash).blocks == world.tip - 3


def names_blocks(world: World) -> None:
    """That a server that finds blocks by their hashes does so, and that one which it does not have is no fault."""

    async def found(node: Node) -> tuple[Snapshot, Snapshot, Why]:
        source = node.capabilities.ancestors
        assert source is not None
        block = await node.block_at(world.tip - DEPTH)
        with pytest.raises(NodeError) as raised:
            await source.block_named("ab" * 32)
        return block, await source.block_named(block.hash), raised.value.why

    block, named, why = asked(world, found)
    assert (named, why) == (block, Why.WRONG_BLOCK)


def test_balances_at_past_blocks_are_right(world: World) -> None:
    for height in (world.tip, world.tip - 1, world.tip - DEPTH, world.tip // 2, 1):
        assert read(world, height) == world.truth(height)


def test_outcomes_keep_the_order_of_the_accounts_and_unknown_scripts_hold_nothing(world: World) -> None:
    height = world.tip - DEPTH
    order = [*reversed(world.scripts), bytes(wallet(10**6).script), world.scripts[0], b"\x6a\x01\x00"]
    assert read(world, height, order) == [*reversed(world.truth(height)), 0, world.truth(height)[0], 0]


def test_a_block_is_known_by_its_hash_parent_and_time(world: World) -> None:
    before, tip = (asked(world, lambda node, at=at: node.block_at(at)) for at in (world.tip - 1, world.tip))  # type: ignore[misc]
    assert (before.height, tip.height, tip.parent) == (world.tip - 1, world.tip, before.hash)
    assert (len(tip.hash), tip.chain, tip.time.tzinfo is not None) == (64, world.chain, True)


def test_the_final_block_is_as_deep_as_its_chain_asks_for(world: World) -> None:
    assert asked(world, lambda node: node.final_height()) == world.final


def test_a_block_above_the_tip_is_not_final(world: World) -> None:
    with pytest.raises(NodeError) as raised:
        asked(world, lambda node: node.block_at(world.tip + 1))
    assert raised.value.why is Why.NOT_FINAL


def test_a_snapshot_that_is_not_on_the_servers_chain_is_a_gap(world: World) -> None:
    height = world.tip - DEPTH
    assert whys(read(world, height, change=lambda block: replace(block, hash="0" * 64))) == {Why.WRONG_BLOCK}


def test_another_asset_is_a_gap(world: World) -> None:
    token = parse_asset("eip155:1/erc20:0x" + "11" * 20)
    assert whys(read(world, world.tip - DEPTH, asset=token)) == {Why.UNSUPPORTED}
