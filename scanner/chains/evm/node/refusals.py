"""Whether a node's refusal is meant for everything at a block, for calls of code alone, or for single accounts.

An unknown text may mean either. Halving down to the account at fault would find out, at the price of dozens of
requests for a node that refuses all of them; so an account that is in no claim is asked for first.
Not in here: what the texts mean (`evm.errors`), and what follows for a batch (`evm.reader`).
"""

from __future__ import annotations

import asyncio
from typing import Final

from scanner.chains.evm.balance_call import READER
from scanner.chains.evm.node.errors import TooMuch
from scanner.chains.evm.node.read_strategies import ReadStrategy, StrategyKind
from scanner.core.evidence import Gap, Snapshot
from scanner.errors import NodeError, Why

REFUSALS: Final = frozenset({Why.REFUSED, Why.UNAUTHORIZED, Why.UNSUPPORTED, Why.NO_STATE})


class Refusals:
    """What one node refuses of one asset at one block. Asks once for each thing, however many want to know."""

    def __init__(self, snapshot: Snapshot, token: bytes | None, rows: ReadStrategy, *, rows_refused: bool) -> None:
        """`rows`: the way that asks for each account alone; `rows_refused`: such a call was refused here already."""
        self._snapshot = snapshot
        self._token = token
        self._rows = rows
        self._found: dict[StrategyKind, bool] = {rows.kind: True} if rows_refused else {}
        self._asking = asyncio.Lock()

    async def everything(self) -> bool:
        """Whether an account that no claim names is refused in the way that asks for least."""
        return await self.of(self._rows)

    async def of(self, way: ReadStrategy) -> bool:
        """Whether it is refused in this way."""
        async with self._asking:
            if way.kind not in self._found:
                self._found[way.kind] = await self._is_refused(way)
            return self._found[way.kind]

    async def _is_refused(self, way: ReadStrategy) -> bool:
        try:
            reading = await way.read(self._snapshot, self._token, (READER,))
        except NodeError as error:
            return not isinstance(error, TooMuch) and error.why in REFUSALS
        outcome = reading[0]
        return isinstance(outcome, Gap) and outcome.why in REFUSALS
