"""Balances proven after they were read: proofs fetched piece by piece, checked as they come, kept as one witness.

A proof hangs from the pinned block's hash, and the family's own prover walks it (`chains.state_proofs`): from the hash
to the block's state, from there to an account's balance. What is fetched means nothing here. Where the walk itself
shows what it needs next (a token's code, and each slot that it reads), the prover says what it lacks, and the same node
is asked for that, as long as something new is lacking.

More records than fit into some megabytes of memory wait in a file without a name (`witness`), however many are proven.

Nothing here judges: `weighing.proven` is given what was proven. The work is shared out among all nodes that give proofs
(`proof_sources`); those that cannot prove cost time, never a balance. What a journal has of an earlier run are records
that are walked like a node's answer and trusted no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from scanner.chains.interface import ProofQuestion
from scanner.chains.proving import hint, state_proofs
from scanner.chains.state_proofs import ProvenState, StateProofs
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.errors import InputError, NodeError
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Marks
from scanner.proofs.witness import Witness
from scanner.scanning.events import ProofMissing
from scanner.scanning.journal import Journal
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pool import as_ready
from scanner.scanning.proof_sources import ProofSource, next_source, proof_sources
from scanner.weighing.proving import Cause, WithoutProof

_PIECE: Final = 1_000  # accounts whose proofs are fetched, walked and written to the journal together
_AT_A_STRETCH: Final = 50  # of these, between which everything else has its turn: hostile code may take long for each
_PIECES_AT_ONCE: Final = 4  # for each node
_IN_MEMORY: Final = 16 * 1024**2  # bytes of a block's records, beyond which they wait in a file
_FOR_GOOD: Final = frozenset({Flaw.UNDETERMINED, Flaw.NO_BALANCE, Flaw.TOO_LARGE})  # no further record changes these
_ROUNDS: Final = 64  # of questions to one node about one piece: what a walk reads one after the other


class Prover:
    """Proves balances of one chain at one snapshot."""

    def __init__(self, group: NodeGroup, snapshot: Snapshot, journal: Journal | None) -> None:
        self._sources = proof_sources(
            [
                (operator.name, node.capabilities.proofs)
                for operator, nodes in group.nodes.items()
                for node in nodes
                if node.capabilities.proofs is not None
            ]
        )
        self._observe = group.observe
        self._causes: defaultdict[AssetId | None, set[Cause]] = defaultdict(set)  # None: of the header
        self._reported: set[tuple[str, Cause]] = set()
        self.snapshot = snapshot
        self._journal = journal
        self._gathered = Witness(spill=tempfile.TemporaryFile, in_memory=_IN_MEMORY)
        self._kept = Marks(self._gathered)  # what the journal has
        self._going_on = False  # some of it is of an earlier run
        self._walked: set[bytes] = set()  # the records that the walk under way has reached
        self._reached = Marks(self._gathered)  # the records that balances rest on
        self._prover = state_proofs(snapshot.chain)
        self._state: ProvenState | None = None

    async def open(self) -> None:
        """Find a header that hashes to the pinned hash. Without one nothing can be proven here. Raises InputError."""
        for record in [] if self._journal is None else self._journal.proofs(self.snapshot):
            self._kept.update((self._add(record),))
            self._going_on = True
        if self._prover is not None:
            self._state = await self._opened(self._prover)

    async def proven(self, asset: AssetId, accounts: Sequence[bytes]) -> AsyncIterator[tuple[int, int]]:
        """What proofs show of these accounts: position and atoms of each that is proven. Raises InputError."""
        if self._state is None:
            return
        state = self._state

        async def prove(start: int) -> list[tuple[int, int]]:
            shown = await self._piece(state, asset, accounts[start : start + _PIECE])
            return [(start + position, atoms) for position, atoms in sorted(shown.items())]

        at_once = _PIECES_AT_ONCE * max(1, len(self._sources))
        async for piece in as_ready(range(0, len(accounts), _PIECE), prove, at_once):
            for each in piece:
                yield each

    def without_proof(self, asset: AssetId) -> WithoutProof:
        """Why balances of this asset are not proven, or not all: for what causes, as nodes said or records show."""
        return WithoutProof.of(self._causes[None if self._state is None else asset])

    @property
    def witness(self) -> Witness:
        """Exactly the records that proofs rest on, whatever else nodes have sent; empty where nothing was proven."""
        return Witness.of_marked([(self._gathered, self._reached)])

    async def _opened(self, prover: StateProofs) -> ProvenState | None:
        """The state that a header leads to: one that the journal has, or the first that a node states rightly."""
        with contextlib.suppress(ProofError):
            return prover.state(self.snapshot, self._gathered, self._walked)
        for source in self._sources:
            try:
                for record in prover.header(self.snapshot, await source.node.header(self.snapshot)):
                    self._add(record)
                return prover.state(self.snapshot, self._gathered, self._walked)
            except (NodeError, ProofError) as error:
                self._causes[None].add(self._lacks(source, error))
        return None

    async def _piece(self, state: ProvenState, asset: AssetId, accounts: Sequence[bytes]) -> dict[int, int]:
        piece = _Piece(asset, accounts)
        if self._going_on:
            await self._walk(state, piece)
        untried = list(self._sources)
        while piece.left and untried:
            source = next_source(untried)
            untried.remove(source)
            await self._ask(source, state, piece)
        for source in [each for each in self._sources if piece.asked[each] != piece.left] if piece.left else []:
            await self._ask(source, state, piece)  # who is asked first must make no difference
        if piece.left:
            flaws = (await self._walk(state, piece)).flaws
            gaps = [cause for cause in piece.causes.values() if cause is not None]
            if len(gaps) < len(piece.causes):
                gaps += map(_cause, flaws)
            self._causes[asset].update(gaps)
        if piece.shown:
            self._keep(piece.reached)
            self._reached.update(piece.reached)
        return piece.shown

    async def _ask(self, source: ProofSource, state: ProvenState, piece: _Piece) -> None:
        """Ask one node for what is left of a piece, and for what that is found to rest on, and walk what came of it."""
        piece.asked[source] = list(piece.left)
        accounts = tuple(piece.accounts[position] for position in piece.left)
        question = ProofQuestion(piece.asset, accounts, hint(piece.asset))
        asked: set[bytes] = set()
        found = False
        with source.asked_for(len(accounts)):
            for _ in range(_ROUNDS):
                piece.causes[source] = await self._gather(source, question)
                walk = await self._walk(state, piece)
                found = found or bool(walk.found)
                lacking = walk.lacking - asked
                if piece.causes[source] is not None or not lacking:
                    break
                asked |= lacking
                question = ProofQuestion(piece.asset, (), None, tuple(sorted(lacking)))
        source.gave(something=found)
        if walk.flaws and piece.causes[source] is None:
            self._lacks(source, walk.flaws[0])

    async def _walk(self, state: ProvenState, piece: _Piece) -> _Walk:
        """What is shown of what was left of a piece."""
        walk = _Walk()
        for start in range(0, len(piece.left), _AT_A_STRETCH):
            _show(state, piece, piece.left[start : start + _AT_A_STRETCH], walk)
            piece.reached |= self._walked
            self._walked.clear()
            await asyncio.sleep(0)
        piece.shown |= walk.found
        piece.left = [position for position in piece.left if position not in walk.found]
        return walk

    async def _gather(self, source: ProofSource, question: ProofQuestion) -> Cause | None:
        """Take what the node gives; why it gave nothing, or None where it gave something."""
        try:
            for record in await source.node.proof_records(self.snapshot, [question]):
                self._add(record)
        except (NodeError, ProofError) as error:
            return self._lacks(source, error)
        return None

    def _lacks(self, source: ProofSource, error: NodeError | ProofError) -> Cause:
        """Why this node has not proven what it was asked for; reported once."""
        cause = _cause(error)
        if (source.operator, cause) not in self._reported:
            self._reported.add((source.operator, cause))
            self._observe(ProofMissing(self.snapshot.chain, source.operator, cause, error.detail))
        return cause

    def _keep(self, hashes: Iterable[bytes]) -> None:
        """Write down what an earlier run has not. Raises InputError."""
        if self._journal is None:
            return
        new = [each for each in sorted(hashes) if each not in self._kept]
        if new:
            self._kept.update(new)
            self._journal.keep_proofs(self.snapshot, [self._gathered.get(each) or b"" for each in new])

    def _add(self, record: bytes) -> bytes:
        """Takes a record in, and returns its hash. Raises ProofError for one that is too large, InputError."""
        try:
            return self._gathered.add(record)
        except OSError as error:
            raise InputError.at(
                "the folder for temporary files", f"cannot be written: {error.strerror or error}"
            ) from None


def _cause(error: NodeError | ProofError) -> Cause:
    return Cause.of((error.why if isinstance(error, NodeError) else error.flaw).value)


@dataclass(slots=True)
class _Piece:
    """Accounts whose proofs are fetched together, and how far that went. Positions are among these accounts."""

    asset: AssetId
    accounts: Sequence[bytes]
    left: list[int] = field(init=False)  # not proven yet
    shown: dict[int, int] = field(default_factory=dict)  # atoms, by position
    refused: dict[int, ProofError] = field(default_factory=dict)  # by the flaws that are _FOR_GOOD
    reached: set[bytes] = field(default_factory=set)  # the records on which these rest
    asked: dict[ProofSource, list[int]] = field(default_factory=dict)  # for what each node was asked last
    causes: dict[ProofSource, Cause | None] = field(default_factory=dict)  # why it gave nothing then

    def __post_init__(self) -> None:
        self.left = list(range(len(self.accounts)))


@dataclass(slots=True)
class _Walk:
    """What one walk of what is left of a piece came to."""

    found: dict[int, int] = field(default_factory=dict)  # atoms, by position
    flaws: list[ProofError] = field(default_factory=list)  # of what is not shown: the first of each kind
    lacking: set[bytes] = field(default_factory=set)  # parts of the state that could be asked for


def _show(state: ProvenState, piece: _Piece, positions: Iterable[int], walk: _Walk) -> None:
    """Adds to `walk` what is shown at these positions."""
    where = hint(piece.asset)
    for position in positions:
        refused = piece.refused.get(position)
        found = _balance(state, piece.asset, piece.accounts[position], where) if refused is None else refused
        if isinstance(found, int):
            walk.found[position] = found
            continue
        if found.flaw in _FOR_GOOD:
            piece.refused[position] = found
        walk.lacking.update(found.lacks)
        if all(found.flaw is not each.flaw for each in walk.flaws):
            walk.flaws.append(found)


def _balance(state: ProvenState, asset: AssetId, account: bytes, where: str | None) -> int | ProofError:
    try:
        return state.balance(asset, account, where)
    except ProofError as error:
        return ProofError(error.flaw, error.detail, error.lacks)  # without the frames, which hold an execution's memory
