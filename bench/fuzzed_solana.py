"""Solana as targets of `fuzz_nodes`: what a node answers, the bytes of token accounts, and a whole node."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from scanner.chains import interface
from scanner.chains.names import parse_asset
from scanner.chains.solana.node import answers
from scanner.chains.solana.node.node import SolanaNode
from scanner.chains.solana.stakes import STAKE
from scanner.chains.solana.tokens import TOKEN, TOKEN_2022, mint_of, token_account_of
from scanner.clients.jsonrpc import decode
from scanner.clients.transport import JsonRpc
from scanner.core import base58
from scanner.core.node_settings import NodeSettings
from scanner.errors import ScannerError
from tests.support.simulated import solana as sim
from tests.support.simulated.solana import CLOCK, Held, SimSolana, SolanaChain

SOL: Final = parse_asset("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501")
_MINT, _OWNER = (base58.encode(bytes([number]) * 32) for number in (200, 1))
_TOKEN: Final = parse_asset(f"{SOL.chain}/token:{_MINT}")
_ACCOUNT: Final = base58.encode(b"\x77" * 32)
_FEES: Final = b"\x02\x00\x08\x00" + bytes(8)
_HELD: Final = {
    _OWNER: Held(10**9),
    _MINT: Held(10**6, sim.TOKEN, sim.mint_data(6)),
    _ACCOUNT: Held(10**6, sim.TOKEN, sim.token_data(_MINT, _OWNER, 7)),
    base58.encode(b"\x78" * 32): Held(10**9, base58.encode(STAKE), sim.stake_data(_OWNER)),
}
_CHAIN: Final = SolanaChain(dict.fromkeys(range(300, 306), _HELD))
_PART: Final = {"dataSlice": {"offset": 0, "length": 1024}, "commitment": "finalized"}
_STAKES: Final = {
    "dataSlice": {"offset": 44, "length": 32},
    "filters": [{"dataSize": 200}, {"memcmp": {"offset": 44, "bytes": _OWNER}}],
    "withContext": True,
}
_AMOUNT: Final = {"dataSlice": {"offset": 64, "length": 8}}


def parsers() -> Iterator[tuple[str, tuple[bytes, ...], Callable[[bytes], object]]]:
    """By name: seeds, and what is made of them. Raises NodeError, or ValueError for bytes of accounts."""
    node = SimSolana(_CHAIN)

    def decoded(parse: Callable[[Any], object]) -> Callable[[bytes], object]:
        return lambda data: parse(decode(data))

    read = node._result("getMultipleAccounts", [[_OWNER, _MINT, _ACCOUNT, CLOCK], _PART])
    listed = node._result("getTokenAccountsByOwner", [_OWNER, {"mint": _MINT}, _AMOUNT])
    block = node._result("getBlock", [305, {}])
    yield "solana accounts", (_json(read),), decoded(lambda answer: answers.accounts_of(answer, 3))
    staked = node._result("getProgramAccounts", [base58.encode(STAKE), _STAKES])
    withdrawer = base58.decode(_OWNER)
    yield "solana stakes", (_json(staked),), decoded(lambda answer: answers.stakes_of(answer, withdrawer))
    yield "solana token accounts", (_json(listed),), decoded(answers.largest_of)
    yield "solana block", (_json(block),), decoded(lambda answer: answers.block_of(answer, SOL.chain, 305))
    mints = sim.mint_data(6), sim.mint_data(9, _FEES + b"\x19\x00\x38\x00" + bytes(56))
    accounts = sim.token_data(_MINT, _OWNER, 5), sim.token_data(_MINT, _OWNER, 5, extensions=_FEES)
    yield "solana mint", mints, lambda data: mint_of(TOKEN if len(data) == 82 else TOKEN_2022, data)
    yield "solana token account", accounts, lambda data: token_account_of(TOKEN_2022, data)


def node(rpc: JsonRpc, settings: NodeSettings) -> interface.Node:
    """A node before a client whose answers are mutated."""
    server = SimSolana(_CHAIN)
    setattr(rpc, "answer", server._answer_to)  # noqa: B010 - of the client that mutates
    return SolanaNode(settings, rpc)


async def ask(opened: Any) -> None:
    """All that such a node can be asked."""
    await opened.open()
    snapshot = await opened.block_at(await opened.final_height())
    for asset in (SOL, _TOKEN):
        await opened.decimals(asset, snapshot)
        with contextlib.suppress(ScannerError):
            await opened.capabilities.now.read_now(asset, (bytes([1]) * 32, bytes([9]) * 32))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
