"""What a Bitcoin Core node can tell about a range of blocks, by the cheapest of the ways it has.

Which blocks matter: `scanblocks` where the node keeps an index of block filters, else every block of a short range.
What happened in them: `getdescriptoractivity` (Bitcoin Core 29 on), else `getblock` with verbosity 3 (23 on), else the
same with the transactions whose outputs the block spends, from the node's index of transactions (`txindex=1`).

A block filter never misses a script, so leaving out the other blocks loses nothing; that it may point at a block for
nothing costs time alone. Not in here: the current outputs, the chain of headers, and the arithmetic.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.node.answers import (
    add_activity,
    add_block,
    height_field,
    relevant_blocks_of,
    transaction_of,
    untold_inputs,
)
from scanner.chains.bitcoin.node.block import facts_of
from scanner.chains.bitcoin.node.rewind import Moves, Outpoint, outpoint
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import JsonText, MessageTooLarge, RpcError, TimedOut, json_text
from scanner.clients.transport import JsonRpc
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

LONG_CALL = 3600  # seconds: scans of a whole chain state or of many blocks answer only at their end
SHORT_RANGE = 14 * 24  # hours of blocks that are read one by one where the node has no filter index
SHORT_RANGE_WHOLE = 24  # the same where each block has to be transferred whole
BLOCKS_PER_CALL = 64
TRANSACTIONS_PER_BATCH = 500
OTHERS_SCAN_WAITS = 120
OTHERS_SCAN_PAUSE = 15  # seconds; a scan of mainnet takes some minutes
SCANS_LOST = 4  # times that the connection may be lost during one scan
INDEX_WAITS = 30  # times one second, for an index that is a block or two behind

METHOD_NOT_FOUND = -32601
INVALID_PARAMETER = -8  # also "scan already in progress"
NOT_FOUND = -5
MISC_ERROR = -1  # also "block not available (pruned data)"

_PATIENCE = "a scan takes minutes, and whatever stands between must wait that long for the answer"

Sleep = Callable[[float], Awaitable[object]]
Spent = dict[Outpoint, tuple[bytes, int]]
T = TypeVar("T")


class Reorganised(NodeError):
    """The node's best chain changed while it was read; reading again may succeed."""


@dataclass(frozen=True, slots=True)
class Range:
    """The blocks above the snapshot, linked by their headers: the first one's parent is the snapshot."""

    first: int
    headers: Sequence[BitcoinHeader]

    @property
    def last(self) -> int:
        return self.first + len(self.headers) - 1


