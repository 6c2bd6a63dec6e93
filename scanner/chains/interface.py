"""What every backend is: one node of one chain, which can be asked for blocks and for balances at a block.

A backend file turns a node's answers into Readings and checks that each answer belongs to the chain and the block that
were asked for. It decides nothing: which node is believed is `weighing.quorum`'s matter, when to ask is `scan`'s.

What only some nodes can do stands in `Capabilities`, which each node names: nothing is looked for by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.transfers import Transfer


class Node(Protocol):
    """A node. `open` must have succeeded before anything else is called; after a failure, only `close` may be.

    Every method but `decimals`, `read` and `close` raises NodeError. No method waits longer than its timeouts allow.
    """

    settings: NodeSettings

    @property
    def capabilities(self) -> Capabilities:
        """What this node can do beyond this, known before it is opened."""

    async def open(self) -> None:
        """Connect, check that the node serves the chain it is configured for, and learn what it can do.

        Raises NodeError WRONG_CHAIN for a node of another chain, UNSUPPORTED for one that cannot read past blocks by
        hash, UNREACHABLE and its kin for one that does not answer.
        """

    async def block_at(self, height: int) -> Snapshot:
        """The block at this height of the node's best chain. Raises NodeError NOT_FINAL above the node's tip.

        Where a chain may leave a height without a block (a beacon chain's missed slots), the newest one below it, under
        its own height.
        """

    async def oldest_height(self) -> int:
        """The height of the oldest block that the node may be asked for: 0 where it has, or may have, the whole chain.

        A chain that is joined from another one, and a node that lets go of old blocks, begin later.
        """

    async def final_height(self) -> int:
        """The height of the newest block that may be used as a snapshot, because it will not be replaced."""

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        """How many decimals the asset's own contract says it has; a Gap where it has none, or does not say."""

    async def read(self, batch: Batch) -> Reading:
        """One outcome for each of the batch's accounts, in order, all at the batch's snapshot.

        Never raises NodeError: what goes wrong for the whole batch is the same Gap at every position.
        """

    async def close(self) -> None:
        """Let go of connections. May be called twice."""


class ReportsProgress(Protocol):
    """Of a node that says how far it is with a reading that takes minutes."""

    async def progress(self) -> int | None:
        """Percent of the work under way; None where there is none. Raises NodeError."""


@dataclass(frozen=True, slots=True)
class ObservedLimits:
    """How much a node takes, as it has shown so far."""

    at_once: int  # requests
    rate: float | None  # calls a second; None: as fast as it answers
    accounts: tuple[tuple[str, int], ...]  # in one question, by the way of asking


class ReportsLimits(Protocol):
    """Of a node that may be asked in several ways, and learns in a run how much the node takes."""

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways in which the node answers, best first, as probed when it was opened."""

    @property
    def learnt(self) -> ObservedLimits:
        """How much the node takes, so far."""


@dataclass(frozen=True, slots=True)
class ProofQuestion:
    """What is to be proven at a block: the balances of an asset's accounts, and parts of the state besides."""

    asset: AssetId
    accounts: tuple[bytes, ...]
    hint: str | None = None  # where the family's prover has the asset's balances; None where it has no word for it
    parts: tuple[bytes, ...] = ()  # in the prover's words (`ProofError.lacks`)


class ServesProofs(Protocol):
    """Of a node that hands out what state proofs are made of: for its family's prover to hash and to walk, and not to
    be believed (`state_proofs`). Both methods raise NodeError."""

    async def header(self, snapshot: Snapshot) -> bytes:
        """The block's header as the node states it, in a form that the family's prover reads."""

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Records, in no order, that may prove what was asked for."""


class ServesAncestors(Protocol):
    """Of a node that hands out what shows a block to be an ancestor of another: for its family's prover to hash and to
    walk, and not to be believed (`ancestry`). All methods raise NodeError."""

    async def block_named(self, name: str) -> Snapshot:
        """The block with this hash, of the node's best chain."""

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """Records that hash to the block."""

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """Records, in no order, that may lead from the newer block to the older one, but for the older one's own."""


class ServesFinality(Protocol):
    """Of a node that hands out what leads from one block to a later one that is final, by the chain's consensus: not to
    be believed either (`ancestry.FinalityProver`)."""

    async def finality_records(self, checkpoint: str) -> list[bytes]:
        """Records, in order, from the block with this hash to the newest that is final. Raises NodeError."""


class ServesPast(Protocol):
    """Of a node of the chain that decides what is final on another: it hands out what leads from a block of that other
    one down to an older one by what the deciding chain's state keeps of its past. Not to be believed either: the other
    family's prover walks it (`ancestry.AncestryProver`). Both methods raise NodeError."""

    async def reaches(self, newer: Snapshot, older: Snapshot) -> None:
        """That it may lead from the newer block to the older one, found out with few requests."""

    async def past_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """Records, in no order, that may lead from the newer block to the older one, but for those of both blocks."""


class NamesOwners(Protocol):
    """Of a node of a chain whose accounts may be contracts that name their owners."""

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        """The owners that the contract with this account key names at the snapshot. Raises NodeError.

        An account without code, and a contract that names none, is an answer: owners of nothing.
        """


class ServesMovements(Protocol):
    """Of a node that hands out what shows a transaction in its block: for its family's prover to walk, and not to be
    believed (`movement`)."""

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        """A record that may lead from the block's hash to this transaction, and show who made it. Raises NodeError."""


class NamesWithdrawals(Protocol):
    """Of a node of a chain whose accounts are validators that pay out to accounts of another chain."""

    async def withdrawal_addresses(self, batch: Batch) -> list[bytes | Gap]:
        """The account that each of the batch's validators pays out to, in order; a Gap where it has none.

        Never raises NodeError. Not a proof of control: `chains.beacon.withdrawal` says what it shows.
        """


class ListsTransfers(Protocol):
    """Of a node that lists what went to accounts, and from them."""

    async def transfers(self, asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> tuple[Transfer, ...]:
        """All transfers of the asset in the blocks from height `first` to `last` that go to one of these accounts or
        come from one, sorted, each once; those of nothing are left out. Raises NodeError, also where there are more
        than `core.transfers.MOST_TRANSFERS`."""


class ReadsNow(Protocol):
    """Of a node of a chain that can be read only as it is now (`family.History.TIP`)."""

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        """One outcome for each account, in order, and the block that the answer itself names, at which all of them
        hold. The block will not be replaced, and is the same value from every node that answers at it. Raises
        NodeError, also where the answer names no block, or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a node can do beyond being one: which object to ask for it, mostly the node itself; None where it cannot."""

    now: ReadsNow | None = None
    proofs: ServesProofs | None = None
    ancestors: ServesAncestors | None = None
    finality: ServesFinality | None = None
    past: ServesPast | None = None
    owners: NamesOwners | None = None
    movements: ServesMovements | None = None
    withdrawals: NamesWithdrawals | None = None
    transfers: ListsTransfers | None = None
    progress: ReportsProgress | None = None
    limits: ReportsLimits | None = None
