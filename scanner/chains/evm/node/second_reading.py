"""The same balances of a token once more, called for otherwise: a contract that distinguishes its callers gives a gap.

Who reads can be known by a contract: by the caller and its code, the origin, the gas, the price, how deep the call is.
So whatever was read of a token is read in a second way, from a context drawn at random (`evm.call_context`):

    every balance      in bulk, where the node takes code of ours or has Multicall3: another caller, origin and price, a
                       few million gas for each call in place of all there is; through a constructor, whose caller
                       has no code, where that takes `_CONSTRUCTIONS` calls at most
    a sample           by one call each from an account without code straight to the token: all balances where there are
                       `_SAMPLE` or fewer, else so many, drawn by amount (`core.sampling`); and where no caller had
                       code so far, again from an account that has, if the node takes overrides

A balance that differs is a gap, CALLER_DEPENDENT. One that differs in the sample makes gaps of all of that token's
that this node reads at that block, and one that the sample did not get, of the whole batch: a sample counts whole.
The draw follows from bytes that are made when the node is opened, so that no one who writes a token or a claim, and no
later run, can know it. What a node refuses (a price, or gas) is left out, whatever else it takes.

Not in here: whether a balance is proven, which makes all this unnecessary, since that is known only when all is read.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from scanner.chains.evm.balance_call import ADDRESS, READER, WORD
from scanner.chains.evm.facts import EvmChain
from scanner.chains.evm.node.call_context import CallContext, contexts
from scanner.chains.evm.node.errors import NotThisWay, Reverted, TooMuch
from scanner.chains.evm.node.read_strategies import (
    ByBatch,
    ByInitCode,
    ByMulticall,
    ByOverride,
    ReadStrategy,
    StrategyKind,
)
from scanner.chains.evm.node.reader import BatchReader, ChunkSizes
from scanner.clients.jsonrpc import RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.sampling import draw
from scanner.errors import NodeError, Why

_SAMPLE: Final = 32  # balances of a batch that are called for one by one
_CONSTRUCTIONS: Final = 2
_DIRECT, _FROM_CODE = "direct", "direct, from an account with code"
_CALLER_HAS_CODE: Final = {StrategyKind.OVERRIDE, StrategyKind.MULTICALL}
_REFUSED: Final = 2**10  # a level beyond all contexts
_ZERO_ADDRESS: Final = bytes(ADDRESS)
_BY_CODE: Final[Mapping[StrategyKind, Callable[[JsonRpc, EvmChain, CallContext], ReadStrategy]]] = {
    StrategyKind.OVERRIDE: ByOverride,
    StrategyKind.INIT_CODE: ByInitCode,
    StrategyKind.MULTICALL: ByMulticall,
}
_REFUSALS: Final = (RpcError, NotThisWay, TooMuch, Reverted)  # the node's own answers, which another context may avoid
_TRANSIENT: Final = {Why.RATE_LIMITED, Why.UNREACHABLE}


class SecondReader:
    """Reads again, at one node, what its `BatchReader` read of tokens."""

    def __init__(
        self, rpc: JsonRpc, chain: EvmChain, kinds: Sequence[StrategyKind], secret: bytes | None = None
    ) -> None:
        """`kinds`: the ways that the node answers, best first, that for single rows last. `secret`: what the contexts
        and the draws follow from; made up where it is not given."""
        self._rpc = rpc
        self._chain = chain
        self._kinds = kinds
        self._bulk = kinds[:-1]
        self._single = kinds[-1] is StrategyKind.SINGLE
        self._secret = secret or secrets.token_bytes(32)
        self._level: dict[StrategyKind | str, int] = {}  # by way: the first of `contexts` that the node took
        self._chunk_sizes: ChunkSizes = {}
        self._unsteady: dict[tuple[str, bytes], Gap] = {}  # by block and token: why nothing of it is believed here

    async def confirmed(self, batch: Batch, reading: Reading) -> Reading:
        """`reading` of the batch, with a gap for each balance that was not read alike in the second way."""
        found = [position for position in range(len(reading)) if position not in reading.gaps]
        if not found:
            return reading
        gaps = dict(reading.gaps)
        key = batch.snapshot.hash, batch.asset.contract
        if key not in self._unsteady:
            try:
                gaps |= await self._differences(batch, reading, found)
            except NodeError as error:
                gaps |= dict.fromkeys(found, _unconfirmed(Gap(error.why, error.detail)))
        if key in self._unsteady:  # from now, from before, or from a batch that was read meanwhile
            gaps |= dict.fromkeys((position for position in found if position not in gaps), self._unsteady[key])
        return Reading(reading.column, gaps, reading.bounds)

    async def _differences(self, batch: Batch, reading: Reading, found: Sequence[int]) -> Mapping[int, Gap]:
        """Gaps by position, as both parts of the second reading have them. Raises NodeError where a part failed."""
        seed = sha256(self._secret + batch.snapshot.hash.encode() + batch.accounts[found[0]]).digest()
        gaps: dict[int, Gap] = {}
        bulk = await self._bulk_way(batch.snapshot, len(found), seed)
        rows = await self._row_way(batch.snapshot, seed)
        if bulk is not None:
            gaps |= _compared(reading, found, await self._read(batch.take(found), (bulk, rows), rows))
        left = [position for position in found if position not in gaps]
        drawn, _ = draw((_amount(reading, position) for position in left), _SAMPLE, seed, batch.asset)
        sample = [left[at] for at in sorted(drawn)]
        if not sample:
            return gaps
        differing = _compared(reading, sample, await self._read(batch.take(sample), (rows,), rows))
        if not {self._kinds[0], rows.kind if bulk is None else bulk.kind} & _CALLER_HAS_CODE:
            with_code = await self._row_way_from_code(batch.snapshot, seed)
            if with_code is not None:
                again = await self._read(batch.take(sample), (with_code,), with_code)
                differing = _compared(reading, sample, again) | differing
        if differing:
            gaps |= dict.fromkeys(left, self._of_all(batch, differing)) | differing
        return gaps

    def _of_all(self, batch: Batch, differing: Mapping[int, Gap]) -> Gap:
        """Why nothing of the token is believed, where some of its sample differ or were not got."""
        position, gap = next(
            ((at, gap) for at, gap in differing.items() if gap.why is Why.CALLER_DEPENDENT),
            next(iter(differing.items())),
        )
        unsteady = Gap(gap.why, f"of the sample, 0x{batch.accounts[position].hex()}: {gap.detail}")
        if gap.why is Why.CALLER_DEPENDENT:
            self._unsteady.setdefault((batch.snapshot.hash, batch.asset.contract), unsteady)
        return unsteady

    async def _read(self, batch: Batch, ways: Sequence[ReadStrategy], rows: ByBatch) -> Reading:
        return await BatchReader(batch, ways, rows, self._chunk_sizes, self._rpc.pace.at_once).read()

    async def _bulk_way(self, snapshot: Snapshot, count: int, seed: bytes) -> ReadStrategy | None:
        """The way to read all again in, in as many respects other than the first as the node takes."""
        for kind in _in_order(self._bulk, count):
            tried = contexts(seed)
            for level in range(self._level.get(kind, 0), len(tried)):
                way = _BY_CODE[kind](self._rpc, self._chain, tried[level])
                if not way.fits(snapshot):
                    break
                if kind in self._level:
                    return way
                try:
                    await way.read(snapshot, None, (_ZERO_ADDRESS, READER))
                except NodeError as error:
                    _pass_over_refusal(error)
                else:
                    self._level[kind] = level
                    return way
            else:
                self._level[kind] = _REFUSED
        return None

    async def _row_way(self, snapshot: Snapshot, seed: bytes) -> ByBatch:
        """The way to call for single balances. Raises NodeError where the node takes no call from anybody."""
        rows, refusal = await self._calling(_DIRECT, contexts(seed), snapshot)
        if rows is None:
            raise refusal or NodeError(Why.UNSUPPORTED, "the node takes no call that says which account it is from")
        return rows

    async def _row_way_from_code(self, snapshot: Snapshot, seed: bytes) -> ByBatch | None:
        """The same from an account with code, where the node takes that."""
        rows, _ = await self._calling(_FROM_CODE, contexts(seed, sender_has_code=True), snapshot)
        return rows

    async def _calling(
        self, name: str, tried: Sequence[CallContext], snapshot: Snapshot
    ) -> tuple[ByBatch | None, NodeError | None]:
        """Single calls in the first of the contexts that the node takes; None, and why, where it takes none."""
        refusal: NodeError | None = None
        for level in range(self._level.get(name, 0), len(tried)):
            rows = ByBatch(self._rpc, self._chain, tried[level], single=self._single)
            if name in self._level:
                return rows, None
            try:
                await rows.call(snapshot, _ZERO_ADDRESS, b"")
            except NodeError as error:
                _pass_over_refusal(error)
                refusal = error
            else:
                self._level[name] = level
                return rows, None
        return None, refusal


def _in_order(kinds: Sequence[StrategyKind], count: int) -> list[StrategyKind]:
    """The bulk ways, first those in which the caller differs most from the first reading's, which used `kinds[0]`."""
    if not kinds:
        return []
    other = {StrategyKind.INIT_CODE: (StrategyKind.MULTICALL, StrategyKind.OVERRIDE)}.get(
        kinds[0], (StrategyKind.INIT_CODE,)
    )
    first = [
        kind for kind in other if kind in kinds and not (kind is StrategyKind.INIT_CODE and count > _BY_CONSTRUCTOR)
    ]
    return [*first, *(kind for kind in kinds if kind not in first)]