class MoveReader:
    """Reads what happened to scripts, and remembers which ways the node turned out not to have."""

    def __init__(self, rpc: JsonRpc, chain: Chain, sleep: Sleep = asyncio.sleep) -> None:
        self._rpc = rpc
        self._chain = chain
        self._sleep = sleep
        self._has_activity = True  # until the node says otherwise

    @property
    def _facts(self) -> BitcoinChain:
        return facts_of(self._chain)

    async def read(self, blocks: Range, scripts: Collection[bytes]) -> Moves:
        """Everything that happened to `scripts` in `blocks`. Raises NodeError, Reorganised."""
        moves = Moves()
        if not blocks.headers:
            return moves
        wanted = await self._relevant(blocks, scripts)
        per_call = BLOCKS_PER_CALL
        while wanted:
            if not self._has_activity:
                await self._read_whole(moves, wanted.pop(), scripts)
                continue
            chunk = wanted[-per_call:]
            try:
                answer = await self._activity([header.hash for _, header in chunk], scripts)
            except (MessageTooLarge, TimedOut):
                if len(chunk) == 1:
                    raise
                per_call = len(chunk) // 2
                continue
            except _Absent:
                self._has_activity = False
                _check_length(self._facts, blocks, wanted, SHORT_RANGE_WHOLE)
                continue
            add_activity(moves, answer, {header.hash: height for height, header in chunk}, self._facts)
            del wanted[-per_call:]
        return moves

    async def _relevant(self, blocks: Range, scripts: Collection[bytes]) -> list[tuple[int, BitcoinHeader]]:
        """The blocks that may matter, with their heights."""
        everything = list(enumerate(blocks.headers, blocks.first))
        if not await self.index_covers(blocks.last):
            _check_length(self._facts, blocks, everything, SHORT_RANGE if self._has_activity else SHORT_RANGE_WHOLE)
            return everything
        params = json_params("start", scripts, blocks.first, blocks.last)
        try:
            answer = await when_free(lambda: self._rpc.call("scanblocks", params, timeout=LONG_CALL), self._sleep)
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:  # before Bitcoin Core 25
                _check_length(self._facts, blocks, everything, SHORT_RANGE_WHOLE)
                return everything
            if error.code == MISC_ERROR:  # "Invalid stop_height": the chain became shorter
                raise Reorganised(Why.NOT_FINAL, error.detail) from None
            raise
        wanted = set(relevant_blocks_of(answer, blocks.first, blocks.last))
        if not wanted <= {header.hash for header in blocks.headers}:
            raise Reorganised(Why.NOT_FINAL, "the node's chain was reorganised while its filters were searched")
        return [(height, header) for height, header in everything if header.hash in wanted]

    async def index_covers(self, height: int) -> bool:
        """Whether the filters of all blocks up to `height` are there.

        Asked before `scanblocks`, which leaves out blocks whose filters are missing and says nothing. Raises NodeError
        NO_STATE while the index is being built.
        """
        for _ in range(INDEX_WAITS):
            try:
                indexes = await self._rpc.call("getindexinfo", [])
            except RpcError as error:
                if error.code == METHOD_NOT_FOUND:  # before Bitcoin Core 0.21
                    return False
                raise
            index = indexes.get("basic block filter index") if isinstance(indexes, dict) else None
            if index is None:
                return False
            reached = height_field(index, "best_block_height")
            if not field(index, "synced", bool):
                raise NodeError(
                    Why.NO_STATE,
                    f"the node is still building its index of block filters (blockfilterindex=1): at block {reached}",
                )
            if reached >= height:
                return True
            await self._sleep(1)
        raise NodeError(Why.NO_STATE, f"the node's index of block filters (blockfilterindex=1) stays at {reached}")

    async def _activity(self, hashes: list[str], scripts: Collection[bytes]) -> Any:
        try:
            params = json_params(hashes, scripts, False)
            return await self._rpc.call("getdescriptoractivity", params, timeout=LONG_CALL)
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:
                raise _Absent from None
            raise _block_error(error) from None

    async def whole_blocks(
        self, blocks: Range, scripts: Collection[bytes]
    ) -> AsyncIterator[tuple[tuple[int, BitcoinHeader], Any, Spent]]:
        """The blocks that may matter to `scripts`, each as `getblock` answers it, and whose outputs it spent where that
        answer does not say so. Raises NodeError, Reorganised."""
        for block in await self._relevant(blocks, scripts):
            yield block, *await self._whole(block)

    async def _read_whole(self, moves: Moves, block: tuple[int, BitcoinHeader], scripts: Collection[bytes]) -> None:
        answer, spent = await self._whole(block)
        add_block(moves, answer, block, scripts, self._facts, spent=spent)

    async def _whole(self, block: tuple[int, BitcoinHeader]) -> tuple[Any, Spent]:
        _, header = block
        try:
            answer = await self._rpc.call("getblock", [header.hash, 3], timeout=LONG_CALL)
        except RpcError as error:
            raise _block_error(error) from None
        return answer, await self._spent_by(block, untold_inputs(answer))

    async def _spent_by(self, block: tuple[int, BitcoinHeader], points: Sequence[Outpoint]) -> Spent:
        """What the outputs paid that a block spends, from the transactions that made them, each shown by its id.

        Raises NodeError NO_STATE where the node has no index of transactions, Reorganised where the block left its
        chain.
        """
        wanted: dict[str, list[int]] = {}
        for point in points:
            wanted.setdefault(point[:32].hex(), []).append(int.from_bytes(point[32:]))
        spent: Spent = {}
        names, size = list(wanted), TRANSACTIONS_PER_BATCH
        while names:
            try:
                answers = await self._rpc.batch([("getrawtransaction", [name, False]) for name in names[-size:]])
            except (MessageTooLarge, TimedOut):
                if size == 1:
                    raise
                size //= 2
                continue
            for name, answer in zip(names[-size:], answers, strict=True):
                if isinstance(answer, RpcError) and answer.code == NOT_FOUND:
                    await self._check_in_chain(*block)
                    raise NodeError(
                        Why.NO_STATE,
                        f"the node does not say what block {block[1].hash} spent, and has no whole index of"
                        " transactions: before Bitcoin Core 23 it needs txindex=1 in its configuration",
                    )
                outputs = transaction_of(answer, name, self._facts).outputs
                for number in wanted[name]:
                    if number >= len(outputs):
                        raise malformed(f"block {block[1].hash} spends an output that transaction {name} does not have")
                    spent[outpoint(name, number)] = outputs[number]
            del names[-size:]
        return spent

    async def _check_in_chain(self, height: int, header: BitcoinHeader) -> None:
        """Raises Reorganised where the block is not the node's at that height any more."""
        try:
            now = await self._rpc.call("getblockhash", [height])
        except RpcError as error:
            if error.code != INVALID_PARAMETER:
                raise
            now = None
        if now != header.hash:
            raise Reorganised(Why.NOT_FINAL, "a block left the node's chain while it was read")


