"""Transactions from an Esplora server, for what shows movements.

Source: Esplora's HTTP API, `/tx/:txid/hex` and `/tx/:txid/merkle-proof`.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.bitcoin.node.branch import branch_in, raw_in
from scanner.clients.jsonrpc import decode
from scanner.clients.rest import Rest
from scanner.core.evidence import Snapshot

_LONGEST: Final = 9 * 2**20  # bytes of the largest transaction that a block has room for, in hex


class EsploraTransactions:
    """`chains.bitcoin.node.movements.Transactions` of one server."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def place(self, block: Snapshot, name: str) -> tuple[int, list[bytes]]:
        """The position in the block, and the branch from the bottom up. Raises NodeError."""
        return branch_in(decode(await self._rest.get(f"/tx/{name}/merkle-proof")), block.height)

    async def within(self, block: Snapshot, name: str) -> bytes:  # noqa: ARG002 - servers know where it is
        """The transaction with this name. Raises NodeError."""
        return raw_in(await self._text(f"/tx/{name}/hex"))

    async def spent_from(self, block: Snapshot, name: str, names: list[str]) -> list[bytes]:  # noqa: ARG002
        """The transactions with these names, in order. Raises NodeError."""
        return [raw_in(await self._text(f"/tx/{each}/hex")) for each in names]

    async def _text(self, path: str) -> str:
        return (await self._rest.get(path, limit=_LONGEST)).decode("ascii", "replace").strip()
