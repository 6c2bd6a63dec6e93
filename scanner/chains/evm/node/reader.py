"""One batch read from one node: cut into chunks the node can take, each asked for in the best way, failures narrowed.

    too much at once          the chunk is asked for again in smaller parts
    an account that reverts   is asked for alone; if it cannot be read it alone becomes a gap
    a way that does not work  the next way down the ladder
    the block, or the node    a gap for the chunk's accounts: no part of it would fare better
    a refusal, and nothing    a gap for them too, once an account that is in no claim was refused alike; where that one
    was answered so far       is answered in the last way alone, all go there (eth_call refused, eth_getBalance not)
    anything else             the chunk's halves, down to the account at fault, which alone becomes a gap

What is asked again after a costly failure waits behind what was not tried yet: one bad account that is met some times
in a row would be taken for a dead node.
Bounded: a node is given up after a few failures without a single answer between them, and after some more even with
answers, so that no node can keep a scan for ever. Not in here: how a question is put (`evm.ladder`), what an error
means (`evm.errors`), retries of single requests (`transport`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.chains.evm.node.chunk_size import ChunkSize
from scanner.chains.evm.node.errors import NotThisWay, Reverted, TooMuch
from scanner.chains.evm.node.read_strategies import ReadStrategy, RowWay, StrategyKind
from scanner.chains.evm.node.refusals import REFUSALS, Refusals
from scanner.clients.jsonrpc import RpcError
from scanner.core.evidence import Batch, Gap, Reading
from scanner.errors import NodeError, ScannerError, Why

_WORD = 32
_PATIENCE = 24  # failures in a row; halving 20,000 down to one account takes 15
_PATIENCE_IN_ALL = 400  # failures in one batch, whatever is between them
_COST_OF_OTHERS = 8  # a failure that took a whole timeout, an endless answer, or more than asking for less to cure
_SMALLEST_SHARE = 2_500  # accounts; a batch is cut so that no slot idles, but not into smaller chunks than this
_WHOLE = {  # reasons that hold for every account of a chunk alike
    Why.WRONG_CHAIN,
    Why.WRONG_BLOCK,
    Why.NOT_FINAL,
    Why.NO_STATE,
    Why.UNSUPPORTED,
    Why.RATE_LIMITED,
}
_REVERTS = 32  # in one batch, before its accounts are asked for one by one

ChunkSizes = dict[tuple[StrategyKind, bytes | None], ChunkSize]
"""What a node takes at once, by the way of asking and the token asked for."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Accounts `start` to `stop` of the batch, to be asked for in `ways[way]`."""

    start: int
    stop: int
    way: int

    def __len__(self) -> int:
        return self.stop - self.start


