"""The boundary between nodes and a run: whatever a node makes a backend do, comes out as that node's failure.

Backends read what strangers write, and raise NodeError for what they cannot use. Where one of them raises something
else, that is a bug of this program, met in one node's answer: it costs this node's word, never the run. It becomes
`MALFORMED` with the kind of exception and the place, and is reported as a bug; its text is not, since it may quote what
the node sent. Cancelling passes, and so do errors of our own inputs (a cluster that is lost, say). A reason that no
node can have, given by a worker or by a backend of somebody else's, is MALFORMED too: it would speak for the claim, for
other operators or for the policy.

Not in here: what a node's failure amounts to (`weighing.quorum`), and which other node is asked (`scanning.failover`).
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from scanner.chains.interface import (
    Capabilities,
    ListsTransfers,
    NamesOwners,
    NamesWithdrawals,
    Node,
    ProofQuestion,
    ReadsNow,
    ReportsProgress,
    ServesAncestors,
    ServesFinality,
    ServesMovements,
    ServesPast,
    ServesProofs,
)
from scanner.chains.node_reasons import no_reason, with_reasons_of_a_node
from scanner.chains.proving import has_proofs
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.transfers import Transfer
from scanner.errors import OF_A_NODE, NodeError, ScannerError, Why

P = ParamSpec("P")
T = TypeVar("T")

_PACKAGE: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Bug:
    """A fault of this program that a node's answer has met."""

    kind: str  # of the exception
    place: str  # where it was raised, or where this package called what raised it: a file, a line and a function

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}"


Report = Callable[[Bug], object]


class UnexpectedAnswer(NodeError):
    """A node's answer that this program does not know how to refuse. `bug` is what it met there."""

    def __init__(self, bug: Bug) -> None:
        super().__init__(Why.MALFORMED, f"the answer met a bug of this program: {bug}")
        self.bug = bug


def guarded(node: Node, report: Report) -> Node:
    """`node`, with all that it can do (`Capabilities`), behind the boundary. `report` is called with each bug.

    Its methods raise what `Node` and its kin say: NodeError, errors of our inputs, and CancelledError.
    """
    return _Guarded(node, _Boundary(report))


