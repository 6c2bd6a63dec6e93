"""Balances proven while they are read: proofs fetched batch by batch, checked as they come, kept as one witness.

A proof hangs from the pinned block's hash: the header hashes to it, the header names the state root, trie nodes lead
from there to the account or to the token's storage. Where a token keeps its balances is not written down anywhere, so
its layout is found by trial on balances that are believed without proof, and confirmed on several before it is used
(`proofs.slots`); a token that none fits goes without proofs, and the finding says so.

Nothing here judges: `core.quorum` is told what was proven. Nodes that cannot prove cost time, never a balance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from scanner.chains.interface import ProofQuestion, ProvingNode
from scanner.core.evidence import Balance, Batch, Outcome, Snapshot
from scanner.core.ids import AssetId
from scanner.core.policy import Dissent, Policy
from scanner.core.proving import Proving, Unproven, has_proofs
from scanner.core.quorum import Vote, settle
from scanner.errors import InputError, NodeError
from scanner.proofs.flaws import ProofError
from scanner.proofs.slots import CONFIRMING_HOLDERS, Layout, confirm, layouts
from scanner.proofs.state import ProvenState, header_of
from scanner.proofs.witness import Witness
from scanner.scanning.panel import Panel
from scanner.scanning.settled import Mark, Settled, weightier

_OBSERVED = 2 * CONFIRMING_HOLDERS  # holders that a layout is tried on


class Prover:
    """Proves balances of one chain at one snapshot."""

    def __init__(
        self,
        panel: Panel,
        snapshot: Snapshot,
        chosen: frozenset[tuple[AssetId, bytes]] | None,
        policy: Policy,
        stated: Mapping[AssetId, str],
    ) -> None:
        """`chosen` are the holdings to prove; None stands for all. `stated` names the layouts that proofs at other
        blocks rest on: a finding states one for each token, so here it is that one, confirmed again, or none."""
        # A layout is confirmed on balances that a quorum or the auditor's own node gave. Somebody who disagrees does
        # not spoil it: he would keep every token from being proven.
        self._policy, self._confirming = policy, replace(policy, dissent=Dissent.RECORD)
        self._nodes = [node for nodes in panel.nodes.values() for node in nodes if isinstance(node, ProvingNode)]
        self._snapshot = snapshot
        self._chosen = None if chosen is None else _by_asset(chosen)
        self._stated = stated
        self._gathered = Witness()
        self._walked: set[bytes] = set()  # the nodes that the walk under way has reached
        self._reached: set[bytes] = set()  # the nodes that proofs rest on
        self._header = b""  # its hash
        self._state: ProvenState | None = None
        self._trial: ProvenState | None = None  # the same, but what it walks through is not kept
        self._turns: dict[AssetId, asyncio.Event] = {}
        self._observed: dict[AssetId, dict[int, bytes]] = {}
        self._layouts: dict[AssetId, Layout] = {}
        self._unproven: dict[AssetId, Unproven] = {}

    async def open(self) -> None:
        """Find a header that hashes to the pinned hash. Without one nothing can be proven here."""
        if self._chosen is not None and not self._chosen:
            return
        for node in self._nodes:
            try:
                header = header_of(self._snapshot, await node.header_fields(self._snapshot))
            except (NodeError, ProofError):
                continue
            self._header = self._gathered.add(header.encoded)
            self._state = ProvenState(self._snapshot.chain, header, self._gathered, self._walked)
            self._trial = ProvenState(self._snapshot.chain, header, self._gathered)
            return

    def turn(self, asset: AssetId) -> Turn:
        """A place in the queue of the batches of one asset, to be taken before anything is waited for.

        Batches look for a token's layout in their order, so that which of them is read first decides nothing.
        """
        before, self._turns[asset] = self._turns.get(asset), asyncio.Event()
        return Turn(before, self._turns[asset])

    async def prove(self, batch: Batch, votes: Sequence[Vote], turn: Turn, before: Settled | None = None) -> Proven:
        """What proofs show of the batch. `before`: what it was settled as, where some of its rows are read again."""
        async with turn:
            if before is not None:
                self._go_on(batch.asset, before)
            found = await self._found_layout(batch, votes)
            observed = tuple(self._observed.get(batch.asset, {}).items())
        layout, unproven = (None, found) if isinstance(found, Unproven) else (found, None)
        proven: dict[int, int] = {}
        reached: set[bytes] = set()
        wanted = self._wanted(batch) if has_proofs(self._snapshot.chain) else []
        for node in self._nodes if self._state is not None and unproven is None else ():
            left = [position for position in wanted if position not in proven]
            if not left or self._state is None:
                break
            await self._gather(node, _questions(batch, left, layout, self._state))
            proven |= _walked(batch, left, layout, self._state)
            reached |= self._walked
            self._walked.clear()
        lacking = [position for position in wanted if position not in proven]
        unproven = (unproven or Unproven.NO_PROOFS) if self._believes(lacking, votes) else None
        records = {each: self._gathered.get(each) or b"" for each in (reached | {self._header} if proven else ())}
        mark = Mark(None if layout is None else layout.name, unproven, observed)
        self._note(batch.asset, mark, records)
        return Proven(proven, mark, records)

    async def resume(self, asset: AssetId, settled: Settled, turn: Turn) -> None:
        """Take a batch of the asset as it was settled before, when it has its turn."""
        async with turn:
            self._go_on(asset, settled)

    def _go_on(self, asset: AssetId, settled: Settled) -> None:
        """Raises InputError where proofs of two runs rest on two layouts, of which a finding could state but one."""
        mark = settled.mark
        if mark.layout is not None:
            layout = next((layout for layout in layouts() if layout.name == mark.layout), None)
            if layout is None or self._layouts.setdefault(asset, layout) != layout:
                what = f"an earlier run proved balances by {mark.layout!a}, which this one cannot go on with"
                raise InputError.at(str(asset), f"{what}; remove the scan's journal and begin anew")
        self._observed[asset] = dict(mark.observed)
        for record in settled.records.values():
            self._gathered.add(record)
        self._note(asset, mark, settled.records)

    @property
    def witness(self) -> Witness:
        """Exactly the records that proofs rest on, whatever else nodes have sent; empty where nothing was proven."""
        kept = Witness()
        kept.adopt(self._gathered, self._reached)
        return kept

    @property
    def proving(self) -> Proving:
        """What the proofs rest on, and why assets went without."""
        return Proving({asset: layout.name for asset, layout in self._layouts.items()}, dict(self._unproven))

    def _wanted(self, batch: Batch) -> list[int]:
        if self._chosen is None:
            return list(range(len(batch.accounts)))
        chosen = self._chosen.get(batch.asset, set())
        return [position for position, account in enumerate(batch.accounts) if account in chosen] if chosen else []

    def _believes(self, positions: Sequence[int], votes: Sequence[Vote]) -> bool:
        """Whether any of these is believed without a proof. What is a gap may yet be proven, when it is asked again."""
        if not positions or not votes:
            return False
        outcomes = settle(votes, len(votes[0].reading), self._policy)
        return any(isinstance(outcomes[position], Balance) for position in positions)

    def _note(self, asset: AssetId, mark: Mark, records: Collection[bytes]) -> None:
        self._reached |= set(records)
        unproven = weightier(mark.unproven, self._unproven.get(asset))
        if unproven is not None:
            self._unproven[asset] = unproven

    async def _found_layout(self, batch: Batch, votes: Sequence[Vote]) -> Layout | Unproven | None:
        """The token's layout: known from an earlier batch, or found on the largest balances read so far; else why the
        batch goes without one. None where none is needed, or none can be tried."""
        if batch.asset.native or self._trial is None:
            return None
        if batch.asset not in self._layouts:
            outcomes = settle(votes, len(batch.accounts), self._confirming)
            observed = _observations(batch, outcomes, self._observed.setdefault(batch.asset, {}))
            if not self._wanted(batch):
                return None
            stated = self._stated.get(batch.asset)
            candidates = [layout for layout in layouts() if stated in (None, layout.name)]
            found = await self._search(batch.asset.contract, observed, candidates, self._trial)
            if isinstance(found, Unproven):
                return found
            self._layouts[batch.asset] = found
        return self._layouts[batch.asset]

    async def _search(
        self,
        contract: bytes,
        observed: Sequence[tuple[bytes, int]],
        candidates: Iterable[Layout],
        state: ProvenState,
    ) -> Layout | Unproven:
        """The one layout among `candidates` that gives all these holders' balances."""
        if len(observed) < CONFIRMING_HOLDERS:
            return Unproven.TOO_FEW
        words: dict[Layout, list[tuple[int, int]]] = {layout: [] for layout in candidates}
        unseen = False  # some candidate could not be tried
        for holder, atoms in observed:
            if not words:
                break
            shown: dict[Layout, int] = {}
            slots = dict.fromkeys(state.slot_name(layout.key(holder)) for layout in words)
            for node in self._nodes:
                await self._gather(node, [(contract, tuple(slots))])
                shown = _words(contract, holder, words, state)
                if len(shown) == len(words):
                    break
            unseen = unseen or len(shown) < len(words)
            fitting = [layout for layout, word in shown.items() if layout.balance(word) == atoms]
            words = {layout: [*words[layout], (shown[layout], atoms)] for layout in fitting}
        for layout, seen in words.items():
            if confirm(layout, seen):
                return layout
        return Unproven.NO_PROOFS if unseen else Unproven.NO_LAYOUT

    async def _gather(self, node: ProvingNode, questions: Sequence[ProofQuestion]) -> None:
        try:
            for record in await node.proof_nodes(self._snapshot, questions):
                self._gathered.add(record)
        except (NodeError, ProofError):
            return