class _Absent(Exception):
    """The node does not have the method."""


def json_params(before: object, scripts: Collection[bytes], *after: object) -> JsonText:
    """Parameters of an RPC, the second of them descriptors that match exactly these scriptPubKeys (BIP-385)."""
    descriptors = ')","raw('.join(map(bytes.hex, scripts)).join(('["raw(', ')"]')) if scripts else "[]"
    return JsonText(f"[{','.join([json_text(before), descriptors, *map(json_text, after)])}]")


async def when_free(scan: Callable[[], Awaitable[T]], sleep: Sleep) -> T:
    """The result of a scan, of which a node runs one at a time: waits for another's, and never aborts it.

    A scan answers at its end alone, after minutes. Where the connection does not last that long, the node goes on
    scanning for no client; that is waited for as another client's scan is, and the scan asked for again, a few times.
    """
    lost = 0
    for _ in range(OTHERS_SCAN_WAITS):
        try:
            return await scan()
        except RpcError as error:
            if error.code != INVALID_PARAMETER or "in progress" not in error.detail:
                raise
        except TimedOut as error:
            raise TimedOut(error.why, f"{error.detail}; {_PATIENCE}") from None
        except NodeError as error:
            if error.why not in {Why.UNREACHABLE, Why.RATE_LIMITED}:
                raise
            lost += 1
            if lost == SCANS_LOST:
                raise NodeError(error.why, f"{error.detail}, {lost} times; {_PATIENCE}") from None
        await sleep(OTHERS_SCAN_PAUSE)
    raise NodeError(
        Why.REFUSED,
        f"a scan of another client, or one whose connection was lost, kept the node busy for"
        f" {OTHERS_SCAN_WAITS * OTHERS_SCAN_PAUSE} s",
    )


def _check_length(chain: BitcoinChain, blocks: Range, wanted: Sequence[object], hours: int) -> None:
    most = hours * chain.final_depth
    if len(wanted) > most:
        needs = "the node needs blockfilterindex=1 in its configuration"
        if hours != SHORT_RANGE:
            needs += ", and to be Bitcoin Core 29 or newer"
        if chain.program != "bitcoind":
            needs = "ask an Electrum server"
        raise NodeError(
            Why.NO_STATE, f"the snapshot is {len(blocks.headers)} blocks back; to go back more than {most}, {needs}"
        )


def _block_error(error: RpcError) -> NodeError:
    """What an error about a block means."""
    text = error.detail.lower()
    if "pruned" in text or "not available" in text or "undo" in text:
        return NodeError(
            Why.NO_STATE, "the node has pruned blocks above the snapshot; it needs prune=0 in its configuration"
        )
    if error.code == NOT_FOUND or "main chain" in text:
        return Reorganised(Why.NOT_FINAL, "a block left the node's chain while it was read")
    return error
