"""An EVM chain's node over JSON-RPC: native and ERC-20 balances at any block that the node keeps the state of.

`open` finds out what the node is: the chain it serves, whether it honours a block's hash (one that no block has must
be an error), and which ways of the ladder it answers. `read` then asks in the best of these, and for a token's balances
a second time, otherwise.

What of an answer is checked, and what cannot be, stands in `evm.ladder`; how a batch is cut and its failures narrowed
in `evm.reader`; what is read twice in `evm.second_reading`. Nothing of one chain in particular stands here:
`evm.chains` has what differs, as data.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from scanner.chains.evm.balance_call import ADDRESS, READER, WORD
from scanner.chains.evm.facts import evm_chain
from scanner.chains.evm.node import code as evm_code
from scanner.chains.evm.node.ancestors import AncestorSource
from scanner.chains.evm.node.by_hash import asked_by_hash
from scanner.chains.evm.node.errors import NotThisWay, TooMuch, meaning
from scanner.chains.evm.node.movements import MovementSource
from scanner.chains.evm.node.owners import contract_owners
from scanner.chains.evm.node.proofs import ProofAsker
from scanner.chains.evm.node.read_strategies import (
    ByBatch,
    ByInitCode,
    ByMulticall,
    ByOverride,
    ReadStrategy,
    StrategyKind,
)
from scanner.chains.evm.node.reader import BatchReader, ChunkSizes
from scanner.chains.evm.node.refusals import REFUSALS
from scanner.chains.evm.node.second_reading import SecondReader
from scanner.chains.evm.node.transfer_logs import TransferLogs
from scanner.chains.evm.node.values import quantity, snapshot_of
from scanner.chains.evm.second_names import without_second_names
from scanner.chains.evm.state_parts import parts_asked
from scanner.chains.interface import Capabilities, ObservedLimits, ProofQuestion
from scanner.clients.observed import Observe, unobserved
from scanner.clients.transport import JsonRpc
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

_PROBE_DEPTH = 8  # blocks below the tip: known to every server behind a load balancer, pruned by none
_PROBES = 3  # in case the block that was probed at is reorganised away
_ZERO_ADDRESS = bytes(ADDRESS)


class EvmNode:
    """One node of one eip155 chain."""

    def __init__(
        self,
        settings: NodeSettings,
        rpc: JsonRpc | None = None,
        allowed: Collection[StrategyKind] = tuple(StrategyKind),
        *,
        observe: Observe = unobserved,
    ) -> None:
        """`allowed`: which ways may be used, if they work; single calls always may."""
        self.settings = settings
        self._allowed = allowed
        self._rpc = rpc or JsonRpc(settings, observe=observe)
        self._ways_of_chain = evm_chain(settings.chain)
        self._chunk_sizes: ChunkSizes = {}
        self._ways: tuple[ReadStrategy, ...] = ()
        self._proofs = ProofAsker(self._rpc)
        self._ancestors = AncestorSource(settings.chain, self._rpc, self._proofs)
        self._transfers = TransferLogs(self._rpc)
        self._movements = MovementSource(self._rpc)
        self._rows = ByBatch(self._rpc, self._ways_of_chain)
        self._second: SecondReader | None = None  # until `open`
        self._calls_refused: Gap | None = None  # why no contract can be called at all
        self._refused_at: set[tuple[str, bytes]] = set()  # blocks and contracts that were not called for decimals

    @property
    def kinds(self) -> tuple[StrategyKind, ...]:
        """The ways in which this node answers, best first; empty before `open`."""
        return tuple(way.kind for way in self._ways)

    @property
    def capabilities(self) -> Capabilities:
        """Proofs, ancestors, contracts' owners, accounts' movements, transfers, and several ways of asking."""
        return Capabilities(
            proofs=self,
            ancestors=self._ancestors,
            owners=self,
            movements=self._movements,
            transfers=self._transfers,
            limits=self,
        )

    @property
    def ways(self) -> tuple[str, ...]:
        """The same by name, for a run's log."""
        return tuple(kind.name.lower() for kind in self.kinds)

    @property
    def learnt(self) -> ObservedLimits:
        """How much this node takes, as far as it was asked: accounts a question in each way, for every asset."""
        sizes: dict[StrategyKind, int] = {}
        for (kind, _), chunk_size in self._chunk_sizes.items():
            sizes[kind] = min(chunk_size.size, sizes.get(kind, chunk_size.size))
        pace = self._rpc.pace
        return ObservedLimits(
            pace.at_once, pace.rate, tuple((kind.name.lower(), sizes[kind]) for kind in sorted(sizes))
        )

    async def open(self) -> None:
        """Connect and probe. Raises NodeError WRONG_CHAIN, UNSUPPORTED (no reading by block hash), or its kin."""
        await self._rpc.open()
        chain_id = quantity(await self._ask("eth_chainId"), "the chain id")
        if chain_id != int(self.settings.chain.reference):
            raise NodeError(
                Why.WRONG_CHAIN, f"the node serves chain id {chain_id}, not {self.settings.chain.reference}"
            )
        for attempts_left in reversed(range(_PROBES)):
            tip = quantity(await self._ask("eth_blockNumber"), "the tip's number")
            snapshot = await self.block_at(max(0, tip - _PROBE_DEPTH))
            try:
                self._calls_refused = await asked_by_hash(self._rpc, snapshot)
                self._ways = tuple([way async for way in self._working_ways(snapshot)])
                self._second = SecondReader(self._rpc, self._ways_of_chain, self.kinds)
            except NodeError as error:
                if error.why is not Why.WRONG_BLOCK or not attempts_left:
                    raise
            else:
                return

    async def block_at(self, height: int) -> Snapshot:
        """The block at `height`. Raises NodeError NOT_FINAL above the tip, MALFORMED for a block of another height."""
        block = await self._ask("eth_getBlockByNumber", hex(height), False)
        if block is None:
            raise NodeError(Why.NOT_FINAL, f"the node has no block at height {height} yet")
        snapshot = snapshot_of(block, self.settings.chain)
        if snapshot.height != height:
            raise NodeError(Why.MALFORMED, f"asked for block {height}, the node gave block {snapshot.height}")
        return snapshot

    async def oldest_height(self) -> int:
        """The lowest block that the node says it has (execution-apis: the tag `earliest`); 0 where it does not say."""
        try:
            block = await self._ask("eth_getBlockByNumber", "earliest", False)
            return 0 if block is None else snapshot_of(block, self.settings.chain).height
        except NodeError as error:
            if error.why in {Why.UNREACHABLE, Why.RATE_LIMITED, Why.UNAUTHORIZED, Why.WRONG_CHAIN}:
                raise
            return 0

    async def final_height(self) -> int:
        """The `finalized` block's height; where the chain has no such tag, the tip's less the chain's stated depth."""
        depth = self._ways_of_chain.final_depth
        if depth is not None:
            tip = quantity(await self._ask("eth_blockNumber"), "the tip's number")
            return max(0, tip - depth)
        try:
            block = await self._ask("eth_getBlockByNumber", "finalized", False)
        except NotThisWay:
            block = None
        if block is None:
            raise NodeError(Why.NOT_FINAL, "the node names no finalized block")
        return snapshot_of(block, self.settings.chain).height

    async def read(self, batch: Batch) -> Reading:
        """One outcome for each account, in order, all at the batch's snapshot. Never raises NodeError."""
        unfit = self._unfit(batch)
        if unfit is not None:
            return Reading.missing(len(batch.accounts), unfit)
        refused = (batch.snapshot.hash, batch.asset.contract) in self._refused_at if not batch.asset.native else False
        pace = self._rpc.pace
        reader = BatchReader(batch, self._ways, self._rows, self._chunk_sizes, pace.at_once, rows_refused=refused)
        reading = without_second_names(batch, await reader.read())
        if batch.asset.native or self._second is None:
            return reading
        return await self._second.confirmed(batch, reading)

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        """What the asset's contract itself says of its decimals at the snapshot, to check a claim's figure against."""
        if asset.kind != "erc20":
            return Gap(Why.UNSUPPORTED, "only a contract says how many decimals it has")
        try:
            answer = await self._rows.call(snapshot, asset.contract, evm_code.DECIMALS)
        except NodeError as error:
            if error.why in REFUSALS and not isinstance(error, TooMuch):
                self._refused_at.add((snapshot.hash, asset.contract))
            return Gap(error.why, error.detail)
        if len(answer) != WORD or int.from_bytes(answer) > 255:
            return Gap(Why.NO_TOKEN, "the contract does not say how many decimals it has")
        return int.from_bytes(answer)

    async def header(self, snapshot: Snapshot) -> bytes:
        """The block's header as `evm.stated_header` writes it. Raises NodeError."""
        return await self._proofs.header(snapshot)

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Trie nodes and contracts' code that may prove what was asked for. Raises NodeError."""
        records: list[bytes] = []
        for question in questions:
            paths, codes = parts_asked(question)
            records += await self._proofs.records(snapshot, paths, codes)
        return records

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        """The owners that the contract names at the snapshot. Raises NodeError."""
        return await contract_owners(self._rows.call, snapshot, contract)

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._rpc.close()

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.call(method, params)
        except NodeError as error:
            raise meaning(error) from None

    async def _working_ways(self, snapshot: Snapshot) -> AsyncIterator[ReadStrategy]:
        """The ways that can read two accounts at `snapshot`. One that fails is left out, but for the last."""
        candidates: tuple[ReadStrategy, ...] = (
            ByOverride(self._rpc, self._ways_of_chain),
            ByInitCode(self._rpc, self._ways_of_chain),
            ByMulticall(self._rpc, self._ways_of_chain),
        )
        for way in candidates if self._calls_refused is None else ():
            if way.kind in self._allowed and way.fits(snapshot):
                try:
                    await way.read(snapshot, None, (_ZERO_ADDRESS, READER))
                except NodeError as error:
                    if error.why in {Why.WRONG_CHAIN, Why.UNREACHABLE, Why.RATE_LIMITED}:
                        raise
                else:
                    yield way
        self._rows = await self._one_by_one(snapshot)
        self._proofs.single = self._rows.kind is StrategyKind.SINGLE
        yield self._rows

    async def _one_by_one(self, snapshot: Snapshot) -> ByBatch:
        """The way to ask for each account by itself: in batches, unless the node takes none, in whatever words."""
        rows = ByBatch(self._rpc, self._ways_of_chain, single=StrategyKind.BATCH not in self._allowed)
        try:
            await rows.read(snapshot, None, (_ZERO_ADDRESS,))
        except NodeError as error:
            if error.why not in {*REFUSALS, Why.MALFORMED}:
                raise
            rows = ByBatch(self._rpc, self._ways_of_chain, single=True)
            await rows.read(snapshot, None, (_ZERO_ADDRESS,))
        return rows

    def _unfit(self, batch: Batch) -> Gap | None:
        """Why this node cannot be asked this at all."""
        chain = self.settings.chain
        if batch.snapshot.chain != chain or batch.asset.chain != chain:
            return Gap(Why.WRONG_CHAIN, f"the node serves {chain}")
        if batch.asset.kind not in {"slip44", "erc20"}:
            return Gap(Why.UNSUPPORTED, f"assets of kind {batch.asset.kind} cannot be read")
        if not evm_code.are_addresses(batch.accounts):
            return Gap(Why.UNSUPPORTED, "an account of an EVM chain has 20 bytes")
        if not self._ways:
            return Gap(Why.UNREACHABLE, "the node was not opened")
        return None if batch.asset.native else self._calls_refused