@dataclass(frozen=True, slots=True)
class Proven:
    """What proofs show of one batch."""

    atoms: Mapping[int, int]  # by position in the batch; positions without a proof are left out
    mark: Mark
    records: Mapping[bytes, bytes]  # of the witness, by hash: all that these proofs rest on


class Turn:
    """A place in a queue: `async with` waits for the one before, and lets the one after go on, whatever happened."""

    def __init__(self, before: asyncio.Event | None, done: asyncio.Event) -> None:
        self._before = before
        self._done = done

    async def __aenter__(self) -> None:
        if self._before is not None:
            await self._before.wait()

    async def __aexit__(self, *_: object) -> None:
        self._done.set()


def _by_asset(chosen: Iterable[tuple[AssetId, bytes]]) -> dict[AssetId, set[bytes]]:
    accounts: dict[AssetId, set[bytes]] = {}
    for asset, account in chosen:
        accounts.setdefault(asset, set()).add(account)
    return accounts


def _questions(
    batch: Batch, positions: Sequence[int], layout: Layout | None, state: ProvenState
) -> list[ProofQuestion]:
    accounts = [batch.accounts[position] for position in positions]
    if layout is None:
        return [(account, ()) for account in accounts]
    return [(batch.asset.contract, tuple(state.slot_name(layout.key(account)) for account in accounts))]


