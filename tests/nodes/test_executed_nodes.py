"""What the execution of proven code answers, held against a real node's eth_call: contracts made up at random, and
tokens as compilers write them, whose issuer plants words beside the balances.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from localnet import contracts
from localnet.anvil import Anvil
from localnet.block import Block
from localnet.contracts import TokenKind
from localnet.errors import RpcError
from scanner.chains.evm.balance_call import balance_of
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.slots import layouts
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.scanning.events import ignore
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.prove import Prover
from scanner.weighing.quorum import Operator
from tests.support.simulated.random_code import random_contracts

EVM = parse_chain("eip155:1")
HOLDER = bytes.fromhex("00112233445566778899aabbccddeeff00112233")
SETS = 120
TOKENS: dict[bytes, tuple[TokenKind, bool]] = {
    bytes([0xC0 + number]) * 20: (kind, proxied)
    for number, (kind, proxied) in enumerate(
        (kind, proxied)
        for kind in (contracts.PLAIN, contracts.FIAT, contracts.SLOT_FIRST, contracts.NAMESPACED, contracts.REBASING)
        for proxied in (False, True)
    )
}


def addresses(number: int) -> Sequence[bytes]:
    return [b"\xa0" + bytes([at]) + number.to_bytes(18) for at in range(4)]


def asset_at(address: bytes) -> AssetId:
    return parse_asset(f"{EVM}/erc20:0x{address.hex()}")


@pytest.fixture(scope="module")
def world(node_programs: None) -> Iterator[tuple[Anvil, Block]]:
    with Anvil.start() as anvil:
        for number in range(SETS):
            made = random_contracts(number, addresses(number))
            for address, code in made.codes.items():
                anvil.rpc("anvil_setCode", f"0x{address.hex()}", f"0x{code.hex()}")
                words = {slot: word for (of, slot), word in made.words.items() if of == address and word}
                anvil.set_storage(f"0x{address.hex()}", words)
        planted = {int.from_bytes(layout.key(HOLDER)): 10**30 for layout in layouts()}
        for token, (kind, proxied) in TOKENS.items():
            anvil.deploy_token(f"0x{token.hex()}", 18, "T", kind)
            if proxied:
                anvil.put_behind_proxy(f"0x{token.hex()}", f"0x{token[:-1].hex()}ee")
            anvil.set_storage(f"0x{token.hex()}", planted)
            anvil.mint(f"0x{token.hex()}", {f"0x{HOLDER.hex()}": 7})
        block = anvil.seal()
        anvil.mine(3)
        yield anvil, block


def proven(anvil: Anvil, block: Block, tokens: Sequence[bytes]) -> dict[bytes, int]:
    """What the product proves of one holder, of those tokens of which it proves anything."""
    settings = NodeSettings("evm", anvil.url, "alpha", EVM)

    async def run() -> dict[bytes, int]:
        node = EvmNode(settings)
        await node.open()
        try:
            snapshot: Snapshot = await node.block_at(block.height)
            group = NodeGroup(EVM, {Operator("alpha"): (node,)}, (), ignore)
            prover = Prover(group, snapshot, None)
            await prover.open()
            return {token: atoms for token in tokens async for _, atoms in prover.proven(asset_at(token), (HOLDER,))}
        finally:
            await node.close()

    return asyncio.run(run())


def answered(anvil: Anvil, block: Block, token: bytes, **call: str) -> int | None:
    """What the node answers to eth_call; None where that is no balance."""
    asked = {"to": f"0x{token.hex()}", "data": f"0x{balance_of(HOLDER).hex()}", **call}
    try:
        output = bytes.fromhex(anvil.rpc("eth_call", asked, {"blockHash": block.hash})[2:])
    except RpcError:
        return None
    return int.from_bytes(output[:32]) if len(output) >= 32 else None


def test_what_is_proven_of_contracts_made_up_at_random_is_what_a_node_answers_whoever_asks(
    world: tuple[Anvil, Block],
) -> None:
    anvil, block = world
    tokens = [addresses(number)[0] for number in range(SETS)]
    found = proven(anvil, block, tokens)
    seen = Counter[bool]()
    for token in tokens:
        told = answered(anvil, block, token)
        seen[token in found] += told is not None
        if token in found:
            assert found[token] == told
            assert found[token] == answered(anvil, block, token, **{"from": "0x" + "77" * 20, "gas": hex(2_000_000)})
    assert seen[True] > SETS / 3
    assert seen[True] > 3 * seen[False]  # few of those that give a balance hang on what no proof shows


def test_words_that_an_issuer_planted_where_other_tokens_keep_balances_prove_nothing(
    world: tuple[Anvil, Block],
) -> None:
    anvil, block = world
    assert proven(anvil, block, list(TOKENS)) == dict.fromkeys(TOKENS, 7)
    assert {answered(anvil, block, token) for token in TOKENS} == {7}