class BatchReader:
    """Reads one batch, once."""

    def __init__(
        self,
        batch: Batch,
        ways: Sequence[ReadStrategy],
        rows: RowWay,
        chunk_sizes: ChunkSizes,
        at_once: int,
        *,
        rows_refused: bool = False,
    ) -> None:
        """`ways`: best first; `rows`: the one of them that asks for one account alone; `at_once`: requests.
        `rows_refused`: a call like those of `rows` was refused at this block already."""
        self._batch = batch
        self._token = None if batch.asset.native else batch.asset.contract
        self._ways = ways
        self._rows = rows
        self._row_way = next(position for position, way in enumerate(ways) if way is rows)
        self._chunk_sizes = chunk_sizes
        self._at_once = at_once
        self._share = max(_SMALLEST_SHARE, -(-len(batch.accounts) // (2 * at_once)))
        self._waiting = deque([_Chunk(0, len(batch.accounts), 0)])
        self._column = bytearray(_WORD * len(batch.accounts))
        self._settled = bytearray(len(batch.accounts))  # 1 for each account with an outcome
        self._gaps: dict[int, Gap] = {}
        self._failures = 0  # since the last answer
        self._failures_in_all = 0
        self._reverts = 0
        self._contract: bool | None = None  # whether the asset has one; looked up when a first call reverts
        self._looking_up = asyncio.Lock()
        self._answered = False  # for some account at least
        self._refusals = Refusals(batch.snapshot, self._token, rows, rows_refused=rows_refused)
        self._refused = False  # all of it
        self._code_refused = False

    async def read(self) -> Reading:
        """One outcome for each account, in order."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._worker())
        if not all(self._settled):  # the column's zeros must never be taken for balances
            raise ScannerError(f"{self._settled.count(0)} accounts were lost in reading; this is a bug")
        return Reading(bytes(self._column), self._gaps)

    async def _worker(self) -> None:
        while self._waiting:
            chunk = self._waiting.popleft()
            if not len(chunk):
                continue
            if self._code_refused and chunk.way < self._row_way:
                chunk = _Chunk(chunk.start, chunk.stop, self._row_way)
            if not self._ways[chunk.way].fits(self._batch.snapshot):
                self._next_way(chunk, NodeError(Why.UNSUPPORTED, "no way of asking works at this block"))
                continue
            size = min(self._chunk_size(chunk).size, self._ways[chunk.way].room, self._share)
            if len(chunk) > size:
                self._waiting.appendleft(_Chunk(chunk.start + size, chunk.stop, chunk.way))
                chunk = _Chunk(chunk.start, chunk.start + size, chunk.way)
            await self._ask(chunk)

    async def _ask(self, chunk: _Chunk) -> None:
        way = self._ways[chunk.way]
        accounts = self._batch.accounts[chunk.start : chunk.stop]
        try:
            reading = await way.read(self._batch.snapshot, self._token, accounts)
        except TooMuch as error:
            self._ask_for_less(chunk, error)
        except Reverted as error:
            if way.by_row:  # it should have said so of the rows alone
                self._next_way(chunk, error)
            else:
                await self._narrow(chunk, error)
        except NotThisWay as error:
            if chunk.way < self._row_way and not self._answered and await self._refusals.everything():
                self._refuse_all(chunk, error)
            else:
                self._next_way(chunk, error)
        except NodeError as error:
            self._failed(error)
            await self._refuse(chunk, error)
        else:
            self._failures = 0
            self._answered = True
            self._chunk_size(chunk).took(len(chunk))
            self._keep(chunk.start, reading)

    def _ask_for_less(self, chunk: _Chunk, error: TooMuch) -> None:
        chunk_size = self._chunk_size(chunk)
        if len(chunk) <= chunk_size.size:  # else it was asked for before a refusal that was learnt from already
            self._failed(error)
        chunk_size.refused(len(chunk))
        if self._given_up:
            self._give_up(chunk, error)
        elif len(chunk) == 1:
            chunk_size.one_was_bad()
            self._next_way(chunk, error)
        elif _is_cheap(error):
            self._waiting.appendleft(chunk)
        else:
            self._waiting.extend(_halves(chunk))

    async def _refuse(self, chunk: _Chunk, error: NodeError) -> None:
        """Find out which accounts an error concerns that is no revert, nor a matter of size or way: all, or some."""
        elsewhere = self._token is None and chunk.way < self._row_way  # eth_getBalance may be answered, this was not
        if error.why in REFUSALS and not self._answered and (elsewhere or error.why not in _WHOLE):
            if await self._refusals.everything():
                self._refuse_all(chunk, error)
                return
            if chunk.way < self._row_way and (error.why in _WHOLE or await self._refusals.of(self._ways[chunk.way])):
                self._code_refused = True
                self._waiting.appendleft(_Chunk(chunk.start, chunk.stop, self._row_way))
                return
        self._halve(chunk, error)

    def _refuse_all(self, chunk: _Chunk, error: NodeError) -> None:
        self._refused = True
        self._give_up(chunk, error)

    def _halve(self, chunk: _Chunk, error: NodeError) -> None:
        if self._given_up or len(chunk) == 1 or error.why in _WHOLE:
            self._give_up(chunk, error)
        else:
            self._waiting.extend(_halves(chunk))

    async def _narrow(self, chunk: _Chunk, error: Reverted) -> None:
        """Find the account that made `chunk` revert, and ask for it alone."""
        if not await self._has_contract():
            self._give_up(chunk, NodeError(Why.NO_TOKEN, "there is no contract at the asset's address at this block"))
            return
        self._reverts += 1
        if self._reverts > _REVERTS:
            self._waiting.append(_Chunk(chunk.start, chunk.stop, self._row_way))
            return
        if error.position is None or error.position >= len(chunk):
            if len(chunk) == 1:
                await self._ask(_Chunk(chunk.start, chunk.stop, self._row_way))
                return
            self._waiting.extendleft(reversed(_halves(chunk)))
            return
        culprit = chunk.start + error.position
        await self._ask(_Chunk(culprit, culprit + 1, self._row_way))
        if culprit not in self._gaps and len(chunk) > 1:
            # Alone it can be read: the token ran out of the gas that the accounts before it had used.
            self._chunk_size(chunk).refused(len(chunk))
        self._waiting.extendleft([_Chunk(culprit + 1, chunk.stop, chunk.way), _Chunk(chunk.start, culprit, chunk.way)])

    async def _has_contract(self) -> bool:
        """Whether there is a contract to ask. Where the node does not say, yes: then each account tells."""
        async with self._looking_up:
            if self._contract is None:
                try:
                    self._contract = self._token is None or await self._rows.has_code(self._batch.snapshot, self._token)
                except NodeError:
                    self._contract = True
        return self._contract

    def _keep(self, start: int, reading: Reading) -> None:
        self._column[start * _WORD : start * _WORD + len(reading.column)] = reading.column
        self._settled[start : start + len(reading)] = b"\1" * len(reading)
        for position, gap in reading.gaps.items():
            self._gaps[start + position] = gap

    def _next_way(self, chunk: _Chunk, error: NodeError) -> None:
        if chunk.way + 1 < len(self._ways):
            place = self._waiting.appendleft if _is_cheap(error) else self._waiting.append
            place(_Chunk(chunk.start, chunk.stop, chunk.way + 1))
        else:
            self._give_up(chunk, error)

    def _failed(self, error: NodeError) -> None:
        cost = 1 if _is_cheap(error) else _COST_OF_OTHERS
        self._failures += cost
        self._failures_in_all += cost

    @property
    def _given_up(self) -> bool:
        return self._refused or self._failures >= _PATIENCE or self._failures_in_all >= _PATIENCE_IN_ALL

    def _give_up(self, chunk: _Chunk, error: NodeError) -> None:
        """Gaps for the chunk and, once patience is used up, for all that is still waiting."""
        lost = [chunk]
        if self._given_up:
            lost += self._waiting
            self._waiting.clear()
        for each in lost:
            self._keep(each.start, Reading.missing(len(each), Gap(error.why, error.detail)))

    def _chunk_size(self, chunk: _Chunk) -> ChunkSize:
        way = self._ways[chunk.way]
        key = (way.kind, self._token)
        return self._chunk_sizes.get(key) or self._chunk_sizes.setdefault(key, ChunkSize(way.first, way.most))


def _halves(chunk: _Chunk) -> tuple[_Chunk, _Chunk]:
    middle = chunk.start + len(chunk) // 2
    return _Chunk(chunk.start, middle, chunk.way), _Chunk(middle, chunk.stop, chunk.way)


def _is_cheap(error: NodeError) -> bool:
    """Whether the node answered at once, and asking for less may cure it."""
    if isinstance(error, TooMuch):
        return error.why is Why.REFUSED
    if error.why is Why.UNREACHABLE:
        return False
    return error.why is Why.MALFORMED or (isinstance(error, RpcError) and error.why not in _WHOLE)