def _walked(batch: Batch, positions: Iterable[int], layout: Layout | None, state: ProvenState) -> dict[int, int]:
    shown = {}
    for position in positions:
        try:
            shown[position] = state.balance(batch.asset, batch.accounts[position], layout)
        except ProofError:
            continue
    return shown


def _words(contract: bytes, holder: bytes, candidates: Iterable[Layout], state: ProvenState) -> dict[Layout, int]:
    """The storage words that are shown where these layouts would keep the holder's balance."""
    shown = {}
    for layout in candidates:
        try:
            shown[layout] = state.word(contract, layout.key(holder))
        except ProofError:
            continue
    return shown


def _observations(batch: Batch, outcomes: Sequence[Outcome], known: dict[int, bytes]) -> list[tuple[bytes, int]]:
    """Holders with the largest balances that are believed without a proof, no two alike, those of earlier batches
    among them: `known` keeps them from batch to batch."""
    for account, outcome in zip(batch.accounts, outcomes, strict=True):
        if isinstance(outcome, Balance) and outcome.atoms > 0:
            known.setdefault(outcome.atoms, account)
    largest = nlargest(_OBSERVED, known)
    for atoms in known.keys() - set(largest):
        del known[atoms]
    return [(known[atoms], atoms) for atoms in largest]
