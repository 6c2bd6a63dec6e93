"""A Bitcoin Core node (or one with its RPC, as Knots): balances at any past block, without rewinding the node.

`scantxoutset` reads the unspent outputs of all scripts at the node's tip in one go; what happened from the snapshot to
that tip is taken back (`bitcoin.moves` fetches it, `bitcoin.rewind` reckons). The headers between are fetched and
checked, so that what is taken back lies on the chain of the pinned hash.

What the node says of its unspent outputs is not proven by this: a balance is as good as the node's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from scanner.chains.bitcoin.header import BitcoinHeader, HeaderError, check_chain
from scanner.chains.bitcoin.node.ancestors import AncestorSource
from scanner.chains.bitcoin.node.answers import OutputScan, height_field, scan_of
from scanner.chains.bitcoin.node.block import (
    block_hash,
    check_genesis,
    facts_of,
    final_height_of,
    header_from_hex,
    snapshot_of,
    work_rules,
)
from scanner.chains.bitcoin.node.core_transactions import CoreTransactions
from scanner.chains.bitcoin.node.core_transfers import CoreTransfers
from scanner.chains.bitcoin.node.movements import MovementSource
from scanner.chains.bitcoin.node.moves import (
    INVALID_PARAMETER,
    LONG_CALL,
    METHOD_NOT_FOUND,
    NOT_FOUND,
    MoveReader,
    Range,
    Reorganised,
    Sleep,
    json_params,
    when_free,
)
from scanner.chains.bitcoin.node.past_balances import PastBalances, Rewound
from scanner.chains.bitcoin.node.pieces import REQUEST_BYTES, Oversized, Pieces
from scanner.chains.bitcoin.node.rewind import Contradiction, Rewind, is_unspendable
from scanner.chains.bitcoin.node.unspent import UnspentStream
from scanner.chains.interface import Capabilities
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import MessageTooLarge, RpcError
from scanner.clients.observed import Observe, unobserved
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

SCAN_LIMIT = 256 * 2**20  # bytes of a scan's answer; an unspent output takes about 400, in the node ten times that
LONGEST_REWIND = 300_000  # blocks: more than five years of mainnet
HEADERS_PER_BATCH = 1000
ATTEMPTS = 3  # readings of one piece, when the chain is reorganised meanwhile
_WARMING_UP = -28


class BitcoinCoreNode:
    """One node. Accounts are scriptPubKeys; one reading at a time, since the node scans for one client at a time."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        rpc: JsonRpc | None = None,
        sleep: Sleep = asyncio.sleep,
        scan_limit: int = SCAN_LIMIT,
        request_limit: int = REQUEST_BYTES,
        observe: Observe = unobserved,
    ) -> None:
        """`scan_limit`: bytes of the answer to a scan; what `rpc` allows holds for the others, which are held whole."""
        self.settings = settings
        self._rpc = rpc or JsonRpc(settings, sleep=sleep, observe=observe)
        self._sleep = sleep
        self._moves = MoveReader(self._rpc, settings.chain, sleep)
        self._scan_limit = scan_limit
        self._pieces = Pieces(scan_limit, request_limit)
        self._past = PastBalances()
        self._scanning = asyncio.Lock()
        self._ancestors = AncestorSource(settings.chain, self._headers_at, self._height_of)
        self._transfers = CoreTransfers(settings.chain, self._moves, self._headers_at)
        self._movements = MovementSource(self._headers_at, CoreTransactions(self._rpc))

    async def open(self) -> None:
        work_rules(self.settings.chain)
        await self._rpc.open()
        try:
            genesis = block_hash(await self._rpc.call("getblockhash", [0]))
        except RpcError as error:
            if error.code == _WARMING_UP:
                raise NodeError(Why.UNREACHABLE, f"the node is still starting: {error.detail}") from None
            raise
        check_genesis(self.settings.chain, genesis)

    async def block_at(self, height: int) -> Snapshot:
        found = await self._hash_at(height)
        header = header_from_hex(await self._rpc.call("getblockheader", [found, False]), self.settings.chain, found)
        return snapshot_of(self.settings.chain, height, header, found)

    @property
    def capabilities(self) -> Capabilities:
        """That it says how far a scan is, gives what leads to ancestors and to transactions, and lists transfers."""
        return Capabilities(
            progress=self, ancestors=self._ancestors, movements=self._movements, transfers=self._transfers
        )

    async def oldest_height(self) -> int:
        """The genesis block: headers are kept by every node, whatever it lets go of."""
        return 0

    async def final_height(self) -> int:
        info = await self._rpc.call("getblockchaininfo", [])
        blocks, headers = height_field(info, "blocks"), height_field(info, "headers")
        facts = facts_of(self.settings.chain)
        syncing = field(info, "initialblockdownload", bool) and not facts.mined_on_demand
        if syncing or headers - blocks > facts.final_depth:
            raise NodeError(Why.NOT_FINAL, f"the node is still syncing: it has {blocks} of {headers} blocks")
        return final_height_of(self.settings.chain, blocks)

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - of no asset here
        return Gap(Why.UNSUPPORTED, f"a Bitcoin node knows nothing of {asset}")

    async def read(self, batch: Batch) -> Reading:
        if batch.snapshot.chain != self.settings.chain or not batch.asset.native:
            gap = Gap(Why.UNSUPPORTED, f"a Bitcoin node holds no balances of {batch.asset}")
            return Reading.missing(len(batch.accounts), gap)
        async with self._scanning:
            outcomes = await self._outcomes(batch.snapshot, batch.accounts)
        return Reading.of(outcomes[script] for script in batch.accounts)

    async def close(self) -> None:
        await self._rpc.close()

    async def progress(self) -> int | None:
        """Percent of the scan that the node is running now, no matter who asked for it; None when there is none.

        Raises NodeError.
        """
        status = await self._rpc.call("scantxoutset", ["status"])
        return None if status is None else field(status, "progress", int)

    async def _outcomes(self, snapshot: Snapshot, scripts: Iterable[bytes]) -> dict[bytes, int | Gap]:
        """Piece by piece. What is wrong with a piece is a gap of its own; after any other failure no more is asked."""
        asked = dict.fromkeys(scripts)
        never = [script for script in asked if is_unspendable(script)]  # read with the first piece that is
        outcomes: dict[bytes, int | Gap] = dict.fromkeys(never, 0)
        if b"" in asked:
            outcomes[b""] = Gap(Why.UNSUPPORTED, "no descriptor matches the empty script, so no node can be asked")
        outcomes.update(self._past.known(snapshot, (script for script in asked if script not in outcomes)))
        waiting = self._pieces.cut([script for script in asked if script not in outcomes])
        gap = None
        while waiting:
            piece = waiting.pop()
            try:
                outcomes.update(await self._at(snapshot, piece))
                never = []
            except NodeError as error:
                if isinstance(error, MessageTooLarge) and len(piece) > 1:
                    waiting += self._pieces.smaller(piece, error)
                    continue
                gap = Gap(error.why, error.detail)
                outcomes.update(dict.fromkeys(piece, gap))
                if error.why is not Why.MALFORMED:
                    outcomes.update((script, gap) for unread in waiting for script in unread)
                    break
        return outcomes if gap is None else outcomes | dict.fromkeys(never, gap)

    async def _at(self, snapshot: Snapshot, scripts: Sequence[bytes]) -> dict[bytes, int]:
        """The balances of a piece, read again when the chain changes meanwhile."""
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                await self._check_on_chain(snapshot)
                scan, rewind = await self._scan(scripts, snapshot.height)
                blocks = await self._blocks_between(snapshot, scan)
                moves = await self._moves.read(blocks, rewind.balances)
                await self._check_still(scan)
                balances = rewind.take_back(scan.height, moves)
            except Contradiction as error:
                raise malformed(f"the node's blocks contradict its unspent outputs: {error}") from None
            except Reorganised:
                if not attempts_left:
                    raise
            else:
                self._past.keep(Rewound.of(snapshot, (header.hash for header in blocks.headers), balances, moves))
                return balances
        raise NodeError(Why.UNREACHABLE, "no attempt was made")

    async def _scan(self, scripts: Sequence[bytes], height: int) -> tuple[OutputScan, Rewind]:
        """One pass over the node's unspent outputs: which block that was, and what was found of the scripts."""
        params, facts = json_params("start", scripts), facts_of(self.settings.chain)
        latest = UnspentStream(Rewind((), height), facts, self._scan_limit)

        def stream() -> UnspentStream:
            nonlocal latest
            latest = UnspentStream(Rewind(scripts, height), facts, self._scan_limit)
            return latest

        try:
            answer, taken = await when_free(
                lambda: self._rpc.pour("scantxoutset", params, stream, timeout=LONG_CALL), self._sleep
            )
        except MessageTooLarge as error:
            raise Oversized(error, latest.sample) from None
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:
                known = facts_of(self.settings.chain)
                raise NodeError(Why.UNSUPPORTED, f"no scantxoutset: {known.no_scan}") from None
            raise
        scan = scan_of(answer, facts)
        if taken.atoms != scan.atoms:
            raise malformed("the unspent outputs do not add up to the total that the node states")
        self._pieces.learn(len(scripts), taken.size)
        return scan, taken.rewind

    async def _check_on_chain(self, snapshot: Snapshot) -> None:
        if await self._hash_at(snapshot.height) != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block at height {snapshot.height}")

    async def _check_still(self, scan: OutputScan) -> None:
        """The chain along which blocks were chosen is the one that was scanned, unless it changed meanwhile."""
        try:
            now = await self._hash_at(scan.height)
        except NodeError as error:
            if error.why is not Why.NOT_FINAL:
                raise
            now = ""
        if now != scan.block:
            raise Reorganised(Why.NOT_FINAL, "the node's chain was reorganised while it was read")

    async def _blocks_between(self, snapshot: Snapshot, scan: OutputScan) -> Range:
        """The headers above the snapshot up to the block that was scanned, each linked to the one before."""
        first, count = snapshot.height + 1, scan.height - snapshot.height
        if count < 0:
            raise NodeError(Why.NOT_FINAL, f"the node's chain ends at {scan.height}, below the snapshot")
        if count > LONGEST_REWIND:
            raise NodeError(Why.UNSUPPORTED, f"the snapshot is {count} blocks back, at most {LONGEST_REWIND} are read")
        (pinned,) = await self._headers([snapshot.hash])
        if pinned.hash != snapshot.hash:
            raise NodeError(Why.FORGED, "the header given for the snapshot has another hash")
        headers = await self._headers_at(range(first, scan.height + 1))
        if (headers[-1] if headers else pinned).hash != scan.block:
            raise Reorganised(Why.NOT_FINAL, "the block that was scanned left the node's chain")
        last = pinned
        for start in range(0, len(headers), HEADERS_PER_BATCH):
            try:
                following = headers[start : start + HEADERS_PER_BATCH]
                last = check_chain(last, snapshot.height + start, following, work_rules(snapshot.chain))
            except HeaderError as error:
                raise NodeError(Why.FORGED, str(error)) from None
            await asyncio.sleep(0)  # where work is scrypt's, so many take a third of a second
        return Range(first, headers)

    async def _headers_at(self, heights: range) -> list[BitcoinHeader]:
        """Those of the node's best chain, none of which is shown to follow another. Raises NodeError."""
        headers: list[BitcoinHeader] = []
        for start in range(0, len(heights), HEADERS_PER_BATCH):
            some = heights[start : start + HEADERS_PER_BATCH]
            names = await self._rpc.batch([("getblockhash", [height]) for height in some])
            headers += await self._headers([block_hash(_value(name)) for name in names])
        return headers

    async def _headers(self, names: Sequence[str]) -> list[BitcoinHeader]:
        headers = await self._rpc.batch([("getblockheader", [name, False]) for name in names])
        return [
            header_from_hex(_value(header), self.settings.chain, name)
            for header, name in zip(headers, names, strict=True)
        ]

    async def _height_of(self, name: str) -> int:
        try:
            return height_field(await self._rpc.call("getblockheader", [name]), "height")
        except RpcError as error:
            if error.code == NOT_FOUND:
                raise NodeError(Why.WRONG_BLOCK, f"the node knows no block {name}") from None
            raise

    async def _hash_at(self, height: int) -> str:
        try:
            return block_hash(await self._rpc.call("getblockhash", [height]))
        except RpcError as error:
            if error.code == INVALID_PARAMETER:
                raise NodeError(Why.NOT_FINAL, f"the node has no block at height {height} yet") from None
            raise


def _value(outcome: object) -> object:
    """An outcome of a batch; an error among them concerns a block that is not there any more."""
    if isinstance(outcome, RpcError) and outcome.code in {INVALID_PARAMETER, NOT_FOUND}:
        raise Reorganised(Why.NOT_FINAL, "a block left the node's chain while its header was read")
    if isinstance(outcome, NodeError):
        raise outcome
    return outcome
