"""A chain's coin's transfers from a node with Bitcoin Core's RPC: blocks read whole, those alone that its filters point
at where it keeps any. Not in here: what a block's transactions come to (`block_transfers`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.node.block import facts_of
from scanner.chains.bitcoin.node.block_transfers import transfers_in
from scanner.chains.bitcoin.node.moves import SHORT_RANGE_WHOLE, MoveReader, Range
from scanner.core.ids import AssetId, Chain
from scanner.core.transfers import MOST_TRANSFERS, Transfer
from scanner.errors import NodeError, Why

HeadersAt = Callable[[range], Awaitable[list[BitcoinHeader]]]


class CoreTransfers:
    """`chains.interface.ListsTransfers` of one node."""

    def __init__(self, chain: Chain, moves: MoveReader, headers_at: HeadersAt) -> None:
        self._chain = chain
        self._moves = moves
        self._headers_at = headers_at

    async def transfers(self, asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> tuple[Transfer, ...]:
        """As the interface says. Raises NodeError: NO_STATE where too many blocks would have to be read whole."""
        if asset.chain != self._chain or not asset.native:
            raise NodeError(Why.UNSUPPORTED, f"a Bitcoin node knows nothing of {asset}")
        facts, count = facts_of(self._chain), last - first + 1
        most = SHORT_RANGE_WHOLE * facts.final_depth
        if count > most and not await self._moves.index_covers(last):
            raise NodeError(
                Why.NO_STATE,
                f"{count:,} blocks would have to be read whole; for more than {most:,} the node needs"
                " blockfilterindex=1 in its configuration",
            )
        headers = await self._headers_at(range(first, last + 1))
        if any(newer.parent != older.hash for older, newer in pairwise(headers)):
            raise NodeError(Why.WRONG_BLOCK, "the node's blocks do not follow each other")
        own, found = frozenset(accounts), list[Transfer]()
        async for block, answer, spent in self._moves.whole_blocks(Range(first, headers), own):
            found += transfers_in(answer, block, own, asset, facts, spent=spent)
            if len(found) > MOST_TRANSFERS:
                raise NodeError(Why.REFUSED, f"more than {MOST_TRANSFERS:,} transfers")
        return tuple(sorted(found))
