"""Transactions from an Electrum server, for what shows movements.

Source: the Electrum protocol, `blockchain.transaction.get` and `blockchain.transaction.get_merkle`.
"""

from __future__ import annotations

from scanner.chains.bitcoin.node.branch import branch_in, raw_in
from scanner.chains.bitcoin.node.electrum_client import ElectrumClient
from scanner.core.evidence import Snapshot


class ElectrumTransactions:
    """`chains.bitcoin.node.movements.Transactions` of one server."""

    def __init__(self, client: ElectrumClient) -> None:
        self._client = client

    async def place(self, block: Snapshot, name: str) -> tuple[int, list[bytes]]:
        """The position in the block, and the branch from the bottom up. Raises NodeError."""
        answer = await self._client.ask_one(("blockchain.transaction.get_merkle", (name, block.height)))
        return branch_in(answer, block.height)

    async def within(self, block: Snapshot, name: str) -> bytes:  # noqa: ARG002 - servers know where it is
        """The transaction with this name. Raises NodeError."""
        return raw_in(await self._client.ask_one(("blockchain.transaction.get", (name,))))

    async def spent_from(self, block: Snapshot, name: str, names: list[str]) -> list[bytes]:  # noqa: ARG002
        """The transactions with these names, in order. Raises NodeError."""
        return [raw_in(each) for each in await self._client.ask([("blockchain.transaction.get", (n,)) for n in names])]
