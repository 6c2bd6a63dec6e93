"""Contract accounts on a real node: their owners as the chain names them at a past block, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from localnet.anvil import Anvil
from localnet.block import Block
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.interface import Node
from scanner.chains.names import parse_chain
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Gap, Snapshot
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.control import ask_owners
from scanner.scanning.node_group import NodeGroup
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import control_of
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator
from tests.nodes.safe_contracts import FIRST_ENTRY
from tests.support import proof_signing as sign
from tests.support.published_proofs import CONTRACT, contract_account

T = TypeVar("T")

CHAIN = parse_chain("eip155:1")
OWNERS = tuple(sorted(sign.evm_address(number) for number in (1, 2, 3)))
SAFE, OWNED, TOKEN, EMPTY = CONTRACT, b"\xd0" * 20, b"\xe0" * 20, b"\xf0" * 20


def plant_safe(anvil: Anvil, owners: tuple[bytes, ...], threshold: int) -> None:
    anvil.place(sign.hexed(SAFE), "SafeLike")
    entries = {FIRST_ENTRY + place: int.from_bytes(owner) for place, owner in enumerate(owners)}
    anvil.set_storage(sign.hexed(SAFE), {0: len(owners), 1: threshold, **entries})


@pytest.fixture
def block(anvil: Anvil) -> Block:
    """A Safe, an owned contract and a token, sealed; afterwards all owners change."""
    plant_safe(anvil, tuple(reversed(OWNERS)), 2)
    anvil.place(sign.hexed(OWNED), "Owned")
    anvil.set_storage(sign.hexed(OWNED), {0: int.from_bytes(OWNERS[0])})
    anvil.deploy_token(sign.hexed(TOKEN), 6, "USDT")
    sealed = anvil.seal()
    plant_safe(anvil, (sign.evm_address(9),), 1)
    anvil.set_storage(sign.hexed(OWNED), {0: int.from_bytes(sign.evm_address(9))})
    anvil.mine(12)
    return sealed


def opened(anvil: Anvil, ask: Callable[[EvmNode], Awaitable[T]], operator: str = "one") -> T:
    async def with_node() -> T:
        node = EvmNode(NodeSettings("evm", anvil.url, operator, CHAIN))
        try:
            await node.open()
            return await ask(node)
        finally:
            await node.close()

    return asyncio.run(with_node())


def test_owners_are_those_of_the_snapshot_and_not_of_later_blocks(anvil: Anvil, block: Block) -> None:
    async def ask(node: EvmNode) -> list[ContractOwners]:
        assert node.capabilities.owners is node
        snapshot = await node.block_at(block.height)
        assert snapshot.hash == block.hash
        return [await node.contract_owners(snapshot, account) for account in (SAFE, OWNED, TOKEN, EMPTY)]

    assert opened(anvil, ask) == [
        ContractOwners(OWNERS, 2),
        ContractOwners(owner=OWNERS[0]),
        ContractOwners(),
        ContractOwners(),
    ]


def test_owners_at_a_block_that_the_node_does_not_have_are_no_answer(anvil: Anvil, block: Block) -> None:
    async def ask(node: EvmNode) -> ContractOwners:
        real = await node.block_at(block.height)
        return await node.contract_owners(Snapshot(CHAIN, real.height, "0x" + "ab" * 32, real.parent, real.time), SAFE)

    with pytest.raises(NodeError) as caught:
        opened(anvil, ask)
    assert caught.value.why is Why.WRONG_BLOCK


@pytest.mark.parametrize(
    ("signers", "word"),
    [((1, 2), Control.SHOWN), ((2, 3), Control.SHOWN), ((1,), Control.UNSHOWN), ((1, 4), Control.UNSHOWN),
     ((9,), Control.UNSHOWN)],
)  # fmt: skip
def test_signatures_and_the_chain_together_show_who_controls_a_safe(
    anvil: Anvil, block: Block, signers: tuple[int, ...], word: Control
) -> None:
    async def ask(node: EvmNode) -> Agreement[ContractOwners] | Gap:
        nodes: dict[Operator, tuple[Node, ...]] = {Operator("one"): (node,), Operator("two"): (node,)}
        snapshot = await node.block_at(block.height)
        found = await ask_owners(NodeGroup(CHAIN, nodes, ()), snapshot, [SAFE], Policy(quorum=2))
        return found[SAFE]

    holding = contract_account(*signers)
    signed = Controls.of([holding], Coded([control_of(holding, sign.MESSAGE)]))
    assert signed.words == (Control.UNVERIFIABLE,)
    owners = opened(anvil, ask)
    assert isinstance(owners, Agreement)
    assert signed.with_owners({0: owners.value}).words == (word,)
    kept = ContractOwners.parse(str(owners.value))  # as a verifier has it, years later
    assert signed.with_owners({0: kept}).words == (word,)
