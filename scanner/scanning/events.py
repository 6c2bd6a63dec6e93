"""What a run tells while it goes on. Values only: showing them is the command line's part, or an embedder's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scanner.chains.boundary import Bug
from scanner.chains.interface import ObservedLimits
from scanner.core.control import Control
from scanner.core.evidence import Gap, Snapshot
from scanner.core.ids import Chain
from scanner.weighing.proving import Cause


@dataclass(frozen=True, slots=True)
class NodeOpened:
    """A node answered, serves its chain, and can be asked; in which ways, where there are several: best first."""

    chain: Chain
    operator: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeRefused:
    """A node will not be asked in this run, and why."""

    chain: Chain
    operator: str
    gap: Gap


@dataclass(frozen=True, slots=True)
class NodeMetBug:
    """An answer of a node met a bug of this program. The answer is a gap, and the run goes on."""

    chain: Chain
    operator: str
    bug: Bug


@dataclass(frozen=True, slots=True)
class OperatorOutpaced:
    """An operator had not answered when enough others had, and the time to wait for it was used up."""

    chain: Chain
    operator: str


@dataclass(frozen=True, slots=True)
class ProofMissing:
    """An operator's node has not proven what it was asked to prove, and why: reported once for each cause."""

    chain: Chain
    operator: str
    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class AnchorExtended:
    """An anchor leads down from a later block than before, on its way to the one that was asked for."""

    block: Snapshot
    target: int  # its height


@dataclass(frozen=True, slots=True)
class LimitsObserved:
    """How much a node takes, as its answers have shown: reported when it has changed much, and at the end."""

    chain: Chain
    operator: str
    number: int  # which of the operator's open nodes for the chain, counted from 1
    learnt: ObservedLimits


@dataclass(frozen=True, slots=True)
class ChainPinned:
    """The block at which everything on this chain is read."""

    snapshot: Snapshot
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainLost:
    """Nothing of this chain can be established in this run, and why."""

    chain: Chain
    gap: Gap
    holdings: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of one chain has come."""

    chain: Chain
    done: int  # holdings
    total: int
    gaps: int
    kept: int = 0  # of those done, how many a run before this one had settled


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """How far a node says it is with the work it was asked for."""

    chain: Chain
    operator: str
    percent: int


@dataclass(frozen=True, slots=True)
class MovementJudged:
    """An account that was instructed to move an amount, and what the chain shows of it."""

    chain: Chain
    account: bytes
    transaction: str
    control: Control
    reason: str  # why it is not shown; empty if it is


@dataclass(frozen=True, slots=True)
class ProofsChecked:
    """How far the checking of published proofs of control has come. Holdings that share one proof count once."""

    done: int  # proofs
    total: int
    seconds: float  # since it began

    @property
    def per_second(self) -> int:
        return round(self.done / self.seconds) if self.seconds > 0 else 0


@dataclass(frozen=True, slots=True)
class JournalFound:
    """A run goes on where an earlier one stopped."""

    path: str
    batches: int  # that were settled before


@dataclass(frozen=True, slots=True)
class JournalCut:
    """The journal, or its end, is not used, and why: what stood there is read from the nodes again."""

    path: str
    size: int  # bytes
    why: str


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A series reads at its next moment."""

    number: int  # counted from 1
    of: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class ClusterJoined:
    """The nodes of this run are asked by the workers of a cluster."""

    address: str  # the scheduler's
    workers: int


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker is gone. What it was asked, another one is asked."""

    address: str


@dataclass(frozen=True, slots=True)
class WorkerDistrusted:
    """A worker did not answer, or its answer was none. Nothing more is asked of it in this run."""

    address: str
    what: str


Event = (
    ClusterJoined
    | WorkerLost
    | WorkerDistrusted
    | JournalFound
    | JournalCut
    | NodeOpened
    | NodeRefused
    | NodeMetBug
    | OperatorOutpaced
    | ProofMissing
    | AnchorExtended
    | LimitsObserved
    | ChainPinned
    | ChainLost
    | Progress
    | NodeProgress
    | MovementJudged
    | ProofsChecked
    | SeriesPoint
)
Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The observer of a run that is not watched."""
