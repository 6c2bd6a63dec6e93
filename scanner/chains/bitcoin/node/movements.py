"""What shows a transaction in its block, from a node of a chain like Bitcoin: its branch, itself, and what it spends.

How transactions are fetched is each backend's matter (`Transactions`). Nothing is believed here but that the header has
the block's hash: `chains.bitcoin.movement` walks the rest.
"""

from __future__ import annotations

from typing import Final, Protocol

from scanner.chains.bitcoin.merkle import DEEPEST
from scanner.chains.bitcoin.node.ancestors import Fetch
from scanner.chains.bitcoin.node.serialized import without_witness
from scanner.chains.bitcoin.spending import read_spending
from scanner.chains.records_by_hash import framed
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_MOST: Final = 500  # transactions that one may spend from: a consolidation of more is none that one would ask for
_NONE: Final = bytes(32)  # what a coinbase spends


class Transactions(Protocol):
    """How one backend hands out transactions, by their names as RPCs print them. All methods raise NodeError."""

    async def place(self, block: Snapshot, name: str) -> tuple[int, list[bytes]]:
        """The position in the block, and the branch from the bottom up."""

    async def within(self, block: Snapshot, name: str) -> bytes:
        """The transaction in this block."""

    async def spent_from(self, block: Snapshot, name: str, names: list[str]) -> list[bytes]:
        """The transactions with these names, in order, from which the one in the block spends."""


class MovementSource:
    """`chains.interface.ServesMovements` of one node."""

    def __init__(self, fetch: Fetch, transactions: Transactions) -> None:
        self._fetch = fetch
        self._transactions = transactions

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        """What `chains.bitcoin.movement` walks, with all transactions that are spent from. Raises NodeError."""
        (header,) = await self._fetch(range(block.height, block.height + 1))
        if header.hash != block.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block at height {block.height}")
        position, branch = await self._transactions.place(block, transaction)
        if len(branch) > DEEPEST or not 0 <= position < 2**DEEPEST:
            raise NodeError(Why.MALFORMED, "a Merkle branch that is deeper than any block's")
        try:
            raw = without_witness(await self._transactions.within(block, transaction))
            spent = read_spending(raw).spent
            names = list(dict.fromkeys(of[::-1].hex() for of, _ in spent if of != _NONE))
            if len(names) > _MOST:
                raise NodeError(Why.UNSUPPORTED, f"the transaction spends from more than {_MOST} others")
            others = [without_witness(each) for each in await self._transactions.spent_from(block, transaction, names)]
        except (ValueError, ProofError) as error:
            raise NodeError(Why.MALFORMED, f"a transaction in the answer is none: {error}") from None
        place = position.to_bytes((position.bit_length() + 7) // 8)
        return framed([header.raw, place, b"".join(branch), raw, *others])