_BY_CONSTRUCTOR: Final = _CONSTRUCTIONS * ByInitCode.most


def _pass_over_refusal(error: NodeError) -> None:
    """Raises it again unless it is an answer to this way of calling: one that is too much, in time too, is none."""
    if isinstance(error, TooMuch):
        return
    if not isinstance(error, _REFUSALS) or error.why in _TRANSIENT:
        raise error


def _compared(first: Reading, positions: Sequence[int], second: Reading) -> dict[int, Gap]:
    """A gap for each of the positions where `second`, which has these alone, is not as `first`."""
    gaps = {}
    for within, position in enumerate(positions):
        one, other = _amount(first, position), second[within]
        if isinstance(other, Gap):
            gaps[position] = _silent(one) if other.why is Why.NO_TOKEN else _unconfirmed(other)
        elif one != other:
            detail = f"the contract says {one} to one caller and {other} to another"
            gaps[position] = Gap(Why.CALLER_DEPENDENT, detail)
    return gaps


def _silent(amount: int) -> Gap:
    return Gap(Why.CALLER_DEPENDENT, f"the contract says {amount} to one caller and gives no balance to another")


def _unconfirmed(gap: Gap) -> Gap:
    return Gap(gap.why, f"not read in a second way: {gap.detail}")


def _amount(reading: Reading, position: int) -> int:
    """What was read at a position that is no gap."""
    return int.from_bytes(reading.column[position * WORD : (position + 1) * WORD])
