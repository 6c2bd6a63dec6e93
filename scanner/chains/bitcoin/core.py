"""A Bitcoin Core node (or one with its RPC, as Knots): balances at any past block, without rewinding the node.

`scantxoutset` reads the unspent outputs of all scripts at the node's tip in one go; what happened from the snapshot to
that tip is taken back (`bitcoin.moves` fetches it, `bitcoin.rewind` reckons). The headers between are fetched and
checked, so that what is taken back lies on the chain of the pinned hash.

What the node says of its unspent outputs is not proven by this: a balance is as good as the node's word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from scanner.chains.bitcoin.answers import Scan, field, height_field, malformed, scan_of
from scanner.chains.bitcoin.block import (
    FINAL_DEPTH,
    block_hash,
    check_genesis,
    header_from_hex,
    snapshot_of,
    work_rules,
)
from scanner.chains.bitcoin.moves import (
    INVALID_PARAMETER,
    METHOD_NOT_FOUND,
    NOT_FOUND,
    MoveReader,
    Range,
    Reorganised,
    Sleep,
    descriptors_of,
    when_free,
)
from scanner.chains.bitcoin.rewind import Contradiction, is_unspendable, rewound
from scanner.chains.jsonrpc import RpcError, TooLarge
from scanner.chains.observed import Observe, unobserved
from scanner.chains.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.instrument import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.bitcoin_header import Header, HeaderError, check_chain

ANSWER_LIMIT = 128 * 2**20  # bytes; an unspent output takes about 450
PIECE_BYTES = 24 * 2**20  # of descriptors in one request; Bitcoin Core takes 32 MiB
LONGEST_REWIND = 300_000  # blocks: more than five years of mainnet
HEADERS_PER_BATCH = 1000
ATTEMPTS = 3  # readings of one piece, when the chain is reorganised meanwhile
_WARMING_UP = -28
_REGTEST = "0f9188f13cb7b2c71f2a335e3a4fc328"


class BitcoinCoreNode:
    """One node. Accounts are scriptPubKeys; one reading at a time, since the node scans for one client at a time."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        sleep: Sleep = asyncio.sleep,
        answer_limit: int = ANSWER_LIMIT,
        observe: Observe = unobserved,
    ) -> None:
        self.settings = settings
        self._rpc = JsonRpc(settings, sleep=sleep, answer_limit=answer_limit, observe=observe)
        self._sleep = sleep
        self._moves = MoveReader(self._rpc, sleep)
        self._scanning = asyncio.Lock()

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
        header = header_from_hex(await self._rpc.call("getblockheader", [found, False]))
        return snapshot_of(self.settings.chain, height, header, found)

    async def final_height(self) -> int:
        info = await self._rpc.call("getblockchaininfo", [])
        blocks, headers = height_field(info, "blocks"), height_field(info, "headers")
        syncing = field(info, "initialblockdownload", bool) and self.settings.chain.reference != _REGTEST
        if syncing or headers - blocks > FINAL_DEPTH:
            raise NodeError(Why.NOT_FINAL, f"the node is still syncing: it has {blocks} of {headers} blocks")
        if blocks < FINAL_DEPTH:
            raise NodeError(Why.NOT_FINAL, f"no block has {FINAL_DEPTH} others on top of it yet")
        return blocks - FINAL_DEPTH

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - of no asset here
        return Gap(Why.UNSUPPORTED, f"a Bitcoin node knows nothing of {asset}")

    async def read(self, batch: Batch) -> Reading:
        if batch.snapshot.chain != self.settings.chain or not batch.asset.native:
            gap = Gap(Why.UNSUPPORTED, f"a Bitcoin node holds no balances of {batch.asset}")
            return Reading.missing(len(batch.accounts), gap)
        try:
            async with self._scanning:
                balances = await self._balances(batch.snapshot, batch.accounts)
        except NodeError as error:
            return Reading.missing(len(batch.accounts), Gap(error.why, error.detail))
        return Reading.of(balances[script] for script in batch.accounts)

    async def close(self) -> None:
        await self._rpc.close()

    async def progress(self) -> int | None:
        """Percent of the scan that the node is running now, whoever asked for it; None when there is none.

        Raises NodeError.
        """
        status = await self._rpc.call("scantxoutset", ["status"])
        return None if status is None else field(status, "progress", int)

    async def _balances(self, snapshot: Snapshot, accounts: Sequence[bytes]) -> dict[bytes, int]:
        balances = dict.fromkeys(accounts, 0)
        pieces = pieces_of([script for script in balances if not is_unspendable(script)], PIECE_BYTES)
        while pieces:
            piece = pieces.pop()
            try:
                balances |= await self._at(snapshot, piece)
            except TooLarge:
                if len(piece) == 1:
                    raise
                pieces += [piece[: len(piece) // 2], piece[len(piece) // 2 :]]
        return balances

    async def _at(self, snapshot: Snapshot, scripts: Sequence[bytes]) -> dict[bytes, int]:
        """The balances of a piece, read again when the chain changes meanwhile."""
        asked = frozenset(scripts)
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                await self._check_on_chain(snapshot)
                scan = await self._scan(asked)
                blocks = await self._blocks_between(snapshot, scan)
                moves = await self._moves.read(blocks, asked)
                await self._check_still(scan)
                return rewound(scripts, snapshot.height, scan.height, scan.unspent, moves)
            except Contradiction as error:
                raise malformed(f"the node's blocks contradict its unspent outputs: {error}") from None
            except Reorganised:
                if not attempts_left:
                    raise
        raise NodeError(Why.UNREACHABLE, "no attempt was made")

    async def _scan(self, scripts: frozenset[bytes]) -> Scan:
        params = ["start", descriptors_of(scripts)]
        try:
            answer = await when_free(self._rpc, self._sleep, "scantxoutset", params)
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:
                raise NodeError(Why.UNSUPPORTED, "no scantxoutset: the node is older than Bitcoin Core 22") from None
            raise
        if field(answer, "success", bool) is not True:
            raise NodeError(Why.REFUSED, "the scan was aborted by another client of the node")
        return scan_of(answer)

    async def _check_on_chain(self, snapshot: Snapshot) -> None:
        if await self._hash_at(snapshot.height) != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block at height {snapshot.height}")

    async def _check_still(self, scan: Scan) -> None:
        """The chain along which blocks were chosen is the one that was scanned, unless it changed meanwhile."""
        try:
            now = await self._hash_at(scan.height)
        except NodeError as error:
            if error.why is not Why.NOT_FINAL:
                raise
            now = ""
        if now != scan.block:
            raise Reorganised(Why.NOT_FINAL, "the node's chain was reorganised while it was read")

    async def _blocks_between(self, snapshot: Snapshot, scan: Scan) -> Range:
        """The headers above the snapshot up to the block that was scanned, each linked to the one before."""
        first, count = snapshot.height + 1, scan.height - snapshot.height
        if count < 0:
            raise NodeError(Why.NOT_FINAL, f"the node's chain ends at {scan.height}, below the snapshot")
        if count > LONGEST_REWIND:
            raise NodeError(Why.UNSUPPORTED, f"the snapshot is {count} blocks back, at most {LONGEST_REWIND} are read")
        (pinned,) = await self._headers([snapshot.hash])
        if pinned.hash != snapshot.hash:
            raise NodeError(Why.FORGED, "the header given for the snapshot has another hash")
        headers: list[Header] = []
        for start in range(first, scan.height + 1, HEADERS_PER_BATCH):
            heights = range(start, min(start + HEADERS_PER_BATCH, scan.height + 1))
            names = await self._rpc.batch([("getblockhash", [height]) for height in heights])
            headers += await self._headers([block_hash(_value(name)) for name in names])
        if (headers[-1] if headers else pinned).hash != scan.block:
            raise Reorganised(Why.NOT_FINAL, "the block that was scanned left the node's chain")
        try:
            check_chain(pinned, snapshot.height, headers, work_rules(snapshot.chain))
        except HeaderError as error:
            raise NodeError(Why.FORGED, str(error)) from None
        return Range(first, headers)

    async def _headers(self, names: Sequence[str]) -> list[Header]:
        headers = await self._rpc.batch([("getblockheader", [name, False]) for name in names])
        return [header_from_hex(_value(header)) for header in headers]

    async def _hash_at(self, height: int) -> str:
        try:
            return block_hash(await self._rpc.call("getblockhash", [height]))
        except RpcError as error:
            if error.code == INVALID_PARAMETER:
                raise NodeError(Why.NOT_FINAL, f"the node has no block at height {height} yet") from None
            raise


def pieces_of(scripts: Sequence[bytes], most: int) -> list[list[bytes]]:
    """`scripts` cut into pieces whose descriptors take at most `most` bytes of JSON, as few as possible."""
    pieces: list[list[bytes]] = []
    room = 0
    for script in scripts:
        size = 2 * len(script) + len('"raw()",')
        if size > room:
            pieces.append([])
            room = most
        pieces[-1].append(script)
        room -= size
    return pieces


def _value(outcome: object) -> object:
    """An outcome of a batch; an error among them concerns a block that is not there any more."""
    if isinstance(outcome, RpcError) and outcome.code in {INVALID_PARAMETER, NOT_FOUND}:
        raise Reorganised(Why.NOT_FINAL, "a block left the node's chain while its header was read")
    if isinstance(outcome, NodeError):
        raise outcome
    return outcome
