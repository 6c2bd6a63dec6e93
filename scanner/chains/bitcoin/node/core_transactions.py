"""Transactions from a node with Bitcoin Core's RPC, for what shows movements: also from one without an index of them.

A transaction is asked for in its block. That of the output that it spends is known where the node has what was spent by
a block (Core 25 on), else the node's index of transactions finds it (`txindex=1`).

Source: Bitcoin Core's RPC documentation, getblock and getrawtransaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.chains.bitcoin.merkle import branch_of
from scanner.chains.bitcoin.node.answers import height_field
from scanner.chains.bitcoin.node.block import block_hash
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why


class CoreTransactions:
    """`chains.bitcoin.node.movements.Transactions` of one node."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc

    async def place(self, block: Snapshot, name: str) -> tuple[int, list[bytes]]:
        """The position in the block, and the branch from the bottom up. Raises NodeError."""
        answer = await self._rpc.call("getblock", [block.hash])
        names = [block_hash(each) for each in field(answer, "tx", list)]
        if name not in names:
            raise NodeError(Why.WRONG_BLOCK, f"block {block.height} has no transaction {name}")
        position = names.index(name)
        return position, branch_of([bytes.fromhex(each)[::-1] for each in names], position)

    async def within(self, block: Snapshot, name: str) -> bytes:
        """The transaction in this block. Raises NodeError."""
        return await self._raw(name, block.hash)

    async def spent_from(self, block: Snapshot, name: str, names: list[str]) -> list[bytes]:
        """The transactions with these names, in order. Raises NodeError."""
        heights = await self._heights(block, name)
        found = []
        for each in names:
            height = heights.get(each)
            within = None if height is None else block_hash(await self._rpc.call("getblockhash", [height]))
            found.append(await self._raw(each, within))
        return found

    async def _heights(self, block: Snapshot, name: str) -> Mapping[str, int]:
        """In which blocks the outputs were made that the transaction spends, as far as the node says so."""
        try:
            answer = await self._rpc.call("getrawtransaction", [name, 2, block.hash])
        except RpcError:
            return {}
        inputs = [each for each in field(answer, "vin", list) if isinstance(each, Mapping) and "prevout" in each]
        return {block_hash(each.get("txid")): height_field(each["prevout"]) for each in inputs}

    async def _raw(self, name: str, block: str | None) -> bytes:
        """A transaction; in its block, if that is known and the node can be asked so, else by the node's index."""
        answer: Any = None
        if block is not None:
            try:
                answer = await self._rpc.call("getrawtransaction", [name, False, block])
            except RpcError:
                block = None
        if block is None:
            answer = await self._rpc.call("getrawtransaction", [name, False])
        try:
            return bytes.fromhex(answer)
        except (TypeError, ValueError):
            raise malformed("a transaction in the answer is no hex") from None
