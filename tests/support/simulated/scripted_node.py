"""A node whose every answer the test writes down: for testing how a run treats nodes, without any network.

It is a backend like any other (`scanner.chains.interface.Node`), handed to a run as its `connect`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scanner.chains.evm.state_parts import ProofPath, parts_asked
from scanner.chains.evm.stated_header import stated_header
from scanner.chains.interface import Capabilities, ProofQuestion
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support.simulated.built_state import BuiltState

GENESIS_TIME = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class ScriptedChain:
    """What a scripted node believes its chain to be. Change anything at any time: the next answer follows it."""

    chain: Chain
    height: int = 100
    balances: dict[tuple[AssetId, bytes], int | Gap] = field(default_factory=dict)  # everything else is empty
    fork: str = "a"  # blocks of another fork have other hashes
    times: Mapping[int, datetime] = field(default_factory=dict)  # where they differ from a block a minute
    decimals: dict[AssetId, int] = field(default_factory=dict)  # where a contract says
    refuses: NodeError | None = None  # raised when the node is opened
    lowest: int = field(default=0, kw_only=True)  # below which the node has let go of blocks
    oldest: int = field(default=0, kw_only=True)  # which it says is its oldest block
    final_depth: int = 0
    on_read: Callable[[Batch], object] = id

    def block(self, height: int) -> Snapshot:
        time = self.times.get(height, GENESIS_TIME + timedelta(minutes=height))
        return Snapshot(self.chain, height, self._hash(height), self._hash(height - 1), time)

    def _hash(self, height: int) -> str:
        return f"0x{self.fork.encode().hex():0>32}{max(height, 0):032x}"


class ScriptedNode:
    """A Node over a ScriptedChain. Counts its closings, so that a test can see that none is left open."""

    def __init__(self, settings: NodeSettings, script: ScriptedChain) -> None:
        self.settings = settings
        self.script = script
        self.open_connections = 0
        self.blocks_asked = 0

    async def open(self) -> None:
        self.open_connections += 1
        if self.script.refuses is not None:
            raise self.script.refuses

    async def block_at(self, height: int) -> Snapshot:
        self.blocks_asked += 1
        if height > self.script.height:
            raise NodeError(Why.NOT_FINAL, f"the node's highest block is {self.script.height}")
        if height < self.script.lowest:
            raise NodeError(Why.REFUSED, "pruned history unavailable")
        return self.script.block(height)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities()

    async def oldest_height(self) -> int:
        return self.script.oldest

    async def final_height(self) -> int:
        return self.script.height - self.script.final_depth

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002
        return self.script.decimals.get(asset, Gap(Why.UNSUPPORTED, "the contract does not say"))

    async def read(self, batch: Batch) -> Reading:
        self.script.on_read(batch)
        if batch.snapshot.hash != self.script.block(batch.snapshot.height).hash:
            return Reading.missing(len(batch.accounts), Gap(Why.WRONG_BLOCK, "no such block"))
        return Reading.of(self.script.balances.get((batch.asset, account), 0) for account in batch.accounts)

    async def close(self) -> None:
        self.open_connections = 0


@dataclass
class ProvingChain(ScriptedChain):
    """A ScriptedChain one block of which has a state that can be proven. To lie, change what `spoils` do."""

    state: BuiltState = field(kw_only=True)
    spoil_header: Callable[[dict[str, str]], Mapping[str, object]] = field(default=dict, kw_only=True)
    spoil_nodes: Callable[[list[bytes]], list[bytes]] = field(default=list, kw_only=True)
    asked: list[ProofPath] = field(default_factory=list, kw_only=True)

    def block(self, height: int) -> Snapshot:
        if height == self.state.height and self.fork == "a":
            return self.state.snapshot
        return super().block(height)


class ProvingScriptedNode(ScriptedNode):
    """A node that serves proofs over a ProvingChain."""

    script: ProvingChain

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(proofs=self)

    async def header(self, snapshot: Snapshot) -> bytes:  # noqa: ARG002
        return stated_header(self.script.spoil_header(self.script.state.fields))

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:  # noqa: ARG002
        state = self.script.state
        nodes: list[bytes] = []
        for question in questions:
            paths, codes = parts_asked(question)
            self.script.asked += paths
            for address, slots in paths:
                nodes += state.account_proof(address)
                nodes += [node for slot in slots for node in state.storage_proof(address, slot)]
            nodes += [state.codes[address] for address in codes if address in state.codes]
        return self.script.spoil_nodes(nodes)


@dataclass
class Nodes:
    """The nodes of a test by their operator's name; `connect` is what a run wants."""

    scripts: dict[str, ScriptedChain] = field(default_factory=dict)  # by URL
    made: list[ScriptedNode] = field(default_factory=list)
    settings: list[NodeSettings] = field(default_factory=list)

    def add(self, script: ScriptedChain, operator: str, *, own: bool = False) -> ScriptedChain:
        url = f"scripted://{len(self.scripts)}"
        self.scripts[url] = script
        self.settings.append(NodeSettings("scripted", url, operator, script.chain, own))
        return script

    def connect(self, settings: NodeSettings) -> ScriptedNode:
        script = self.scripts[settings.url]
        kind = ProvingScriptedNode if isinstance(script, ProvingChain) else ScriptedNode
        self.made.append(kind(settings, script))
        return self.made[-1]