class _Boundary:
    """Passes questions on to a node, and lets out only what a node may answer and raise."""

    def __init__(self, report: Report) -> None:
        self._report = report

    async def ask(self, question: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs) -> T:
        """What the node answers. Raises NodeError, and errors of our inputs."""
        try:
            answer: T = with_reasons_of_a_node(await question(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - which is what a boundary is for
            failure = _failure(error)
            if isinstance(failure, UnexpectedAnswer):
                self._report(failure.bug)
            raise failure from None
        return answer


class _Guarded:
    """A node behind the boundary."""

    def __init__(self, node: Node, boundary: _Boundary) -> None:
        self.settings = node.settings
        self._node = node
        self._ask = boundary.ask
        can = node.capabilities
        self.capabilities = Capabilities(
            now=can.now and _GuardedNow(can.now, boundary),
            proofs=can.proofs and _GuardedProofs(can.proofs, boundary),
            ancestors=can.ancestors and _GuardedAncestors(can.ancestors, boundary),
            finality=can.finality and _GuardedFinality(can.finality, boundary),
            past=can.past and _GuardedPast(can.past, boundary),
            owners=can.owners and _GuardedOwners(can.owners, boundary),
            movements=can.movements and _GuardedMovements(can.movements, boundary),
            withdrawals=can.withdrawals and _GuardedWithdrawals(can.withdrawals, boundary),
            transfers=can.transfers and _GuardedTransfers(can.transfers, boundary),
            progress=can.progress and _GuardedProgress(can.progress, boundary),
            limits=can.limits,
        )

    async def open(self) -> None:
        await self._ask(self._node.open)

    async def block_at(self, height: int) -> Snapshot:
        return await self._ask(self._node.block_at, height)

    async def oldest_height(self) -> int:
        return await self._ask(self._node.oldest_height)

    async def final_height(self) -> int:
        return await self._ask(self._node.final_height)

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        try:
            return await self._ask(self._node.decimals, asset, snapshot)
        except NodeError as error:
            return Gap(error.why, error.detail)

    async def read(self, batch: Batch) -> Reading:
        try:
            return _exact(await self._ask(self._node.read, batch), batch.snapshot.chain)
        except NodeError as error:
            return Reading.missing(len(batch.accounts), Gap(error.why, error.detail))

    async def close(self) -> None:
        with contextlib.suppress(NodeError):
            await self._ask(self._node.close)


class _GuardedNow:
    def __init__(self, now: ReadsNow, boundary: _Boundary) -> None:
        self._now = now
        self._ask = boundary.ask

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        snapshot, reading = await self._ask(self._now.read_now, asset, accounts)
        return snapshot, _exact(reading, asset.chain)


class _GuardedProofs:
    def __init__(self, proofs: ServesProofs, boundary: _Boundary) -> None:
        self._proofs = proofs
        self._ask = boundary.ask

    async def header(self, snapshot: Snapshot) -> bytes:
        return await self._ask(self._proofs.header, snapshot)

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        return await self._ask(self._proofs.proof_records, snapshot, questions)


class _GuardedAncestors:
    def __init__(self, ancestors: ServesAncestors, boundary: _Boundary) -> None:
        self._ancestors = ancestors
        self._ask = boundary.ask

    async def block_named(self, name: str) -> Snapshot:
        return await self._ask(self._ancestors.block_named, name)

    async def block_records(self, block: Snapshot) -> list[bytes]:
        return await self._ask(self._ancestors.block_records, block)

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        return await self._ask(self._ancestors.link_records, newer, older)


class _GuardedFinality:
    def __init__(self, finality: ServesFinality, boundary: _Boundary) -> None:
        self._finality = finality
        self._ask = boundary.ask

    async def finality_records(self, checkpoint: str) -> list[bytes]:
        return await self._ask(self._finality.finality_records, checkpoint)


class _GuardedPast:
    def __init__(self, past: ServesPast, boundary: _Boundary) -> None:
        self._past = past
        self._ask = boundary.ask

    async def reaches(self, newer: Snapshot, older: Snapshot) -> None:
        await self._ask(self._past.reaches, newer, older)

    async def past_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        return await self._ask(self._past.past_records, newer, older)


class _GuardedOwners:
    def __init__(self, owners: NamesOwners, boundary: _Boundary) -> None:
        self._owners = owners
        self._ask = boundary.ask

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        return await self._ask(self._owners.contract_owners, snapshot, contract)


class _GuardedMovements:
    def __init__(self, movements: ServesMovements, boundary: _Boundary) -> None:
        self._movements = movements
        self._ask = boundary.ask

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        return await self._ask(self._movements.movement_record, block, transaction)


class _GuardedWithdrawals:
    def __init__(self, withdrawals: NamesWithdrawals, boundary: _Boundary) -> None:
        self._withdrawals = withdrawals
        self._ask = boundary.ask

    async def withdrawal_addresses(self, batch: Batch) -> list[bytes | Gap]:
        try:
            return await self._ask(self._withdrawals.withdrawal_addresses, batch)
        except NodeError as error:
            return [Gap(error.why, error.detail)] * len(batch.accounts)


class _GuardedTransfers:
    def __init__(self, transfers: ListsTransfers, boundary: _Boundary) -> None:
        self._transfers = transfers
        self._ask = boundary.ask

    async def transfers(self, asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> tuple[Transfer, ...]:
        return await self._ask(self._transfers.transfers, asset, accounts, first, last)


class _GuardedProgress:
    def __init__(self, progress: ReportsProgress, boundary: _Boundary) -> None:
        self._progress = progress
        self._ask = boundary.ask

    async def progress(self) -> int | None:
        return await self._ask(self._progress.progress)


def _failure(error: Exception) -> Exception:
    """What `error` is to who asked the node: an error of ours, from within groups too, or an UnexpectedAnswer."""
    if isinstance(error, NodeError):
        return error if error.why in OF_A_NODE else NodeError(Why.MALFORMED, no_reason(error.why))
    if isinstance(error, ScannerError):
        return error
    if isinstance(error, ExceptionGroup):
        failures = [_failure(each) for each in error.exceptions]
        return _first(failures, lambda each: not isinstance(each, NodeError)) or (
            _first(failures, lambda each: isinstance(each, UnexpectedAnswer)) or failures[0]
        )
    return UnexpectedAnswer(Bug(type(error).__name__, _place(error)))


def _exact(reading: Reading, chain: Chain) -> Reading:
    """A reading without lower bounds where the chain's state can be proven: a sample is drawn there by what was read,
    and drawn again by what evidence has of it, which is not all that was said where only a bound is believed."""
    if not reading.bounds or not has_proofs(chain):
        return reading
    gap = Gap(Why.MALFORMED, "a lower bound, where a node can tell the balance itself")
    return Reading(reading.column, {**reading.gaps, **dict.fromkeys(reading.bounds, gap)})


def _first(failures: list[Exception], which: Callable[[Exception], bool]) -> Exception | None:
    return next(filter(which, failures), None)


def _place(error: BaseException) -> str:
    """The innermost frame of this package, else the innermost of all."""
    place = "an unknown place"
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        with contextlib.suppress(ValueError):
            place = f"{path.relative_to(_PACKAGE).as_posix()}:{frame.lineno} in {frame.name}"
    return place
